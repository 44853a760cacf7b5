"""The same notebooks graded by nbgrader, otter-grader and ours, side by side in one run:

    python -m venv graders && graders/bin/pip install -r benchmarks/graders-requirements.txt
    python benchmarks/graders.py --peers graders

Ten code questions (benchmarks/ten_questions); every student answers each with a program that is right or one
that is wrong. The peers' tests call the same functions with as many inputs, made by the same reference, and
compare values, shapes and tolerances as our rubric does. All of them read literally the same files: notebooks
as nbgrader releases them. First the verdicts: where somebody does not find all right answers right and all
wrong ones wrong, the times mean nothing, and the exit status is 1. Then the times:

* whole processes, cold, a submission: wall and processor seconds, ours before, between and after the peers.
  Processor seconds are those of every process that was started, orphans included; on a busy machine only
  they mean something;
* ours once warm, in this process: what a question costs on top of the student's own run time, which is
  measured by running the same cells and calls without any sandbox.

Every student's programs differ at least in a comment, so that nothing is judged once for two of them; ours
keeps no cache between runs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from processes import Took, adopt_orphans, as_installed, timed
from ten_questions import DATA, SHEET, Asked, Student, expression, notebook, questions, students, write_class

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LAYERS = ROOT / "docs" / "examples" / "layers-hw" / "reference" / "layers.py"

INSTALL = (
    "make it with\n    python -m venv graders && "
    "graders/bin/pip install -r benchmarks/graders-requirements.txt\nand give its folder: --peers graders"
)

Verdicts = dict[tuple[str, str], bool]
"""(student, question) → right?"""


@dataclass
class Outcome:
    name: str
    submissions: int
    times: list[Took]
    verdicts: Verdicts

    @property
    def wall(self) -> float:
        return statistics.median(t.wall for t in self.times) / self.submissions

    @property
    def cpu(self) -> float:
        return statistics.median(t.cpu for t in self.times) / self.submissions


class Bench:
    def __init__(self, work: Path, peers: Path | None, count: int) -> None:
        self.work, self.peers = work, peers
        self.course = work / "course"
        (self.course / "rubrics").mkdir(parents=True)
        (self.course / "reference").mkdir()
        shutil.copy(DATA / "rubric.toml", self.course / "rubrics" / f"{SHEET}.toml")
        shutil.copy(LAYERS, self.course / "reference")
        self.asked = questions(self.course)
        self.members = list(students(self.asked, count))
        self.submitted = work / "nbgrader" / "submitted"
        write_class(self.submitted, self.asked, self.members)
        self.truth: Verdicts = {(s.id, q): right for s in self.members for q, right in s.right.items()}
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("GRADE_", "JUPYTER"))}
        self.env |= {"HOME": str(work), "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"}
        self.log = work / "log"
        if peers is not None:
            self.env_peers = {k: v for k, v in self.env.items() if k != "PYTHONPATH"}
            self.env_peers["PATH"] = f"{peers / 'bin'}{os.pathsep}{self.env['PATH']}"

    # -- ours

    def ours(self, submitted: Path, jobs: int | None = None) -> tuple[Took, Verdicts]:
        out = self.work / "ours"
        shutil.rmtree(out, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "grader",
            "run",
            submitted,
            "--rubric",
            SHEET,
            "--out",
            out,
            "--quiet",
        ]
        command += ["--no-cache", *(["--jobs", str(jobs)] if jobs else [])]
        took = timed(command, self.course, self.env, self.log, (0,))
        found: Verdicts = {}
        for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines():
            f = json.loads(line)
            found[f["student"], f["question"]] = f["points"] == f["max_points"]
        return took, found

    # -- nbgrader

    def prepare_nbgrader(self) -> None:
        course = self.work / "nbgrader"
        (course / "source" / SHEET).mkdir(parents=True)
        source = notebook(self.asked, None)
        (course / "source" / SHEET / f"{SHEET}.ipynb").write_text(source, encoding="utf-8")
        (course / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
            f"c.CourseDirectory.root = {str(course)!r}\n",
            encoding="utf-8",
        )
        self._peer("nbgrader", "generate_assignment", SHEET, "--create", cwd=course)

    def nbgrader(self) -> tuple[Took, Verdicts]:
        course = self.work / "nbgrader"
        took = self._peer("nbgrader", "autograde", SHEET, "--force", cwd=course)
        read = (
            "import json\nfrom nbgrader.api import Gradebook\n"
            "with Gradebook('sqlite:///gradebook.db') as g:\n"
            f"    for s in g.assignment_submissions({SHEET!r}):\n        for n in s.notebooks:\n"
            "            for x in n.grades:\n"
            "                print(json.dumps([s.student.id, x.name, x.score]))\n"
        )
        done = subprocess.run(
            [self._bin("python"), "-c", read],
            cwd=course,
            env=self.env_peers,
            stdout=subprocess.PIPE,
            check=True,
        )
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return took, {(s, name.removeprefix("test")): score == 1 for s, name, score in rows}

    # -- otter

    def prepare_otter(self) -> None:
        with zipfile.ZipFile(self.work / "autograder.zip", "w") as archive:
            archive.writestr("otter_config.json", "{}")
            for q in self.asked:
                body = "\n".join(f"    {line}" for line in q.test.splitlines())
                # the test sees the student's names as otter hands them over, and none of the notebook's
                names = sorted(set(re.findall(r"\b\w+_\w+(?=\()", expression(q.criterion))))
                text = "from otter.test_files import test_case\nOK_FORMAT = False\n"
                text += f"name = 'q{q.id}'\npoints = 1\n"
                text += f"@test_case(hidden=True)\ndef test({', '.join(names)}):\n{body}\n"
                archive.writestr(f"tests/q{q.id}.py", text)

    def otter(self, members: Sequence[Student], *, each: bool) -> tuple[Took, Verdicts]:
        """``each``: ``otter run`` for every notebook; else one process that grades one after the other."""
        results = self.work / "otter"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir()
        files = {s.id: self.submitted / s.id / SHEET / f"{SHEET}.ipynb" for s in members}
        zipped = str(self.work / "autograder.zip")
        if each:
            wall = cpu = 0.0
            for student, file in files.items():
                (results / student).mkdir()
                took = self._peer("otter", "run", "-a", zipped, "-o", results / student, file, cwd=self.work)
                wall, cpu = wall + took.wall, cpu + took.cpu
            took = Took(wall, cpu)
        else:
            script = (
                "import json, sys, pathlib\nfrom otter.api import grade_submission\n"
                "for student, file in json.loads(sys.argv[1]).items():\n"
                "    r = grade_submission(file, sys.argv[2], quiet=True)\n"
                "    out = pathlib.Path(sys.argv[3]) / student\n    out.mkdir()\n"
                "    tests = [{'name': k, 'score': v.score, 'max_score': v.possible}\n"
                "             for k, v in r.results.items()]\n"
                "    (out / 'results.json').write_text(json.dumps({'tests': tests}))\n"
            )
            given = json.dumps({k: str(v) for k, v in files.items()})
            took = self._peer("python", "-c", script, given, zipped, results, cwd=self.work)
        found: Verdicts = {}
        for student in files:
            tests = json.loads((results / student / "results.json").read_text(encoding="utf-8"))["tests"]
            for test in tests:
                name = re.search(r"\bq(\d+)\b", test["name"])
                if name:
                    found[student, name[1]] = test["score"] == test["max_score"]
        return took, found

    def _bin(self, name: str) -> Path:
        assert self.peers is not None
        return self.peers / "bin" / name

    def _peer(self, *command: str | Path, cwd: Path) -> Took:
        return timed([self._bin(str(command[0])), *command[1:]], cwd, self.env_peers, self.log, (0,))


# ---- ours, warm


def own_seconds(asked: Sequence[Asked], student: Student) -> float:
    """What the student's cells and the calls take by themselves: no sandbox, no comparison. (The programs are
    those of this benchmark.)"""
    cells = [compile(student.programs[q.id], q.id, "exec") for q in asked]
    calls = [compile(expression(q.criterion), q.id, "eval") for q in asked]
    space: dict[str, Any] = {"np": np}
    start = time.perf_counter()
    for cell in cells:
        exec(cell, space)
    for q, call in zip(asked, calls, strict=True):
        for arguments in q.cases:
            given = dict(zip(q.criterion["parameters"], arguments, strict=True))
            with contextlib.suppress(Exception):
                eval(call, space, given)
    return time.perf_counter() - start


def warm(bench: Bench, count: int) -> tuple[float, float]:
    """Seconds a submission in this process once warm, and the students' own: medians over students whom the
    grader has not seen before."""
    from grader.engine.grade import Grader, Settings
    from grader.engine.plan import make_plan

    folder = bench.work / "warm"
    members = list(students(bench.asked, count + len(bench.asked)))
    write_class(folder / "submitted", bench.asked, members)
    plan = make_plan([folder / "submitted"], SHEET, start=bench.course)
    grader = Grader(plan.rubrics, Settings())
    seconds = []
    try:
        for job in plan.jobs:
            start = time.perf_counter()
            grader.grade(job)
            seconds.append(time.perf_counter() - start)
    finally:
        grader.close()
    own = [own_seconds(bench.asked, s) for s in members]
    first = len(bench.asked)
    return statistics.median(seconds[first:]), statistics.median(own[first:])


# ---- the table


def show(bench: Bench, outcomes: Sequence[Outcome]) -> bool:
    """The table; whether everybody's verdicts are right."""
    ours = outcomes[0]
    head = ("what", "submissions", "wall s", "CPU s", "times ours, wall", "times ours, CPU", "verdicts right")
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    fine, astray = True, []
    for o in outcomes:
        wanted = {k: v for k, v in bench.truth.items() if k in o.verdicts} if o.verdicts else {}
        right = sum(o.verdicts[k] == v for k, v in wanted.items())
        asked = o.submissions * len(bench.asked)
        checked = f"{right} of {asked}" if o.verdicts else "as above"
        fine &= not o.verdicts or right == asked
        times = f"{o.wall / ours.wall:.1f} | {o.cpu / ours.cpu:.1f}"
        print(f"| {o.name} | {o.submissions} | {o.wall:.3f} | {o.cpu:.3f} | {times} | {checked} |")
        astray += [
            f"{o.name}: {s} {q} is {'right' if v else 'wrong'}"
            for (s, q), v in wanted.items()
            if o.verdicts[s, q] != v
        ]
    print("".join(f"\n{line}" for line in astray))
    return fine


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peers", type=Path, metavar="VENV", help="the folder of the peers' environment")
    parser.add_argument("--submissions", type=int, default=12, metavar="N")
    parser.add_argument("--many", type=int, default=240, metavar="N", help="ours alone, a class of this size")
    parser.add_argument(
        "--each", type=int, default=3, metavar="N", help="notebooks for `otter run`, one by one"
    )
    options = parser.parse_args()
    peers = options.peers.resolve() if options.peers else None
    missing = [n for n in ("nbgrader", "otter") if peers is None or not (peers / "bin" / n).is_file()]
    if peers is None:
        print(f"Ours alone: no environment with the peers; {INSTALL}\n", file=sys.stderr)
    elif missing:
        sys.exit(f"{options.peers}: {' and '.join(missing)} not found in its bin/; {INSTALL}")
    if not adopt_orphans():
        print("processor seconds of orphans are not counted on this system", file=sys.stderr)
    as_installed(ROOT / "grader")
    with tempfile.TemporaryDirectory(prefix="graders-") as folder:
        work = Path(folder).resolve()
        bench = Bench(work, peers, options.submissions)
        compare(bench, options.each, options.many)


