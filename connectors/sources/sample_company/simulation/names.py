"""Invented names. Companies live on the reserved domain `.example`; nobody here exists."""

import numpy as np

from connectors.sources.sample_company.simulation.timeline import Array

_HEADS = (
    "Alvo Brin Cindra Dorvi Elmar Fenno Galdi Hespa Ilvor Jorva Kelpi Lumor Mirra Norvo Orfi Pelva "
    "Quillo Rusti Sorva Tamri Ulmo Varda Wenlo Xandi Yorvi Zelmo Arken Bosco Corvi Delfa Ember "
    "Fjora Grivo Halco Indra Jasmo Kordi Lenvo Mavro Nexil"
)
_TAILS = (
    "lyra maris nova pex quor rada sync tera vant wick xis zon bridge cast dale field gate hollow "
    "line mark nest path quest ridge stone vale ward yard brook crest"
)
_KINDS = (
    "Labs Systems Foods Logistics Health Retail Energy Works Media Finance Robotics Materials "
    "Travel Studio Networks Mills Textiles Optics Marine Homes Tools Partners Analytics Farms "
    "Motors Learning Legal Insurance Pharma Paper Craft Games"
)
FIRST_NAMES = (
    "Ada Bruno Carla Dario Edda Fabio Greta Hugo Ines Jonas Kira Leon Mara Nils Olga Pavel Quinn "
    "Rosa Sven Tilda Umar Vera Wim Xenia Yara Zeno Amira Bodo Clio Dennis Elif Frida Goran Hana "
    "Igor Jule Kemal Lina Milo Noor Otis Pia Rafi Selma Timo Ugo Viola Wanda Yusuf Zita"
)
LAST_NAMES = (
    "Ashquill Brindlewick Cloverdane Dunmarrow Elderfinch Fennimoss Glimmerholt Hartwhistle "
    "Inkwellen Jasperlane Kettlebrook Larkspire Mossgrove Nettlefold Oakwhisper Pepperdine-Low "
    "Quartzman Rivermantle Saltmarsh Thistledown Umberfield Vellumar Willowmere Yarrowby Zephyrson "
    "Amberlough Birchwater Candlewood Driftstone Everbright Foxmantle Goldfeather Hollowell "
    "Ivorybrook Junipero Kestrelby Lanternby Marlowick Nightingrove Opalford"
)


def company_names(count: int, rng: np.random.Generator) -> list[str]:
    """Draw `count` different company names.

    The three word lists hold 38,400 combinations; beyond that a number makes a name unique.
    """
    heads, tails, kinds = _HEADS.split(), _TAILS.split(), _KINDS.split()
    space = len(heads) * len(tails) * len(kinds)
    order = rng.permutation(space)
    names = []
    for position in range(count):
        code = int(order[position % space])
        code, kind = divmod(code, len(kinds))
        head, tail = divmod(code, len(tails))
        name = f"{heads[head]}{tails[tail]} {kinds[kind]}"
        repeat = position // space
        names.append(name if repeat == 0 else f"{name} {repeat + 1}")
    return names


def domain_of(name: str) -> str:
    """Return the reserved domain of an invented company."""
    return name.lower().replace(" ", "") + ".example"


def people(count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw first and last names, two arrays of shape (count,)."""
    first, last = np.array(FIRST_NAMES.split()), np.array(LAST_NAMES.split())
    return first[rng.integers(0, len(first), count)], last[rng.integers(0, len(last), count)]


def mailbox(first: str, last: str, number: int) -> str:
    """Return the local part of a person's e-mail address, unique through `number`."""
    return f"{first}.{last}{number}".lower().replace("-", "")
