"""What each stand-in's answer says of itself."""

import time
from email.utils import parsedate_to_datetime

from connectors.sandbox.slack.app import build
from connectors.sandbox.slack.workspace import Workspace
from tests.integration.standins import running


def test_an_answer_tells_the_second_in_which_it_was_given() -> None:
    with running(build(Workspace())) as standin:
        for _ in range(12):
            time.sleep(0.1)
            before = int(time.time())
            answer = standin.http.get(f"{standin.url}/__sandbox__/health", timeout=10)
            told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
            assert before <= told <= time.time()
