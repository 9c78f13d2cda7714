"""What a source changes in its own configuration: mostly tokens that serve only once.

The protocol's CONTROL message brings the changed configuration; whoever forgets it is locked out,
since the vendor has cancelled the token that was used.
"""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warehouse.errors import CopilotError
from warehouse.files import write_private

_Path = tuple[str, ...]


class KeptConfig:
    """A source's configuration, with what the source itself has replaced in it.

    A replacement holds as long as the value that was given stays the same: a new token in the
    environment wins.

    Parameters
    ----------
    source : str
        The source's name.
    given : dict
        Its configuration from settings and environment.
    folder : Path, optional
        Where replacements are kept, in a file that only its owner can read; without it they are
        gone with this object.

    Raises
    ------
    CopilotError
        The file is damaged.
    """

    def __init__(self, source: str, given: Mapping[str, Any], folder: Path | None) -> None:
        self._given = given
        self._file = folder / f"{source}.kept.json" if folder else None
        self._kept: dict[str, dict[str, Any]] = {}
        if self._file and self._file.exists():
            self._kept = _read(self._file)

    def current(self) -> dict[str, Any]:
        """Return the configuration as it holds now."""
        config: dict[str, Any] = copy.deepcopy(dict(self._given))
        given = dict(_leaves(self._given))
        for name, entry in self._kept.items():
            path = tuple(json.loads(name))
            if entry["instead_of"] == _digest(given.get(path)):
                _put(config, path, entry["value"])
        return config

    def keep(self, changed: Mapping[str, Any]) -> None:
        """Take over what differs from the configuration that was given."""
        given = dict(_leaves(self._given))
        kept = {
            json.dumps(path): {"instead_of": _digest(given.get(path)), "value": value}
            for path, value in _leaves(changed)
            if given.get(path) != value
        }
        if kept == self._kept:
            return
        self._kept = kept
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._file, json.dumps(kept))


def _leaves(value: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, (*path, str(key)))


def _put(config: dict[str, Any], path: _Path, value: Any) -> None:
    *above, last = path
    for key in above:
        config = config.setdefault(key, {})
    config[last] = value


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        kept: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CopilotError(
            f"{file} is damaged: it holds the tokens that a source was given in exchange.",
            "Delete it, and put a new token into the environment.",
        ) from error
    return kept