def compare(bench: Bench, each: int, many: int) -> None:
    count = len(bench.members)
    few = bench.members[: min(each, count)]
    bench.ours(bench.submitted)  # compiles what has not been compiled
    cold = [bench.ours(bench.submitted)]
    peers: list[Outcome] = []
    if bench.peers is not None:
        bench.prepare_nbgrader()
        bench.prepare_otter()
        took, found = bench.nbgrader()
        peers.append(Outcome("nbgrader autograde", count, [took], found))
        cold.append(bench.ours(bench.submitted))
        took, found = bench.otter(bench.members, each=False)
        peers.append(Outcome("otter, one process", count, [took], found))
        cold.append(bench.ours(bench.submitted))
        if few:
            took, found = bench.otter(few, each=True)
            peers.append(Outcome("otter run, one by one", len(few), [took], found))
    cold.append(bench.ours(bench.submitted))
    outcomes = [Outcome("ours, cold", count, [t for t, _ in cold], cold[-1][1])]
    one = [bench.ours(bench.submitted, jobs=1) for _ in range(3)]
    outcomes.append(Outcome("ours, cold, --jobs 1", count, [t for t, _ in one], one[-1][1]))
    if many:
        folder = bench.work / "many" / "submitted"
        write_class(folder, bench.asked, list(students(bench.asked, many)))
        took, _ = bench.ours(folder)
        outcomes.append(Outcome("ours, cold, a larger class", many, [took], {}))
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} processors")
    print(f"{len(bench.asked)} questions a notebook; seconds are those of one submission\n")
    fine = show(bench, [*outcomes, *peers])
    if not fine:
        sys.exit("\nthe verdicts differ from the truth: the times above compare different work")
    passed, own = warm(bench, 60)
    print(
        f"\nours, warm, one process: {1000 * passed:.1f} ms a submission, of which the students' own "
        f"{1000 * own:.1f} ms"
    )
    print(
        f"a question, on top of the student's own run time: {1000 * (passed - own) / len(bench.asked):.2f} ms"
    )
    if peers:
        best = outcomes[-1]
        print(f"\nthroughput of a class ({best.name}) to that of")
        for o in peers:
            print(f"  {o.name}: {o.wall / best.wall:.0f} times (wall), {o.cpu / best.cpu:.0f} times (CPU)")


if __name__ == "__main__":
    main()
