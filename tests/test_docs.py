"""The generated page and the links of the documentation say what is true now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_checker_page_is_fresh() -> None:
    script = ROOT / "scripts" / "document_checkers.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/document_checkers.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    broken = [t for t in targets if not (page.parent / t).exists()]
    assert broken == []


def test_the_example_of_the_authoring_page_is_a_valid_rubric(tmp_path: Path) -> None:
    from grader.engine.grade import Grader

    text = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    file = tmp_path / "my-hw1.toml"
    file.write_text(example.group(1), encoding="utf-8")
    rubric = Grader({}).rubric(str(file))
    assert [q.id for q in rubric.questions] == ["1.2"]
