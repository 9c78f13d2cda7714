"""What a source tells of its streams: which are complete, which failed, which may be left out."""

from collections.abc import Sequence

from connectors.runner.failures import EndedError, SourceError
from connectors.runner.protocol import ResolvedStream


class Outcome:
    """How the streams of one sync come out."""

    def __init__(self, streams: Sequence[ResolvedStream]) -> None:
        self._names = {stream.name for stream in streams}
        self._optional = {stream.name for stream in streams if stream.is_optional}
        self._errors: list[SourceError] = []
        self._open: set[str] = set()
        self.complete: set[str] = set()

    @property
    def reported(self) -> SourceError | None:
        """The first error that the source told: its last one only sums up."""
        return self._errors[0] if self._errors else None

    def take_error(self, error: SourceError) -> None:
        """Take note of an error that the source tells."""
        self._errors.append(error)

    def take_status(self, name: str, status: str) -> None:
        """Take note of how a stream is getting on."""
        if status == "COMPLETE":
            self._open.discard(name)
            self.complete.add(name)
        else:
            self._open.add(name)

    def raise_for_errors(self) -> None:
        """Raise what speaks against a source that has ended by itself.

        Raises
        ------
        EndedError
            It told an error, or did not come to the end of a stream.
        """
        if self.reported:
            raise EndedError(str(self.reported), is_transient=self.reported.is_transient)
        if self._open:
            names = ", ".join(sorted(self._open))
            raise EndedError(f"it ended before these were complete: {names}", is_transient=True)

    def left_out(self) -> dict[str, str]:
        """Return the streams that can be done without, and why the vendor refuses them.

        None if anything else failed: each other stream must be complete, and what the source says
        of none in particular must be its summary, which names the refused ones.
        """
        pardoned = [e for e in self._errors if e.is_refused and e.stream in self._optional]
        refused = {str(error.stream): str(error) for error in pardoned}
        is_summed_up = all(
            error.stream is None and any(name in str(error) for name in refused)
            for error in self._errors
            if error not in pardoned
        )
        return refused if is_summed_up and self.complete | set(refused) == self._names else {}
