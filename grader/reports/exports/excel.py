"""Excel: one workbook, a sheet for each view: scores, questions, findings, what waits, what was not read.

Text is written as text: a cell that begins with ``=`` is no formula, and a link is no link.
"""

from __future__ import annotations

import io

import pandas as pd

from grader.errors import UsageFault
from grader.model import Outcome
from grader.reports.exports import Files, Wanted
from grader.reports.exports import _frames as frames
from grader.reports.saved import SavedRun

ALL_ROWS = True  # of students with several submissions too
MAX_ROWS = 1_048_575  # of a sheet, without its head
MAX_TEXT = 32_000  # characters of a cell; Excel's limit is 32,767
WIDEST = 60


def write(run: SavedRun, wanted: Wanted) -> Files:
    scores, found = frames.scores(run), frames.findings(run)
    waiting = [o.value for o in Outcome if o.waits_for_person]
    views = {
        "Scores": scores,
        "Questions": frames.questions(run),
        "Findings": found,
        "For a person": found[found["outcome"].isin(waiting)],
        "Not read": frames.not_read(run),
    }
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        opened = pd.ExcelWriter(out, engine="xlsxwriter", engine_kwargs={"options": options})
    except ImportError as e:
        raise UsageFault("this needs XlsxWriter: pip install 'homework-grader[excel]'") from e
    with opened as writer:
        for name, frame in views.items():
            if len(frame) > MAX_ROWS:
                raise UsageFault(
                    f"{name} has {len(frame):,} rows, a sheet holds {MAX_ROWS:,}: export parquet instead"
                )
            text = frame.map(lambda v: v[:MAX_TEXT] if isinstance(v, str) else v)
            text.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 1))
            sheet = writer.sheets[name]
            sheet.autofilter(0, 0, max(len(text), 1), max(len(text.columns) - 1, 0))
            for i, column in enumerate(text.columns):
                longest = max([len(str(column)), *(len(str(v)) for v in text[column].head(200))])
                sheet.set_column(i, i, min(longest, WIDEST) + 2)
    return {"grades.xlsx": out.getvalue()}
