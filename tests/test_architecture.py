"""The house rules of ``docs/architecture.md``, enforced: who imports whom, and what ships.

Imports are read from the source, never by importing. One inside a function is exempt from the rules
about *cost* only; one under ``if TYPE_CHECKING`` also from the ban on cycles, since it never runs.
"""

from __future__ import annotations

import ast
import graphlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

When = Literal["load", "call", "types"]

ROOT = Path(__file__).resolve().parent.parent

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"model"}),
    frozenset({"maths", "sandbox"}),
    frozenset({"readers", "rubric", "course"}),
    frozenset({"checkers"}),
    frozenset({"engine"}),
    frozenset({"reports"}),
    frozenset({"cli", "notebook", "pytest_plugin"}),
)
"""From the ground up. A place may import itself and everything below it."""

NOT_EVEN_THOUGH_BELOW = {
    ("maths", "sandbox"): "mathematics is read, never run",
    ("sandbox", "maths"): "the sandbox knows code and values, nothing of mathematics",
    ("readers", "sandbox"): "a reader reads; nothing runs while it does",
    ("readers", "rubric"): "a reader knows the sheet's Outline, never the rubric",
    ("readers", "course"): "a reader knows the sheet's Outline, never where rubrics are",
    ("rubric", "readers"): "a rubric knows nothing of submissions",
    ("course", "readers"): "a course knows nothing of submissions",
    ("checkers", "readers"): "a checker is handed an Answer; where it came from is not its concern",
}

ONLY_IN = {"click": "cli", "jinja2": "reports", "nbformat": "readers", "pandas": "reports"}
"""Third-party packages that one place alone may know."""

HEAVY = frozenset({"dask", "distributed", "flint", "nbformat", "networkx", "numpy", "pandas", "sympy"})
"""What ``grade --help`` must not pay for."""

MAX_LINES = 450

LONGER_FOR_A_REASON: dict[str, str] = {}
"""Files that may be longer than ``MAX_LINES``: path → why splitting them would make them worse."""

EXTRAS = dict.fromkeys(("dask", "distributed"), "grader.engine.executors.dask")
"""Packages of an extra → the one module that imports them, when it is called and not before."""

IMPORT_NAMES = {"python-flint": "flint"}
"""Distributions whose package has another name."""

COMES_WITH = {"markupsafe": "jinja2"}
"""Packages that are part of a dependency's own interface: jinja2 speaks of escaped text as ``Markup``."""


# ---- reading the source


@dataclass(frozen=True)
class Import:
    """``module`` imports ``target`` on ``line``, ``when`` it is loaded, on a call, or for types only."""

    module: str
    target: str
    line: int
    when: When

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


@cache
def sources(folder: str) -> dict[str, Path]:
    """Dotted module names and their files."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    assert found, f"no Python files in {ROOT / folder}"
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def imports(folder: str) -> tuple[Import, ...]:
    return tuple(i for name, path in sources(folder).items() for i in _imports(name, tree(path), "load"))


def _imports(module: str, node: ast.AST, when: When) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, alias.name, child.lineno, when)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}:{child.lineno}: relative import; write it in full"
            for alias in child.names:
                # `from grader.checkers import matrix` names a module, `… import Check` does not.
                full = f"{child.module}.{alias.name}"
                target = full if full in sources("grader") else str(child.module)
                yield Import(module, target, child.lineno, when)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(module, child, "types")
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _imports(module, child, "call" if function and when == "load" else when)


def place(module: str) -> str:
    """The part of the house a module of grader lives in; empty for the package itself."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "cli"
    return parts[1] if len(parts) > 1 else ""


def level(place: str) -> int:
    for i, layer in enumerate(LAYERS):
        if place in layer:
            return i
    raise AssertionError(
        f"grader/{place} has no place in the house: add it to docs/architecture.md and to LAYERS"
    )


def top(dotted: str) -> str:
    return dotted.split(".")[0]


def own_imports() -> tuple[Import, ...]:
    return tuple(i for i in imports("grader") if top(i.target) == "grader")


def kinds() -> list[str]:
    return sorted(p.stem for p in (ROOT / "grader" / "checkers").glob("*.py") if not p.stem.startswith("_"))


