"""Persons: product users, who are also the CRM's contacts and the desk's requesters."""

from dataclasses import dataclass

import numpy as np

from connectors.sources.sample_company.simulation.contracts import Contracts
from connectors.sources.sample_company.simulation.names import mailbox, people
from connectors.sources.sample_company.simulation.timeline import Array
from connectors.sources.sample_company.simulation.world import World

FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com")
AT_LEAST = 4


@dataclass
class People:
    """Everybody, account by account; arrays of shape (people,).

    Attributes
    ----------
    account, slot : whose number `slot` person of which account this is; the first champion is 0
    offset : shape (accounts + 1,), where each account's people begin
    """

    account: Array
    slot: Array
    offset: Array
    first: Array
    last: Array
    email: list[str]

    def product_id(self, person: int) -> str:
        """Return the person's id in the product, Mixpanel's distinct_id."""
        return f"usr_{person:08d}"


def make_people(world: World, contracts: Contracts, seed: int) -> People:
    """Draw as many persons as an account ever had seats, but at least four."""
    rng = np.random.default_rng([seed, 4])
    size = np.maximum(contracts.seats.max(axis=0).astype(np.int64), AT_LEAST)
    offset = np.concatenate([[0], np.cumsum(size)])
    account = np.repeat(np.arange(world.count), size)
    slot = np.arange(offset[-1]) - offset[account]
    first, last = people(len(account), rng)
    email = []
    for person, (owner, number) in enumerate(zip(account.tolist(), slot.tolist(), strict=True)):
        if world.has_free_mail[owner]:
            email.append(f"synthetic.person{person}@{FREE_MAIL[owner % len(FREE_MAIL)]}")
        else:
            local = mailbox(str(first[person]), str(last[person]), number)
            email.append(f"{local}@{world.domains[owner]}")
    return People(account, slot, offset, first, last, email)
