"""Notebooks as text: jupytext's Markdown and percent formats, MyST, R Markdown and Quarto.

The texts are written as those tools write them; nothing here comes from a writer of ours.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import readers
from grader.errors import UnreadableFile
from grader.readers.jupytext import looks_like_notebook, text_notebook
from tests.readers.conftest import Read, outline_for
from tests.readers.test_notebook import texts

MYST = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  name: python3
student: s001
assignment: mat101-hw2
---

# Homework

+++ {"tags": ["2.2.3"]}

$\\eta = 1$

+++

## 3.5 Fit

```{code-cell} ipython3
:tags: [hide-input, "3.5"]

def fit(x):
    return x
```

```python
shown = "not a cell"
```

```{code-cell}
---
question: "2.1"
tags:
- slow
---
memory = 1
```
"""

MARKDOWN = """\
---
jupyter:
  jupytext:
    text_representation:
      extension: .md
      format_name: markdown
  kernelspec:
    name: python3
---

## 2.1 Memory

$O(d)$

<!-- #region {"tags": ["2.2.3"]} -->
$\\eta = 1$
<!-- #endregion -->

```python tags=["3.5"] jupyter={"source_hidden": true}
def fit(x):
    return x
```
"""

PERCENT = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# student: s001
# ---

# %% [markdown]
# ## 2.1 Memory
#
# $O(d)$

# %% [markdown] tags=["2.2.3"]
# $\\eta = 1$

# %% 3.5 tags=["slow"]
def fit(x):
    # a comment stays
    return x

# %% [markdown] {"tags": ["2.2.1"]}
\"\"\"
$w_1 = 0$
\"\"\"
"""

RMD = """\
---
title: Homework
---

## 2.1 Memory

$O(d)$

```{python, tags=c("2.2.3", "x"), echo=FALSE}
eta = 1
```