# ---- who imports whom


def test_imports_point_down() -> None:
    wrong = [
        str(i)
        for i in own_imports()
        if place(i.module)
        and place(i.target)
        and place(i.target) != place(i.module)
        and level(place(i.target)) > level(place(i.module))
    ]
    assert wrong == []


def test_places_that_must_not_know_each_other() -> None:
    wrong = [
        f"{i}: {NOT_EVEN_THOUGH_BELOW[pair]}"
        for i in own_imports()
        if (pair := (place(i.module), place(i.target))) in NOT_EVEN_THOUGH_BELOW
    ]
    assert wrong == []


def test_every_place_is_in_the_documented_table() -> None:
    table = [line.split("|")[1] for line in _architecture().splitlines() if line.startswith("| `")]
    documented = {m for cell in table for m in re.findall(r"`grader/(\w+)", cell)}
    assert documented == frozenset().union(*LAYERS)
    assert {place(m) for m in sources("grader")} - {""} <= documented


def _architecture() -> str:
    return (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    eager = [str(i) for i in own_imports() if i.module == "grader" and i.when != "types"]
    assert eager == [], "the public names are imported when they are first asked for"


def test_no_checker_imports_another() -> None:
    checkers = {f"grader.checkers.{kind}" for kind in kinds()}
    wrong = [str(i) for i in own_imports() if i.target in checkers and place(i.module) == "checkers"]
    assert wrong == [], "what two checkers share sinks into grader/maths"


def test_there_are_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {name: set() for name in sources("grader")}
    for i in own_imports():
        if i.when != "types":
            graph[i.module].add(i.target)
    try:
        tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as e:
        pytest.fail("import cycle: " + " → ".join(reversed(e.args[1])))


def test_references_stand_alone() -> None:
    allowed = {"numpy", "sympy"} | set(sys.stdlib_module_names)
    assert [str(i) for i in imports("reference") if top(i.target) not in allowed] == []


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_one_place_alone_knows(package: str) -> None:
    strangers = {
        str(i) for i in imports("grader") if top(i.target) == package and place(i.module) != ONLY_IN[package]
    }
    assert strangers == set()


def test_maths_loads_nothing_heavy() -> None:
    # flint is its arithmetic, and networkx that of `graphs`, which only one kind loads; numpy, sympy and
    # pandas are for the few who call on them.
    wrong = [
        str(i)
        for i in imports("grader")
        if place(i.module) == "maths" and i.when == "load" and top(i.target) in HEAVY - {"flint", "networkx"}
    ]
    assert wrong == []


def test_the_command_line_starts_light() -> None:
    light = {"grader", "grader.errors"}
    wrong = [
        str(i)
        for i in imports("grader")
        if place(i.module) == "cli"
        and i.when == "load"
        and i.target not in light
        and not i.target.startswith("grader.cli")
        and top(i.target) not in sys.stdlib_module_names | {"click"}
    ]
    assert wrong == []


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['grade', '--help']\n"
        "from grader.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code\n"
        f"print('loaded:', *sorted(sys.modules.keys() & {sorted(HEAVY)!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: grade")
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_a_students_check_starts_without_data_frames() -> None:
    program = (
        "import sys\n"
        "sys.argv = ['grade', 'check', 'submissions_example/s001.md', '--rubric', 'csc413-2020-hw2']\n"
        "from grader.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print('loaded:', *sorted(sys.modules.keys() & {sorted(HEAVY - {'flint', 'networkx'})!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "loaded:"


# ---- a checker's house


def test_there_are_checkers() -> None:
    assert kinds() != []


@pytest.mark.parametrize("kind", kinds())
def test_a_checker_has_all_its_parts(kind: str) -> None:
    module = tree(ROOT / "grader" / "checkers" / f"{kind}.py")
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    cases = ROOT / "tests" / "checkers" / "cases" / f"{kind}.toml"
    assert ast.get_docstring(module), f"{kind}: say what is checked, what that catches, what it misses"
    assert "Options" in classes, f"{kind}: no `Options`"
    assert "build" in functions, f"{kind}: no `build`"
    assert [a.arg for a in functions["build"].args.args] == ["options", "question"]
    assert cases.is_file(), f"{kind}: no cases in {cases.relative_to(ROOT)}"
    # Without these a slip in a rubric's key passes in silence, or a rubric changes under a checker.
    keywords = {k.arg: ast.unparse(k.value) for k in classes["Options"].keywords}
    assert keywords.items() >= {"frozen": "True", "forbid_unknown_fields": "True"}.items(), kind


def test_no_cases_without_a_checker() -> None:
    cases = ROOT / "tests" / "checkers" / "cases"
    assert sorted(p.stem for p in cases.glob("*.toml")) == kinds()


# ---- size


def test_files_stay_readable() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for folder in ("grader", "reference")
        for path in sources(folder).values()
    }
    long = {name for name, length in lengths.items() if length > MAX_LINES}
    assert long == set(LONGER_FOR_A_REASON), {name: lengths[name] for name in long}
    assert all(LONGER_FOR_A_REASON.values())


