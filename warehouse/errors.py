"""The one exception that a person is meant to read."""


class CopilotError(Exception):
    """Something a person can mend.

    Parameters
    ----------
    what : str
        What happened and where, in one sentence.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Both sentences, the hint on a line of its own."""
        return f"{self.what}\n  -> {self.hint}" if self.hint else self.what


class TransientError(CopilotError):
    """Something that may be over in a minute: a server that does not answer, a killed process."""
