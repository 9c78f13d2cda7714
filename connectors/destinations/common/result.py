"""What became of a publish, counted and in words."""

from collections import Counter
from dataclasses import dataclass, field

from connectors.destinations.common.planned import counted


@dataclass
class PublishResult:
    """The outcome of each row of a publish, counted.

    Parameters
    ----------
    counts : Counter
        Rows by state.
    write_calls : int
        Writes that were answered.
    reconciled : int
        Rows of interrupted runs that were settled first.
    fields_made : tuple of str
        Fields that had to be made.
    edits_kept, edits_overwritten : int
        Fields that people had edited.
    parked : int
        Rows that are not sent any more; they are among the deferred.
    units, set_up_units, retries : int
        What was spent in the vendor's units since the CRM was opened, without the set-up; by the
        set-up; and tries after the first.
    ended : str
        Why it ended early without anybody's fault; empty if it did not.
    """

    counts: Counter[str] = field(default_factory=Counter)
    write_calls: int = 0
    reconciled: int = 0
    fields_made: tuple[str, ...] = ()
    edits_kept: int = 0
    edits_overwritten: int = 0
    parked: int = 0
    units: int = 0
    set_up_units: int = 0
    retries: int = 0
    unit: str = "calls"
    ended: str = ""

    @property
    def applied(self) -> int:
        """Rows that the CRM took and that were read back."""
        return self.counts["applied"]

    @property
    def unchanged(self) -> int:
        """Rows that were there already."""
        return self.counts["unchanged"]

    @property
    def rejected(self) -> int:
        """Rows that could not be sent, or that the CRM refused."""
        return self.counts["rejected"]

    @property
    def failed(self) -> int:
        """Rows that somebody has to look at: refused, or of which nothing is known."""
        return self.rejected + self.counts["unknown"]

    def sentence(self) -> str:
        """Return the counts in words."""
        waiting = self.counts["deferred"] - self.parked
        said = [
            (self.rejected, "rejected"),
            (waiting, "left to the next run"),
            (self.parked, "parked"),
            (self.edits_kept, "edits of people kept"),
            (self.edits_overwritten, "edits of people overwritten"),
            (self.reconciled, "of an interrupted run read back"),
            (len(self.fields_made), "fields made"),
        ]
        parts = [
            f"{self.applied} accounts updated in {self.write_calls} write(s)",
            f"{self.unchanged} unchanged",
            *(f"{count} {what}" for count, what in said if count),
            f"{counted(self.units, self.unit)} spent"
            + (f" and {self.retries} retries" * bool(self.retries)),
        ]
        return ", ".join(parts) + "." + (f" {self.ended}" if self.ended else "")