```{python}
#| tags: [3.5]
def fit(x):
    return x
```
"""


def test_myst(read: Read) -> None:
    submission = read(MYST, ".md", assignment="mat205-hw2")
    assert (submission.student, submission.assignment) == ("s001", "mat101-hw2")
    assert texts(submission) == {
        "2.1": "",
        "2.2.3": "$\\eta = 1$",
        "3.5": "",
    }
    code = {q: [c.source for c in a.code] for q, a in submission.answers.items()}
    assert code == {
        "2.1": ["memory = 1"],
        "2.2.3": [],
        "3.5": ["def fit(x):\n    return x", 'shown = "not a cell"'],
    }


def test_markdown_by_jupytext(read: Read) -> None:
    submission = read(MARKDOWN, ".md")
    assert texts(submission) == {"2.1": "$O(d)$", "2.2.3": "$\\eta = 1$", "3.5": ""}
    assert [c.source for c in submission.answers["3.5"].code] == ["def fit(x):\n    return x"]
    assert str(submission.answers["2.2.3"].where) == "hw.md, cell 2"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_percent(ends: str, read: Read) -> None:
    submission = read(PERCENT.replace("\n", ends), ".py")
    assert submission.student == "s001"
    assert texts(submission) == {"2.1": "$O(d)$", "2.2.1": "$w_1 = 0$", "2.2.3": "$\\eta = 1$", "3.5": ""}
    (code,) = submission.answers["3.5"].code
    assert code.source == "def fit(x):\n    # a comment stays\n    return x"


@pytest.mark.parametrize("suffix", [".Rmd", ".qmd"])
def test_r_markdown_and_quarto(suffix: str, read: Read) -> None:
    submission = read(RMD, suffix)
    assert {q: (a.text, [c.source for c in a.code]) for q, a in submission.answers.items()} == {
        "2.1": ("$O(d)$", []),
        "2.2.3": ("", ["eta = 1"]),
        "3.5": ("", ["def fit(x):\n    return x"]),
    }


def test_nbgraders_metadata_in_text(read: Read) -> None:
    text = PERCENT.replace('tags=["2.2.3"]', 'nbgrader={"grade_id": "q2_2_3", "solution": true}')
    assert texts(read(text, ".py"))["2.2.3"] == "$\\eta = 1$"


# As jupytext 1.19 writes them.
CODE_CELL = (
    "```{code-cell}\n---\nnbgrader:\n  grade: false\n  grade_id: '3.5'\n  solution: true\n---\nx = 1\n```\n"
)
CHUNK = "```{python nbgrader={'grade': False, 'grade_id': '3.5', 'solution': True}}\nx = 1\n```\n"


@pytest.mark.parametrize(("suffix", "text"), [(".md", CODE_CELL), (".Rmd", CHUNK)])
def test_nbgraders_metadata_of_code(suffix: str, text: str, read: Read) -> None:
    submission = read(
        f"{text}\n```{{code-cell}}\n---\nnbgrader:\n  grade: true\n---\nassert x\n```\n", suffix
    )
    assert {q: [c.source for c in a.code] for q, a in submission.answers.items()} == {"3.5": ["x = 1"]}


def test_otters_tags_in_text(read: Read) -> None:
    text = '# %% tags=["otter_answer_cell"]\nx = 1\n\n# %%\ngrader.check("q3_5")\n'
    (code,) = read(text, ".py").answers["3.5"].code
    assert code.source == "x = 1"


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ('tags=["2.1"]', ["2.1"]),
        ("tags=['2.1', \"b\"]", ["2.1", "b"]),
        ('a title {"tags": ["2.1"]}', ["2.1", "a title"]),
        ('key="a b" other=3 tags=["2.1"]', ["2.1"]),
        ("tags=2.1", 2.1),
        ('{"tags": ', []),
        ("tags=[[[[", []),
        ("=", ["="]),
    ],
)
def test_metadata_of_a_cell(said: str, tags: object) -> None:
    (cell,) = text_notebook(f"# %% {said}\nx", ".py")["cells"]
    assert cell["metadata"].get("tags", []) == tags


@pytest.mark.parametrize("suffix", [".md", ".Rmd"])
def test_a_cell_that_is_never_closed_is_not_guessed_at(suffix: str, read: Read) -> None:
    text = "## 2.1 a\nx\n\n```{code-cell}\ny = 1\n\n## 3.5\nz\n"
    with pytest.raises(UnreadableFile) as fault:
        read(text, suffix)
    assert (fault.value.message, fault.value.place, fault.value.cure) == (
        "the cell that begins here is never closed (```{code-cell})",
        "4",
        "close it with ``` on a line of its own",
    )


@pytest.mark.parametrize(
    "text",
    [
        "## 2.1\n```python\nx\n```\n",
        "---\nstudent: s1\n---\n## 2.1\nx",
        "I use jupytext: and\n---\n## 2.1",
        "## 2.1\ntext with ```{code-cell}``` in it",
    ],
)
def test_ordinary_markdown_is_no_notebook(text: str) -> None:
    assert not looks_like_notebook(text.encode(), ".md")


PLAIN = "def fit(x):\n    return '# %% no'\n"
CURE = "ask for a notebook that holds the code; as text only jupytext's percent format is one (# %%)"


def test_a_program_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text(PLAIN)
    with pytest.raises(UnreadableFile) as fault:
        readers.read(tmp_path / "hw.py", outline_for)
    formats = ".ipynb, .json, .md, .mmd, .txt, or one of these in a .zip"
    assert fault.value.message == f".py is not a format that is read ({formats})"
    assert fault.value.cure == CURE


def test_a_program_beside_the_notebook_is_not_the_submission(tmp_path: Path) -> None:
    folder = tmp_path / "s1"
    folder.mkdir()
    (folder / "helpers.py").write_text(PLAIN)
    (folder / "hw.py").write_text(PERCENT)
    assert readers.read(folder, outline_for).answers["2.1"].text == "$O(d)$"
    (folder / "hw.md").write_text("## 2.1\n$O(1)$")
    assert readers.read(folder, outline_for).answers["2.1"].text == "$O(1)$"


def test_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s1.zip", "w") as archive:
        archive.writestr("helpers.py", PLAIN)
        archive.writestr("hw.py", PERCENT)
    assert readers.read(tmp_path / "s1.zip", outline_for).answers["2.1"].text == "$O(d)$"


HARD = [
    *("```{code-cell}", "```", "+++", '+++ {"tags": [', "# %%", "# %% [markdown]", "---", "# ---"),
    *(":tags: [a", "- b", "<!-- #region", "<!-- #raw -->", "<!-- #endregion -->", '"""', "~~~~", "#|"),
    *("tags:", "text", "", "## 2.1"),
]


@given(
    st.lists(st.sampled_from(HARD), max_size=12),
    st.sampled_from([".md", ".py", ".qmd"]),
)
def test_any_text_is_read_or_refused(lines: list[str], suffix: str) -> None:
    try:
        cells = text_notebook("\n".join(lines), suffix)["cells"]
    except UnreadableFile:
        return
    assert all(set(cell) == {"cell_type", "metadata", "source"} for cell in cells)
