"""A source as a child process: its lines, its log, its end."""

import contextlib
import fcntl
import json
import logging
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from connectors.runner.failures import EndedError, SourceError, message_of, shown

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 1800.0  # a connector that waits for an API's limit says so on its log
_CHUNK = 1 << 20
_LONGEST_LINE = 256 << 20
_STRAYS_SHOWN = 5
_LAST_WORDS = 3  # of its log: the reason of a wait, and how long it waits
_SECRET_KEY = re.compile(
    r"secret|token|password|passphrase|credential|private|api_?key|key$|auth", re.IGNORECASE
)
_OWN = ("COPILOT_DATABASE_URL", "AIRBYTE_CLIENT_ID")  # the copilot's, apart from what is named so
OnConfig = Callable[[Mapping[str, Any]], None]
_LEVELS = {
    "FATAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
}


class Mask:
    """Hides the secrets of a configuration in texts.

    A value is a secret when a key above it says so (``client_secret``, ``credentials`` ...).
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._secrets: set[str] = set()
        self.learn(config)

    def learn(self, config: Mapping[str, Any]) -> None:
        """Hide the secrets of another configuration, too."""
        self._secrets |= set(_secrets(config, secret=False))
        known = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """Return the text with each secret shown as stars."""
        return self._pattern.sub("****", text) if self._pattern else text


def _secrets(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets(inner, secret=secret or bool(_SECRET_KEY.search(str(key))))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, secret=secret)
    elif secret and isinstance(value, str) and len(value) > 2:
        yield value
        quoted = json.dumps(value)[1:-1]
        if quoted != value:
            yield quoted


class SourceProcess:
    """One run of a source's command; a context manager that leaves no process behind.

    Parameters
    ----------
    command : sequence of str
        The program and its fixed arguments.
    config : dict
        The source's configuration, given to it in a file that only this user can read.
    source : str
        The source's name, for messages.
    env : dict, optional
        Variables on top of this process's own, of which no credentials are handed down: the
        configuration holds what the source needs.
    withheld : container of str
        Variables that are credentials though their names do not say so.
    silence_seconds : float
        After so many seconds without any output the source counts as hung.
    on_config : callable, optional
        Given the configuration when the source changes it.
    """

    def __init__(
        self,
        command: Sequence[str],
        config: Mapping[str, Any],
        source: str,
        *,
        env: Mapping[str, str] | None = None,
        withheld: Container[str] = (),
        silence_seconds: float = SILENCE_SECONDS,
        on_config: OnConfig | None = None,
    ) -> None:
        self.source = source
        self.mask = Mask(config)
        self._command = list(command)
        self._config = config
        self._env = {
            name: value
            for name, value in os.environ.items()
            if name not in _OWN and name not in withheld and not _SECRET_KEY.search(name)
        }
        # What a connector compiles stays in its own environment: it starts a quarter sooner.
        self._env |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "", **(env or {})}
        self._silence = silence_seconds
        self._on_config = on_config
        self._stderr_tail: deque[str] = deque(maxlen=20)
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._last_sign = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> "SourceProcess":
        """Make the folder for the files that the source reads."""
        self._folder = Path(tempfile.mkdtemp(prefix="copilot-source-"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the source, whatever it is doing, and remove its files."""
        self._kill()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def lines(self, verb: str, **files: Any) -> Iterator[tuple[int, bytes]]:
        """Run ``command verb --config ...`` and yield its output's lines with their numbers.

        Raises
        ------
        SourceError
            It cannot be started, is silent for too long, or ends with an exit code.
        """
        self._start([verb, *self._file_arguments({"config": self._config, **files})])
        for number, line in enumerate(self._split(), start=1):
            if line.strip():
                yield number, line
        self._finish()

    def messages(self, verb: str, **files: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        """Run the command and yield the protocol's messages with the numbers of their lines.

        Connectors and their libraries print, too; such lines go to the log.

        Raises
        ------
        SourceError
            As `lines`; a message may be torn, or there was none at all.
        """
        found, strays = False, 0
        for number, line in self.lines(verb, **files):
            message = message_of(number, line, self.mask)
            if message is not None:
                found = True
                yield number, message
                continue
            strays += 1
            if strays <= _STRAYS_SHOWN:
                logger.warning("%s printed: %s", self.source, shown(line, self.mask))
        if strays > _STRAYS_SHOWN:
            logger.warning("%s printed %d lines more", self.source, strays - _STRAYS_SHOWN)
        if strays and not found:
            raise SourceError(
                f"none of the {strays} lines of its output is a message of the Airbyte protocol;"
                " its log shows them"
            )

    def log(self, message: Mapping[str, Any]) -> str:
        """Pass a LOG message on to this program's log; return it without secrets."""
        level = _LEVELS.get(str(message.get("level")), logging.DEBUG)
        words = self.mask(str(message.get("message", "")))
        logger.log(level, "%s: %s", self.source, words)
        if level > logging.DEBUG:
            self.remember(words)
        return words

    def remember(self, words: str) -> None:
        """Keep words, without secrets, in case that they are the source's last ones."""
        self._last_words.append(words.strip()[:300])

    def control(self, message: Mapping[str, Any]) -> None:
        """Take a CONTROL message: the source has changed its configuration."""
        config = (message.get("connectorConfig") or {}).get("config")
        if message.get("type") != "CONNECTOR_CONFIG" or not isinstance(config, Mapping):
            return
        self.mask.learn(config)
        if self._on_config:
            self._on_config(config)

    def stderr_tail(self) -> str:
        """Return the last lines that the source wrote to its standard error."""
        return self.mask(" | ".join(self._stderr_tail))

    def _file_arguments(self, files: Mapping[str, Any]) -> Iterator[str]:
        if self._folder is None:
            raise RuntimeError("a SourceProcess is used as a context manager")
        for name, content in files.items():
            if content is None:
                continue
            path = self._folder / f"{name}.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(content), encoding="utf-8")
            yield from (f"--{name}", str(path))

    def _start(self, arguments: list[str]) -> None:
        try:
            self._process = subprocess.Popen(
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._env,
                start_new_session=True,
            )
        except OSError as error:
            raise SourceError(f"{self._command[0]} cannot be started: {error}") from error
        assert self._process.stdout and self._process.stderr  # noqa: S101 # both are pipes
        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, _CHUNK)
        self._stderr_tail.clear()
        self._last_words.clear()
        self._last_sign = time.monotonic()
        self._reader = threading.Thread(
            target=self._drain, args=(self._process.stderr,), daemon=True
        )
        self._reader.start()

    def _drain(self, stream: IO[bytes]) -> None:
        for raw in stream:
            self._last_sign = time.monotonic()
            text = raw.decode("utf-8", "replace").rstrip()
            self._stderr_tail.append(text)
            logger.debug("%s: %s", self.source, self.mask(text))

    def _split(self) -> Iterator[bytes]:
        rest: list[bytes] = []
        size = 0
        for chunk in self._chunks():
            first, *others = chunk.split(b"\n")
            rest.append(first)
            size += len(first)
            if size > _LONGEST_LINE:
                raise SourceError(f"it wrote a line of more than {_LONGEST_LINE >> 20} MB")
            if others:
                yield b"".join(rest)
                rest = [others.pop()]
                size = len(rest[0])
                yield from others
        if rest and rest[-1]:
            yield b"".join(rest)

    def _chunks(self) -> Iterator[bytes]:
        assert self._process and self._process.stdout  # noqa: S101 # only after _start
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
        self._last_sign = time.monotonic()
        while True:
            quiet = time.monotonic() - self._last_sign
            if quiet >= self._silence:
                self._kill()
                words = " | ".join(self._last_words) or self.stderr_tail()
                raise SourceError(
                    f"it wrote nothing for {self._silence:g} seconds and was stopped"
                    + (f"; its last words: {words}" if words else ""),
                    is_transient=True,
                )
            if not poll.poll(max(1.0, (self._silence - quiet) * 1000)):
                continue
            chunk = os.read(descriptor, _CHUNK)
            if not chunk:
                return
            yield chunk
            self._last_sign = time.monotonic()

    def _finish(self) -> None:
        assert self._process  # noqa: S101 # only after _start
        try:
            code = self._process.wait(timeout=self._silence)
        except subprocess.TimeoutExpired:
            self._kill()
            raise SourceError(
                "it closed its output but did not end, and was stopped", is_transient=True
            ) from None
        if self._reader:
            self._reader.join(timeout=5)
        if code != 0:
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            tail = self.stderr_tail()
            kind = EndedError if code > 0 else SourceError
            raise kind(f"it ended with {how}" + (f": {tail}" if tail else ""), is_transient=True)

    def _kill(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._reader:
            self._reader.join(timeout=5)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
