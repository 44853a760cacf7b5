"""Which rubric and which reference is meant, from wherever ``grade`` is run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import course as course_module
from grader.course import (
    Course,
    builtin_course,
    course_of,
    find_course,
    find_rubric,
    load_reference,
    named_rubric,
    rubric_names,
)
from grader.errors import GraderError, ReferenceFault, RubricError, UsageFault

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a course folder: ``folder("own", rubrics={"hw1": ""}, reference={"linear": ""})``."""

    def make(
        name: str, rubrics: dict[str, str] | None = None, reference: dict[str, str] | None = None
    ) -> Path:
        root = tmp_path.resolve() / name
        for part, suffix, files in (("rubrics", ".toml", rubrics), ("reference", ".py", reference)):
            (root / part).mkdir(parents=True)
            for stem, text in (files or {}).items():
                (root / part / (stem + suffix)).write_text(text)
        return root

    return make


@pytest.fixture
def builtin(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed toolkit whose built-in course is known to the last file."""
    root = folder(
        "site/grader/_builtin",
        rubrics={"csc413-2020-hw2": "", "cs7643-hw1": ""},
        reference={"gradient_descent": "ORIGIN = 'built in'\n", "_scratch": ""},
    )
    monkeypatch.setattr(course_module, "__file__", str(root.parent / "course.py"))
    return root


def message(fault: type[GraderError], call: Callable[[], object]) -> str:
    with pytest.raises(fault) as caught:
        call()
    assert type(caught.value) is fault
    return str(caught.value)


# ---- which course


def test_a_checkout_is_its_own_builtin_course() -> None:
    repository = Path(course_module.__file__).resolve().parent.parent
    assert builtin_course() == Course(
        root=repository,
        rubrics=repository / "rubrics",
        reference=repository / "reference",
        builtin=True,
    )


def test_an_installed_toolkit_carries_its_course(builtin: Path) -> None:
    assert builtin_course() == Course(builtin, builtin / "rubrics", builtin / "reference", builtin=True)


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_module, "__file__", str(tmp_path / "grader" / "course.py"))
    assert message(RubricError, builtin_course) == (
        "the built-in rubrics and references are missing from "
        f"{tmp_path.resolve() / 'grader'}; install homework-grader again"
    )


def test_the_nearest_course_folder_wins(builtin: Path, folder: Folder) -> None:
    outer = folder("outer")
    inner = folder("outer/term/inner")
    deep = inner / "submissions" / "s001"
    deep.mkdir(parents=True)
    assert find_course(deep) == Course(inner, inner / "rubrics", inner / "reference", builtin=False)
    assert find_course(inner.parent).root == outer


@pytest.mark.parametrize("half", ["rubrics", "reference"])
def test_half_a_course_folder_is_none(builtin: Path, tmp_path: Path, half: str) -> None:
    (tmp_path / "half" / half).mkdir(parents=True)
    assert find_course(tmp_path / "half") == builtin_course()


def test_the_current_folder_is_where_we_stand(
    builtin: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder("own", rubrics={"hw1": ""})
    monkeypatch.chdir(own / "rubrics")
    assert find_course().root == own
    assert named_rubric("hw1") == own / "rubrics" / "hw1.toml"


def test_the_builtin_course_is_builtin_from_inside_too(builtin: Path) -> None:
    assert find_course(builtin / "rubrics").builtin


def test_a_rubric_means_the_references_beside_it(builtin: Path, folder: Folder, tmp_path: Path) -> None:
    own = folder("own", rubrics={"hw1": ""})
    other = folder("other", rubrics={"hw1": ""})
    loose = tmp_path / "loose.toml"
    loose.touch()
    assert course_of(other / "rubrics" / "hw1.toml", start=own).root == other
    assert course_of(builtin / "rubrics" / "cs7643-hw1.toml", start=own).root == builtin
    assert course_of(loose, start=own).root == own
    assert course_of(loose, start=tmp_path).root == builtin


# ---- which rubric


def test_a_name_is_sought_in_the_course_then_among_the_builtin(builtin: Path, folder: Folder) -> None:
    own = folder("own", rubrics={"hw1": "", "cs7643-hw1": "# ours"})
    assert find_rubric("hw1", own) == own / "rubrics" / "hw1.toml"
    assert find_rubric("cs7643-hw1", own) == own / "rubrics" / "cs7643-hw1.toml"
    assert find_rubric("csc413-2020-hw2", own) == builtin / "rubrics" / "csc413-2020-hw2.toml"
    assert rubric_names(own) == ("cs7643-hw1", "csc413-2020-hw2", "hw1")


def test_a_file_is_taken_as_it_is(builtin: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.touch()
    assert find_rubric(str(mine)) == mine
    assert find_rubric("mine.toml", tmp_path) == mine


def test_an_unknown_name_lists_the_names_and_guesses(builtin: Path, tmp_path: Path) -> None:
    assert message(UsageFault, lambda: find_rubric("CSC413-2020-h2", tmp_path)) == (
        f"there is no rubric 'CSC413-2020-h2' in {builtin / 'rubrics'}; "
        "the rubrics are cs7643-hw1, csc413-2020-hw2; did you mean 'csc413-2020-hw2'? "
        "(or give a file that ends in .toml)"
    )


def test_an_unknown_name_in_a_course_folder_says_where_it_was_sought(builtin: Path, folder: Folder) -> None:
    own = folder("own", rubrics={"quiz": ""})
    assert message(UsageFault, lambda: find_rubric("midterm", own)) == (
        f"there is no rubric 'midterm' in {own / 'rubrics'} and the built-in ones; "
        "the rubrics are cs7643-hw1, csc413-2020-hw2, quiz (or give a file that ends in .toml)"
    )


def test_a_missing_file_says_which_and_guesses_the_name(builtin: Path, tmp_path: Path) -> None:
    assert message(UsageFault, lambda: find_rubric("rubrics/cs7643-hw1.toml", tmp_path)) == (
        f"rubrics/cs7643-hw1.toml: there is no such file ({tmp_path / 'rubrics/cs7643-hw1.toml'}); "
        "the rubrics known by name are cs7643-hw1, csc413-2020-hw2; did you mean 'cs7643-hw1'?"
    )


def test_a_folder_is_no_rubric_file(builtin: Path, tmp_path: Path) -> None:
    (tmp_path / "old.toml").mkdir()
    assert message(UsageFault, lambda: find_rubric("old.toml", tmp_path)) == (
        "old.toml: is a folder, not a rubric file; the rubrics known by name are cs7643-hw1, csc413-2020-hw2"
    )


def test_no_rubrics_at_all(builtin: Path, folder: Folder) -> None:
    for file in (builtin / "rubrics").iterdir():
        file.unlink()
    own = folder("own")
    assert message(UsageFault, lambda: find_rubric("hw1", own)) == (
        f"there is no rubric 'hw1' in {own / 'rubrics'} and the built-in ones; "
        "there are no rubrics (or give a file that ends in .toml)"
    )


@pytest.mark.parametrize("name", ["../secret", "../reference/../secret", "", ".", "..", "sub/hw1"])
def test_a_name_never_leaves_the_rubric_folder(builtin: Path, folder: Folder, name: str) -> None:
    own = folder("own", rubrics={"hw1": ""})
    (own / "secret.toml").touch()
    (own / "rubrics" / "sub").mkdir()
    (own / "rubrics" / "sub" / "hw1.toml").touch()
    guess = "; did you mean 'hw1'?" if name == "sub/hw1" else ""
    assert message(UsageFault, lambda: find_rubric(name, own)) == (
        f"there is no rubric {name!r} in {own / 'rubrics'} and the built-in ones; "
        f"the rubrics are cs7643-hw1, csc413-2020-hw2, hw1{guess} (or give a file that ends in .toml)"
    )


def test_a_submissions_own_word_cannot_name_a_file(builtin: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.touch()
    assert message(UsageFault, lambda: named_rubric(str(mine), tmp_path)) == (
        f"there is no rubric {str(mine)!r} in {builtin / 'rubrics'}; "
        "the rubrics are cs7643-hw1, csc413-2020-hw2 (or give a file that ends in .toml)"
    )


# ---- which reference


def test_a_reference_is_loaded_under_a_private_name(builtin: Path, folder: Folder) -> None:
    own = folder("own", reference={"linear": "HALF = 0.5\n"})
    path, known = list(sys.path), set(sys.modules)
    module = load_reference(find_course(own), "linear")
    assert module.HALF == 0.5
    assert module.__file__ == str(own / "reference" / "linear.py")
    assert sys.path == path
    assert "linear" not in sys.modules
    assert module.__name__.startswith("_grader_reference_linear_")
    assert set(sys.modules) - known == {module.__name__}
    assert not (own / "reference" / "__pycache__").exists()


def test_a_reference_can_hold_a_dataclass(builtin: Path, folder: Folder) -> None:
    text = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Pair:\n"
        "    left: int\n"
    )
    own = folder("own", reference={"pairs": text})
    assert load_reference(find_course(own), "pairs").Pair(1).left == 1


def test_two_courses_may_each_have_a_module_of_one_name(builtin: Path, folder: Folder) -> None:
    one = find_course(folder("one", reference={"linear": "ORIGIN = 1\n"}))
    two = find_course(folder("two", reference={"linear": "ORIGIN = 2\n"}))
    assert [load_reference(c, "linear").ORIGIN for c in (one, two, one)] == [1, 2, 1]
    assert load_reference(one, "linear") is load_reference(one, "linear")


def test_an_edited_reference_is_loaded_anew(builtin: Path, folder: Folder) -> None:
    own = folder("own", reference={"linear": "ORIGIN = 1\n"})
    course = find_course(own)
    assert load_reference(course, "linear").ORIGIN == 1
    (own / "reference" / "linear.py").write_text("ORIGIN = 2\n")
    assert load_reference(course, "linear").ORIGIN == 2


def test_a_missing_reference_is_taken_from_the_builtin_ones(builtin: Path, folder: Folder) -> None:
    own = find_course(folder("own"))
    assert load_reference(own, "gradient_descent").ORIGIN == "built in"


def test_an_unknown_reference_lists_the_modules_and_guesses(builtin: Path, folder: Folder) -> None:
    own = find_course(folder("own", reference={"linear": ""}))
    assert message(ReferenceFault, lambda: load_reference(own, "gradient_decent")) == (
        f"there is no reference module 'gradient_decent' in {own.reference} and the built-in ones; "
        "the modules are gradient_descent, linear; did you mean 'gradient_descent'?"
    )
    assert message(ReferenceFault, lambda: load_reference(builtin_course(), "../linear")) == (
        f"there is no reference module '../linear' in {builtin / 'reference'}; "
        "the modules are gradient_descent"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "import math\nimport gradient_descent\n",
            ":2: fails when imported: ModuleNotFoundError: No module named 'gradient_descent'; a reference "
            "must run on its own, with numpy, sympy and the standard library, nothing from `grader` and "
            "no neighbour",
            id="neighbour",
        ),
        pytest.param(
            "def half(x):\n    return x / 0\n\nhalf(1)\n",
            ":2: fails when imported: ZeroDivisionError: division by zero; a reference must run on its own",
            id="crash",
        ),
        pytest.param(
            "raise SystemExit(3)\n",
            ":1: fails when imported: SystemExit: 3; a reference must run on its own",
            id="exit",
        ),
        pytest.param("X = 1\nY =\n", ":2: is not valid Python: invalid syntax", id="syntax"),
    ],
)
def test_a_reference_that_fails_says_where_and_why(
    builtin: Path, folder: Folder, text: str, expected: str
) -> None:
    own = folder("own", reference={"bad": text})
    known = set(sys.modules)
    assert (
        message(ReferenceFault, lambda: load_reference(find_course(own), "bad"))
        == f"{own / 'reference' / 'bad.py'}{expected}"
    )
    assert set(sys.modules) == known
