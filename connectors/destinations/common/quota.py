"""How much of the vendor's limit may be spent: a share of it is left to others."""

from connectors.destinations.common.crm import Quota


def over_quota(quota: Quota | None, cost: int, share: float) -> str:
    """Return why something that costs so much is not sent; empty if it may be.

    Parameters
    ----------
    quota : Quota or None
        As the vendor told it last; what is not told limits nothing.
    cost : int
        In the vendor's units.
    share : float
        Part of the limit that is the copilot's to spend (``publish.quota_share``), 0 to 1.
    """
    if quota is None or quota.limit is None or quota.remaining is None:
        return ""
    left_to_others = quota.limit * (1 - share)
    if quota.remaining - cost >= left_to_others:
        return ""
    return (
        f"{quota.remaining} of {quota.limit} {quota.unit} a {quota.period} are left, and"
        f" {left_to_others:.0f} are kept for others (publish.quota_share): the rest goes with"
        " the next run after the limit renews."
    )