# ---- what ships


@cache
def _pyproject() -> dict[str, dict[str, object]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def dependencies() -> set[str]:
    declared = _pyproject()["project"]["dependencies"]
    assert isinstance(declared, list)
    return {re.split(r"[^\w-]", d)[0] for d in declared}


def test_dependencies_are_what_is_imported() -> None:
    imported = {
        COMES_WITH.get(name := top(i.target), name)
        for folder in ("grader", "reference")
        for i in imports(folder)
    }
    # pytest is there wherever the plugin is: it loads it
    third_party = imported - set(sys.stdlib_module_names) - {"grader", "pytest"} - set(EXTRAS)
    assert third_party == {IMPORT_NAMES.get(d, d) for d in dependencies()}


def test_extras_are_imported_in_one_place_and_on_a_call() -> None:
    found = {(top(i.target), i.module, i.when) for i in imports("grader") if top(i.target) in EXTRAS}
    assert found == {(name, module, "call") for name, module in EXTRAS.items()}


def test_every_dependency_is_accounted_for() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^## (\S+)$", text, re.MULTILINE)) == dependencies()


def _build(source: Path, into: Path, version: str = "standard") -> list[str]:
    """The names in a freshly built wheel; the back end is called directly, so no network is needed."""
    (wheel,) = WheelBuilder(str(source)).build(directory=str(into), versions=[version])
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def _shipped(folder: str, suffix: str) -> set[str]:
    return {f"grader/_builtin/{folder}/{p.name}" for p in (ROOT / folder).glob(f"*{suffix}")}


def test_the_wheel_holds_one_name_and_the_builtin_course(tmp_path: Path) -> None:
    names = _build(ROOT, tmp_path)
    tops = {top_name for n in names if not (top_name := n.split("/")[0]).endswith(".dist-info")}
    assert tops == {"grader"}
    rubrics, references = _shipped("rubrics", ".toml"), _shipped("reference", ".py")
    assert rubrics
    assert references
    assert rubrics | references <= set(names)
    assert "grader/py.typed" in names
    assert [n for n in names if n.endswith((".pyc", ".orig", "~"))] == []


def test_the_sdist_builds_the_same_wheel(tmp_path: Path) -> None:
    (sdist,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path))
    with tarfile.open(sdist) as archive:
        # 3.11.0 to 3.11.3 have no filters, 3.12 and 3.13 warn without one.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)
    (unpacked,) = (p for p in tmp_path.iterdir() if p.is_dir())
    assert _build(unpacked, tmp_path / "again") == _build(ROOT, tmp_path / "direct")


def test_an_editable_install_reads_the_checkout(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["editable"])
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    program = (
        f"import site; site.addsitedir({str(site)!r})\n"
        "from grader.course import builtin_course\n"
        "print(builtin_course().root)\n"
    )
    # -S: the environment's own site-packages may hold another installation of the toolkit.
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        check=True,
    )
    assert Path(done.stdout.strip()) == ROOT


def test_the_map_of_the_maths_names_every_file() -> None:
    folder = ROOT / "grader" / "maths"
    text = (folder / "__init__.py").read_text("utf-8")
    missing = [
        f.stem for f in sorted(folder.glob("*.py")) if f.stem != "__init__" and f"``{f.stem}``" not in text
    ]
    assert missing == []
