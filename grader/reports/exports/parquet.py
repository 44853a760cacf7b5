"""Parquet: ``scores.parquet`` and ``findings.parquet``, for data frames in any language."""

from __future__ import annotations

import io

from grader.errors import UsageFault
from grader.reports.exports import Files, Wanted
from grader.reports.exports import _frames as frames
from grader.reports.saved import SavedRun

ALL_ROWS = True  # of students with several submissions too


def write(run: SavedRun, wanted: Wanted) -> Files:
    files: dict[str, bytes] = {}
    for name, frame in (("scores", frames.scores(run)), ("findings", frames.findings(run))):
        out = io.BytesIO()
        try:
            frame.to_parquet(out, engine="pyarrow", index=False)
        except ImportError as e:
            raise UsageFault("this needs pyarrow: pip install 'homework-grader[parquet]'") from e
        files[f"{name}.parquet"] = out.getvalue()
    return files
