"""A zip that Gradescope takes as an assignment's autograder: this toolkit, one rubric, its references.

The toolkit's own source is in it, so a semester's autograder stays what it was. Nothing of other sheets is:
references are those that the rubric names. The same rubric and version give the same bytes.
"""

from __future__ import annotations

import importlib.metadata
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grader
from grader.course import Course, builtin_course, course_of
from grader.errors import UsageFault
from grader.rubric import Rubric

__all__ = ["autograder_zip"]

PACKAGE = "homework-grader"
MADE = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold
SCRIPTS = ("setup.sh", "run_autograder")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFERENCE = re.compile(r"([A-Za-z_]\w*):[A-Za-z_]\w*")
_PROJECT = """\
[build-system]
requires = ["hatchling>=1.24"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = [
{dependencies}
]

[project.scripts]
grade = "grader.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["grader"]
"""
_COURSE = "The one sheet that this autograder grades, and the references that it names.\n"


def autograder_zip(rubric: Rubric) -> bytes:
    """
    Raises:
        UsageFault: the rubric's name cannot stand in a script, or the toolkit is not installed as a whole.
    """
    file = Path(rubric.path)
    if not _NAME.fullmatch(file.stem):
        raise UsageFault(
            f"{file}: {file.stem!r} cannot stand in a script; "
            "call the file something of letters, digits, '-', '_' and '.'"
        )
    files = dict(_files(file))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, MADE)
            info.create_system = 3  # Unix: else the modes mean nothing
            info.external_attr = (0o100755 if name in SCRIPTS else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return out.getvalue()


def _files(rubric: Path) -> Iterator[tuple[str, bytes]]:
    here = Path(__file__).parent
    for script in SCRIPTS:
        text = (here / script).read_text("utf-8").replace("@SHEET@", rubric.stem)
        yield script, text.replace("\r\n", "\n").encode()
    package = Path(grader.__file__).parent
    for path in sorted(package.rglob("*")):
        inner = path.relative_to(package)
        skipped = any(part in ("__pycache__", "_builtin") or part.startswith(".") for part in inner.parts)
        if path.is_file() and not skipped and path.suffix != ".pyc":
            yield f"grader/{inner.as_posix()}", path.read_bytes()
    data = rubric.read_bytes()
    yield f"grader/_builtin/rubrics/{rubric.name}", data
    yield "grader/_builtin/reference/README", _COURSE.encode()
    for path in _references(data, course_of(rubric)):
        yield f"grader/_builtin/reference/{path.name}", path.read_bytes()
    yield "pyproject.toml", _project(package.parent / "pyproject.toml").encode()


def _references(data: bytes, course: Course) -> list[Path]:
    """The modules that a rubric names, whatever the key: ``reference``, ``run``, or a checker's own."""
    found: set[Path] = set()
    for text in _texts(tomllib.loads(data.decode("utf-8"))):
        match = _REFERENCE.fullmatch(text)
        if match is None:
            continue
        for folder in (course.reference, builtin_course().reference):
            if (path := folder / f"{match[1]}.py").is_file():
                found.add(path)
                break
    return sorted(found, key=lambda path: path.name)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _project(checkout: Path) -> str:
    lines = "\n".join(f'    "{d}",' for d in _dependencies(checkout))
    return _PROJECT.format(name=PACKAGE, version=grader.__version__, dependencies=lines)


def _dependencies(checkout: Path) -> list[str]:
    """Of the checkout that this is, else of what is installed."""
    if checkout.is_file():
        project = tomllib.loads(checkout.read_text("utf-8")).get("project", {})
        if project.get("name") == PACKAGE:
            return list(project["dependencies"])
    try:
        said = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as e:
        raise UsageFault(f"{PACKAGE} is not installed, so its dependencies are not known; install it") from e
    return [d.replace('"', "'") for d in said if "extra ==" not in d]
