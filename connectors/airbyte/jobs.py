"""Follows a sync on the server to its end, through restarts of either side."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.airbyte.client import ENDED, AirbyteClient
from connectors.airbyte.session import Document, RefusedError
from warehouse.clock import utc_now
from warehouse.errors import CopilotError, TransientError

_CONFLICT = 409
_CANCEL_LOOKS = 12
_FIRST_WAIT = 0.5
_WORDS = {
    "pending": "waiting to start",
    "queued": "waiting for a free place",
    "running": "running",
    "incomplete": "an attempt failed, the server tries again",
}


class FailedJobError(CopilotError):
    """A job that the server gave up; what it had acknowledged is kept.

    Parameters
    ----------
    job : dict
        The job.
    cause : str
        The server's reason.
    """

    def __init__(self, source: str, job: Document, cause: str) -> None:
        super().__init__(
            f"The sync of {source} failed on the Airbyte server (job {job['jobId']}): {cause}",
            "What it had acknowledged is kept; mend the cause, then run again.",
        )
        self.job = job


@dataclass(frozen=True)
class Pace:
    """How a job is watched.

    Parameters
    ----------
    limit_seconds : float
        A job that is older than this is cancelled.
    poll_seconds : float
        Between two looks; the first ones follow quicker, for short syncs.
    outage_seconds : float
        For so long a server that does not answer is waited for; its job goes on meanwhile.
    """

    limit_seconds: float
    poll_seconds: float = 5.0
    outage_seconds: float = 600.0
    sleep: Callable[[float], None] = time.sleep


class JobFollower:
    """Starts or joins the sync of one connection, and follows it.

    Parameters
    ----------
    client : AirbyteClient
        The server.
    source : str
        Named in messages.
    say : callable
        Shows a line of progress.
    """

    def __init__(
        self, client: AirbyteClient, source: str, pace: Pace, say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._source = source
        self._pace = pace
        self.say = say
        self._said = ""

    def run(self, connection_id: str, *, refresh: bool = False) -> Document:
        """Return the job once it has succeeded.

        A sync that is under way already is followed; a job of another kind is waited for first. An
        interruption leaves the job alone: the server goes on, and the next run joins it.

        Raises
        ------
        FailedJobError
            The job failed; with the server's reason.
        CopilotError
            It was cancelled, or did not end in time.
        TransientError
            The server did not answer for too long.
        """
        wanted = ("refresh",) if refresh else ("sync", "refresh")
        job = self._client.unfinished_job(connection_id)
        while job is not None and job.get("jobType", "sync") not in wanted:
            self.say(f"job {job['jobId']} ({job['jobType']}) is under way; waiting for its end")
            self._follow(job)
            job = self._client.unfinished_job(connection_id)
        if job is None:
            job = self._start(connection_id, refresh=refresh)
        else:
            self.say(f"job {job['jobId']} is under way already; following it")
        return self._succeeded(self._follow(job))

    def _start(self, connection_id: str, *, refresh: bool) -> Document:
        try:
            if refresh:
                job = self._client.start_refresh(connection_id)
            else:
                job = self._client.start_sync(connection_id)
        except RefusedError as error:
            joined = None
            if error.status == _CONFLICT:  # somebody else was quicker
                joined = self._client.unfinished_job(connection_id)
            if joined is None:
                raise CopilotError(
                    f"The Airbyte server starts no sync of {self._source}: {error.reason}",
                    "Is its connection switched on? `copilot airbyte plan` shows what differs.",
                ) from error
            return joined
        self.say(f"job {job['jobId']} started on the Airbyte server")
        return job

    def _follow(self, job: Document) -> Document:
        job_id, since = int(job["jobId"]), began(job)
        wait = min(_FIRST_WAIT, self._pace.poll_seconds)
        while job["status"] not in ENDED:
            self._tell(job)
            if (utc_now() - since).total_seconds() > self._pace.limit_seconds:
                return self._cancel(job_id)
            try:
                job = self._look(job_id, wait)
            except RefusedError:
                raise
            except BaseException:  # an interruption, or a server that stays away
                self.say(f"job {job_id} goes on at the Airbyte server; the next run joins it")
                raise
            wait = min(wait * 2, self._pace.poll_seconds)
        return job

    def _look(self, job_id: int, wait: float) -> Document:
        """Return the job after a while; a server that restarts is waited for."""
        last_answer = time.monotonic()
        while True:
            self._pace.sleep(wait)
            try:
                return self._client.job(job_id)
            except TransientError as error:
                if time.monotonic() - last_answer > self._pace.outage_seconds:
                    raise
                self.say(f"job {job_id}: {error.what} Asking again.")

    def _tell(self, job: Document) -> None:
        """Show the job's state and counts when they have changed."""
        status = str(job["status"])
        counts = f"{int(job.get('rowsSynced') or 0):,} rows, {_size(job.get('bytesSynced'))}"
        line = f"job {job['jobId']}: {_WORDS.get(status, status)}, {counts}"
        if line != self._said:
            self._said = line
            self.say(line)

    def _cancel(self, job_id: int) -> Document:
        """Cancel a job that takes too long; return it if it has just succeeded after all."""
        minutes = self._pace.limit_seconds / 60
        self.say(f"job {job_id} has taken more than {minutes:g} minutes; cancelling it")
        try:
            job = self._client.cancel(job_id)
        except RefusedError as error:
            if error.status != _CONFLICT:
                raise
            job = self._client.job(job_id)
        for _ in range(_CANCEL_LOOKS):
            if job["status"] in ENDED:
                break
            self._pace.sleep(self._pace.poll_seconds)
            job = self._client.job(job_id)
        if job["status"] == "succeeded":
            return job
        raise CopilotError(
            f"The sync of {self._source} did not end within {minutes:g} minutes; job {job_id} was"
            f" cancelled on the Airbyte server and is {job['status']}.",
            "The next run goes on from its last checkpoint; raise airbyte.sync_limit_minutes if a"
            " sync may take longer.",
        )

    def _succeeded(self, job: Document) -> Document:
        job_id, status = job["jobId"], job["status"]
        if status == "succeeded":
            return job
        if status == "cancelled":
            raise CopilotError(
                f"The sync of {self._source} was cancelled on the Airbyte server (job {job_id}).",
                "Run again when nobody is working on the server.",
            )
        reasons = self._client.failures(int(job_id))
        cause = reasons[-1] if reasons else "the server gives no reason; its job page may"
        raise FailedJobError(self._source, job, cause)


def began(job: Document, unsaid: dt.datetime | None = None) -> dt.datetime:
    """Return when a job began by the server's account.

    Parameters
    ----------
    unsaid : datetime, optional
        What holds if the server does not say; now if None.
    """
    try:
        at = dt.datetime.fromisoformat(str(job.get("startTime")))
    except ValueError:
        return unsaid or utc_now()
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _size(count: Any) -> str:
    size = float(count or 0)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
