"""What of a name or domain is compared, and the keys under which like ones are found."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "as", "bv", "co", "company", "corp", "corporation", "gmbh", "inc",
        "incorporated", "kg", "limited", "llc", "llp", "lp", "ltd", "nv", "oy", "plc", "pte", "pty",
        "sa", "sarl", "sas", "se", "sl", "spa", "srl",
    }
)  # fmt: skip
"""Words that say how a company is registered, not which one it is."""
MOST_ACCOUNTS_A_KEY = 100
"""A key that more accounts bear tells none of them; it bounds the pairs to be compared."""
_END = 5
_MARKS = re.compile(r"[^\w\s]|_")
_JOINED = re.compile(r"(?<=\w)['\u2019.](?=\w)")


def words(name: str) -> list[str]:
    """Return the words of a name: lower case, without accents, punctuation and legal form.

    A name of nothing but legal forms keeps them.
    """
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    found = _MARKS.sub(" ", _JOINED.sub("", text.replace("&", " and "))).split()
    return [word for word in found if word not in LEGAL_FORMS] or found


def compact(name: str) -> str:
    """Return the words of a name written as one."""
    return "".join(words(name))


def block_keys(name: str, domain: str | None) -> set[str]:
    """Return the keys of a record: records that share none are not compared.

    Two names or domains one character apart share a key, whichever character it is (each text
    stands under itself and under itself without any one character); so do names that have a word,
    their first or their last five characters in common.
    """
    keys = {f"word {word}" for word in words(name) if len(word) > 1}
    whole = compact(name)
    keys |= {f"begins {whole[:_END]}", f"ends {whole[-_END:]}"}
    keys |= {f"name {text}" for text in _without_one(whole)}
    if domain:
        keys |= {f"domain {text}" for text in _without_one(domain)}
        keys.add(f"label {label(domain)}")
    return keys


def label(domain: str) -> str:
    """Return a domain without what follows its first dot."""
    return domain.split(".", 1)[0]


def telling_keys(
    records: Iterable[set[str]], accounts: Iterable[set[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Keep the keys that stand on both sides, and with few accounts; each list is sorted."""
    of_records, of_accounts = list(records), list(accounts)
    borne = Counter(key for keys in of_accounts for key in keys)
    asked = {key for keys in of_records for key in keys}
    telling = {key for key in asked if 0 < borne[key] <= MOST_ACCOUNTS_A_KEY}
    return (
        [sorted(keys & telling) for keys in of_records],
        [sorted(keys & telling) for keys in of_accounts],
    )


def _without_one(text: str) -> Iterator[str]:
    yield text
    for place in range(len(text)):
        yield text[:place] + text[place + 1 :]
