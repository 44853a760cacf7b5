"""Whole sheets with the damage of real ones: what each question's answer must be (``sheets/*.toml``)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader import readers
from grader.errors import UnreadableFile
from grader.model import Outline, QuestionHead

SHEETS = Path(__file__).parent / "sheets"
CASES = sorted(SHEETS.glob("*.toml"))


def load(case: Path) -> tuple[dict[str, Any], Path, Outline]:
    data = tomllib.loads(case.read_text("utf-8"))
    (sheet,) = (p for p in SHEETS.glob(f"{case.stem}.*") if p.suffix != ".toml")
    heads = tuple(
        QuestionHead(q["id"], q.get("title", ""), prompt=q.get("prompt", "")) for q in data["outline"]
    )
    return data, sheet, Outline(data["assignment"], "", heads)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_every_answer_is_bound_to_its_question(case: Path) -> None:
    data, sheet, outline = load(case)
    submission = readers.read(sheet, lambda name: outline, source=sheet.name)
    seen = {
        id: {
            "state": str(a.state),
            "line": a.where.line,
            "prompt": a.prompt,
            "text": a.text,
            "code": [c.source.strip("\n") for c in a.code],
        }
        for id, a in submission.answers.items()
    }
    expected = {
        id: {
            "state": a.get("state", "given"),
            "line": a["line"],
            "prompt": a.get("prompt", "").strip("\n"),
            "text": a["text"].strip("\n"),
            "code": [c.strip("\n") for c in a.get("code", [])],
        }
        for id, a in data["answers"].items()
    }
    assert seen == expected
    assert list(seen) == [id for id in outline.ids() if id in seen]
    assert [id for id in outline.ids() if id not in seen] == data.get("absent", [])
    assert list(submission.notes) == data["notes"]
    assert submission.student == data.get("student", sheet.stem)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_windows_line_ends_change_nothing(case: Path, tmp_path: Path) -> None:
    _, sheet, outline = load(case)
    copy = tmp_path / sheet.name
    copy.write_bytes(b"\xef\xbb\xbf" + sheet.read_bytes().replace(b"\n", b"\r\n"))
    assert readers.read(copy, lambda name: outline, source="x") == readers.read(
        sheet, lambda name: outline, source="x"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
@pytest.mark.parametrize("keep", range(5, 100, 12))
def test_a_truncated_sheet_keeps_its_first_answers(case: Path, keep: int, tmp_path: Path) -> None:
    """Cut anywhere, what stands before the cut is bound as in the whole sheet (but for the last)."""
    _, sheet, outline = load(case)
    text = sheet.read_text("utf-8")
    copy = tmp_path / sheet.name
    copy.write_text(text[: len(text) * keep // 100], "utf-8")
    try:
        part = readers.read(copy, lambda name: outline, source="x")
    except UnreadableFile:
        return  # no question's number before the cut
    whole = readers.read(sheet, lambda name: outline, source="x")
    for id in list(part.answers)[:-1]:
        assert part.answers[id] == whole.answers[id]
