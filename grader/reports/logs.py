"""``--log-json`` and ``--log FILE``: what happens during a run, an event a line of JSON."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from grader.engine.events import FIELDS, LOGGER
from grader.errors import UsageFault

__all__ = ["Log", "listening"]

MAX_TEXT = 1000  # characters of a message that is not ours


class Log:
    """Where events go: stderr, a file, both or nowhere."""

    def __init__(self, handlers: list[logging.Handler], ends: contextlib.ExitStack) -> None:
        self._handlers = handlers
        self._ends = ends

    def take(self, logger: logging.Logger, level: int) -> None:
        """Write what a logger says, instead of where it went before."""
        before = (logger.handlers, logger.level)
        self._ends.callback(_restore, logger, *before)
        logger.handlers = self._handlers
        logger.setLevel(level)

    def take_others(self) -> None:
        """Dask's loggers, which have handlers of their own once it is loaded: no plain lines between ours."""
        for name in sorted(logging.root.manager.loggerDict):
            logger = logging.getLogger(name)
            if self._handlers and name.startswith(("distributed", "tornado")) and logger.handlers:
                self.take(logger, logging.WARNING)


@contextlib.contextmanager
def listening(stderr: bool, file: Path | None) -> Iterator[Log]:
    """
    Raises:
        UsageFault: the file cannot be written.
    """
    with contextlib.ExitStack() as ends:
        handlers: list[logging.Handler] = [_Lines(sys.stderr)] if stderr else []
        if file is not None:
            try:
                handlers.append(_Lines(ends.enter_context(file.open("a", encoding="ascii"))))
            except OSError as e:
                raise UsageFault(f"--log {file}: cannot be written ({e.strerror}); give another file") from e
        log = Log(handlers, ends)
        if handlers:
            log.take(LOGGER, logging.INFO)
        if stderr:
            log.take(logging.getLogger("py.warnings"), logging.WARNING)
            logging.captureWarnings(True)
            ends.callback(logging.captureWarnings, False)
        yield log


def _restore(logger: logging.Logger, handlers: list[logging.Handler], level: int) -> None:
    logger.handlers = handlers
    logger.setLevel(level)


class _Lines(logging.Handler):
    """A line a record. Only ASCII: whatever a file is called, it does nothing to a terminal."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream: TextIO | None = stream

    def emit(self, record: logging.LogRecord) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(_line(record) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more, or the disk is full: the run goes on
            self._stream = None


def _line(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    head: dict[str, Any] = {"time": time, "level": record.levelname.lower()}
    fields = getattr(record, FIELDS, None)
    if fields is None:  # somebody else's
        head |= {"event": "message", "from": record.name, "text": record.getMessage()[:MAX_TEXT]}
    else:
        head |= {"event": record.getMessage()} | fields
    return json.dumps(head, ensure_ascii=True, default=str)
