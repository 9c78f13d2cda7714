"""Faults on demand: the next N requests of a path fail, stall, or lose their connection."""

import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

KINDS = ("status", "drop_before", "drop_after", "slow", "exit_before", "exit_after", "garbage")


@dataclass
class Fault:
    """One planned fault.

    Parameters
    ----------
    path : str
        Regular expression searched for in the request's path.
    kind : str
        ``status`` (answer with an error), ``drop_before`` or ``drop_after`` (cut the connection
        before or after the request is carried out), ``slow``, ``garbage`` (broken JSON), or
        ``exit_before`` / ``exit_after`` (the process ends).
    method : str
        Method it applies to; empty for all.
    times, skip : int
        How many matching requests fail, after how many that do not.
    status : int
        Of kind ``status``.
    retry_after : float or None
        ``Retry-After`` header, in seconds.
    seconds : float
        Of kind ``slow``.
    """

    path: str
    kind: str = "status"
    method: str = ""
    times: int = 1
    skip: int = 0
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0


class FaultPlan:
    """The faults to come, and a count of the requests seen; both end with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.requests: Counter[str] = Counter()

    def add(self, settings: dict[str, Any]) -> Fault:
        """Plan a fault from its JSON.

        Raises
        ------
        ValueError
            A key is unknown or a value makes no sense.
        """
        try:
            fault = Fault(**settings)
            re.compile(fault.path)
        except (TypeError, re.error) as error:
            raise ValueError(str(error)) from error
        if fault.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults and counts."""
        with self._lock:
            self._faults.clear()
            self.requests.clear()

    def planned(self) -> list[dict[str, Any]]:
        """Return the faults still to come."""
        with self._lock:
            return [vars(fault) for fault in self._faults]

    def next_fault(self, method: str, path: str) -> Fault | None:
        """Count a request and return the fault it meets, if any."""
        with self._lock:
            self.requests[f"{method} {path}"] += 1
            for fault in self._faults:
                if (fault.method and fault.method != method) or not re.search(fault.path, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
