"""A batch's answer is told apart row by row, and a row that it leaves out is not taken for done."""

from typing import Any

import pytest

from connectors.destinations.common.crm import CrmUnreachableError
from connectors.destinations.hubspot.batches import Outcome, send_rows

ROWS: dict[str, dict[str, Any]] = {"1": {"id": "1"}, "2": {"id": "2"}, "3": {"id": "3"}}


class Answering:
    """A transport that gives one answer."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer

    def send(self, *_given: Any, **_named: Any) -> dict[str, Any]:
        return self.answer


def _outcomes(**answer: Any) -> dict[str, Outcome]:
    return send_rows(Answering(**answer), print, ROWS)  # type: ignore[arg-type]


def test_results_are_found_by_trace_or_id_and_errors_by_either() -> None:
    by_trace = {"category": "A", "context": {"objectWriteTraceId": ["2"]}}
    by_id = {"category": "B", "context": {"ids": ["3"]}}
    results = [{"id": "9", "objectWriteTraceId": "1"}]
    assert _outcomes(results=results, errors=[by_trace, by_id]) == {
        "1": Outcome("9"),
        "2": Outcome(error=by_trace),
        "3": Outcome(error=by_id),
    }


def test_an_error_without_names_is_that_of_the_rows_that_have_no_result() -> None:
    nameless = {"category": "A", "message": "x", "context": {}}
    found = _outcomes(results=[{"id": "1"}], errors=[nameless])
    assert found == {"1": Outcome("1"), **dict.fromkeys("23", Outcome(error=nameless))}


def test_a_row_that_the_answer_leaves_out_is_unknown() -> None:
    with pytest.raises(CrmUnreachableError, match="nothing of the row 2"):
        _outcomes(results=[{"id": "1"}, {"id": "3"}])
