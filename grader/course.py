"""Where rubrics and references are found.

A *course folder* is any folder that holds both ``rubrics/`` and ``reference/``, as this repository
does. ``grade`` uses the one it is run in (or the nearest one above), and falls back to the built-in
course: ``grader/_builtin`` in an installed wheel, the folders beside ``grader/`` in a checkout.

What a course folder has hides the built-in file of the same name; what it lacks is taken from there.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import ReferenceFault, RubricError, UsageFault

__all__ = [
    "Course",
    "builtin_course",
    "course_of",
    "find_course",
    "find_rubric",
    "load_reference",
    "named_rubric",
    "reference_files",
    "reference_function",
    "rubric_names",
]


@dataclass(frozen=True, slots=True)
class Course:
    """A folder with ``rubrics/`` and ``reference/``."""

    root: Path
    rubrics: Path
    reference: Path
    builtin: bool


def find_course(start: Path | None = None) -> Course:
    """The course folder that holds ``start`` (by default the current folder), else the built-in one."""
    builtin = builtin_course()
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if folder == builtin.root:
            return builtin
        if _is_course(folder):
            return _course(folder, builtin=False)
    return builtin


def course_of(rubric: Path, start: Path | None = None) -> Course:
    """The course whose references a rubric file means: the one it lies in, else the one we stand in."""
    rubric = rubric.resolve()
    course = find_course(rubric.parent)
    if course.builtin and not rubric.is_relative_to(course.root):
        return find_course(start)
    return course


def builtin_course() -> Course:
    """The course that ships with the toolkit.

    Raises:
        RubricError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_builtin", package.parent):
        if _is_course(root):
            return _course(root, builtin=True)
    raise RubricError(
        f"the built-in rubrics and references are missing from {package}; install homework-grader again"
    )


def rubric_names(start: Path | None = None) -> tuple[str, ...]:
    """The names ``--rubric`` takes: the course's own and the built-in ones, sorted."""
    return tuple(sorted(_rubrics(find_course(start))))


def find_rubric(name_or_file: str, start: Path | None = None) -> Path:
    """The rubric file that ``--rubric`` means: a file that ends in ``.toml``, or a name.

    Only for what the command line says. A submission's own word goes to ``named_rubric``, which
    cannot leave the rubric folders.

    Raises:
        UsageFault: there is no such file or name.
    """
    if not name_or_file.endswith(".toml"):
        return named_rubric(name_or_file, start)
    file = (start or Path.cwd()) / name_or_file
    if file.is_file():
        return file
    reason = "is a folder, not a rubric file" if file.is_dir() else f"there is no such file ({file})"
    names = rubric_names(start)
    raise UsageFault(f"{name_or_file}: {reason}; {_choice('rubrics known by name', name_or_file, names)}")


def named_rubric(name: str, start: Path | None = None) -> Path:
    """The rubric of that name, from the course folder or the built-in ones; never another file.

    Raises:
        UsageFault: there is no such name.
    """
    course = find_course(start)
    rubrics = _rubrics(course)
    # Looked up among the files that exist, never joined to a path: "../x" is just an unknown name.
    if name in rubrics:
        return rubrics[name]
    where = str(course.rubrics) if course.builtin else f"{course.rubrics} and the built-in ones"
    raise UsageFault(
        f"there is no rubric {name!r} in {where}; {_choice('rubrics', name, rubrics)} "
        "(or give a file that ends in .toml)"
    )


def load_reference(course: Course, module_name: str) -> ModuleType:
    """The module ``reference/<module_name>.py`` of a course, or else the built-in one.

    It is loaded from its file under a private name: ``sys.path`` stays as it is, and two courses may
    each have a ``linear`` module. References stand alone, so none needs its neighbours to be importable.

    Raises:
        ReferenceFault: there is no such module, or running it fails.
    """
    files = reference_files(course)
    if module_name not in files:
        where = str(course.reference) if course.builtin else f"{course.reference} and the built-in ones"
        raise ReferenceFault(
            f"there is no reference module {module_name!r} in {where}; "
            f"{_choice('modules', module_name, files)}"
        )
    file = files[module_name]
    try:
        source = file.read_bytes()
    except OSError as e:
        raise ReferenceFault(f"{file}: cannot be read ({e.strerror})") from e
    # The content is part of the name: an edited file is a new module, an unchanged one is run once.
    digest = hashlib.sha256(str(file).encode() + b"\0" + source).hexdigest()[:16]
    name = f"_grader_reference_{module_name}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    return _run(name, file, source)


def reference_function(course: Course, reference: str, half: str, cure: str) -> Callable[..., Any]:
    """The function ``<half>_<name>`` that ``module:name`` means; ``cure``: what a module has to hold.

    Raises:
        ReferenceFault: there is no such module or function.
    """
    module_name, _, name = reference.partition(":")
    if not module_name or not name.isidentifier():
        raise ReferenceFault(
            f"reference {reference!r} is not 'module:name', such as 'learning_rates:eta_star'"
        )
    function = getattr(load_reference(course, module_name), f"{half}_{name}", None)
    if not callable(function):
        raise ReferenceFault(f"reference module {module_name!r} has no function {half}_{name}; {cure}")
    return function  # type: ignore[no-any-return]


def _run(name: str, file: Path, source: bytes) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up here
    try:
        # Not through the loader: its cache tells versions apart by size and whole seconds only.
        exec(compile(source, str(file), "exec"), module.__dict__)
    except (Exception, SystemExit) as e:
        del sys.modules[name]
        raise ReferenceFault(_why(e, file)) from e
    return module


def _why(error: BaseException, file: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f"{file}:{error.lineno}: is not valid Python: {error.msg}"
    cure = "a reference must run on its own"
    if isinstance(error, ImportError):
        cure += ", with numpy, sympy and the standard library, nothing from `grader` and no neighbour"
    return f"{file}{_line(error, file)}: fails when imported: {type(error).__name__}: {error}; {cure}"


def _line(error: BaseException, file: Path) -> str:
    """The last line of ``file`` that was running, as ``:12``."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            found = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _course(root: Path, *, builtin: bool) -> Course:
    return Course(root=root, rubrics=root / "rubrics", reference=root / "reference", builtin=builtin)


def _is_course(folder: Path) -> bool:
    try:
        return (folder / "rubrics").is_dir() and (folder / "reference").is_dir()
    except OSError:  # a folder above us that we may not look into
        return False


def _rubrics(course: Course) -> dict[str, Path]:
    """Rubric names and their files; the course's own hide built-in ones."""
    return _stems(builtin_course().rubrics, ".toml") | _stems(course.rubrics, ".toml")


def reference_files(course: Course) -> dict[str, Path]:
    """The reference modules' names and files; the course's own hide built-in ones."""
    both = _stems(builtin_course().reference, ".py") | _stems(course.reference, ".py")
    return {name: file for name, file in both.items() if not name.startswith("_")}


def _stems(folder: Path, suffix: str) -> dict[str, Path]:
    return {file.stem: file for file in folder.iterdir() if file.suffix == suffix and file.is_file()}


def _choice(what: str, sought: str, names: Iterable[str]) -> str:
    """The names there are, and the one that was probably meant."""
    names = sorted(names)
    if not names:
        return f"there are no {what}"
    text = f"the {what} are {', '.join(names)}"
    plain = {name.lower(): name for name in names}
    guess = difflib.get_close_matches(Path(sought).name.removesuffix(".toml").lower(), plain, n=1)
    return f"{text}; did you mean {plain[guess[0]]!r}?" if guess else text
