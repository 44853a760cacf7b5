"""A gradebook's own file, read so that it can be given back with one column more."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageFault

__all__ = ["read_roster"]

MAX_BYTES = 50_000_000


def read_roster(path: Path) -> tuple[tuple[str, ...], tuple[Mapping[str, str], ...]]:
    """Its header and rows; commas, semicolons and tabs are told apart.

    Raises:
        UsageFault: no CSV with a header, or two columns of one name.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageFault(
                f"--roster {path}: larger than {MAX_BYTES:,} bytes; is this the gradebook's CSV?"
            )
        data = path.read_bytes()
    except OSError as e:
        raise UsageFault(f"--roster {path}: cannot be read ({e.strerror})") from e
    text = data.decode("utf-8-sig", "replace")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    if len(header) < 2:
        raise UsageFault(
            f"--roster {path}: its first line is no list of columns; give the gradebook's own CSV"
        )
    twice = sorted({c for c in header if c and header.count(c) > 1})
    if twice:
        raise UsageFault(f"--roster {path}: two columns are called {twice[0]!r}; rename one of them")
    return header, tuple(dict(zip(header, row, strict=False)) for row in rows[1:] if any(row))
