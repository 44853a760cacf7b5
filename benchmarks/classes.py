"""What a class costs: time and memory against its size, executors, the store cold, warm, and after an edit.

    python benchmarks/classes.py measure --sizes 100 1000 10000 --out classes.jsonl
    python benchmarks/classes.py draw classes.jsonl --pictures docs/pictures

``measure`` simulates a class once (``grade simulate``; its own cost is printed), takes its first N students
for every size, and runs ``grade run`` as a whole process, one run at a time:

* cold: nothing is known; warm: the same run again; edited (classes of at most ``--edited``): the credit of a
  mistake in the rubric was changed;
* executors: ``here``, ``pool`` with 1 and 2 processes and ``dask`` with 2, all cold, at ``--executors-at``
  (in a small class the fixed costs hide what a second process gains);
* floors, in one process: reading and decoding the same files (``json``), ``nbformat.read`` of the notebooks.

Processor seconds are those of every process that was started. Memory: what the process that was called
reports as its peak, and the most that all processes held together. On two idle processors the sizes above
take some nine minutes, of which the cold run over 10,000 is half. Rows are appended as soon as they are
measured; ``--busy`` marks them as measured beside other work. ``draw`` prints the table and what larger
classes would cost, and draws the SVGs (matplotlib, in the extra ``bench``).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from processes import Took, adopt_orphans, as_installed, timed

ROOT = Path(__file__).resolve().parent.parent
RUBRIC = "csc413-2020-hw2"
# One mistake of the derivative asked in 2.2.3 is worth something else.
EDIT = ('its factor −2/n was dropped."\ncredit = 0.6', 'its factor −2/n was dropped."\ncredit = 0.5')


@dataclass(frozen=True)
class Row:
    """One run. ``state``: cold, warm, edited or the name of a floor; seconds of the whole run."""

    students: int
    state: str
    executor: str
    jobs: int
    wall: float
    cpu: float
    parent_mb: float = 0.0
    all_mb: float = 0.0
    graded: int = 0
    judged: int = 0
    busy: bool = False
    python: str = platform.python_version()
    processors: int = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


# ---- measuring


class Bench:
    def __init__(self, work: Path, most: int, seed: str, classes: Path | None) -> None:
        self.work = work
        self.course = work / "course"
        (self.course / "rubrics").mkdir(parents=True)
        (self.course / "reference").mkdir()
        self.rubric = self.course / "rubrics" / f"{RUBRIC}.toml"
        self.text = (ROOT / "rubrics" / f"{RUBRIC}.toml").read_text(encoding="utf-8")
        if self.text.count(EDIT[0]) != 1:
            sys.exit(f"{RUBRIC} has no longer the passage that is edited; change EDIT")
        self.rubric.write_text(self.text, encoding="utf-8")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GRADE_")}
        self.env["PYTHONPATH"] = str(ROOT)
        self.log = work / "log"
        self.all = self._simulated(most, seed, classes or work / "class")

    def _simulated(self, most: int, seed: str, place: Path) -> list[Path]:
        folder = place / "submissions"
        if len(list(folder.glob("*"))) < most:
            shutil.rmtree(place, ignore_errors=True)
            command = [
                "simulate",
                "--rubric",
                RUBRIC,
                "--students",
                str(most),
                "--seed",
                seed,
                "--quiet",
                "--out",
            ]
            took = self._grade([*command, str(place)], (0,))
            cost = f"{1000 * took.cpu / most:.1f} ms of processor time each"
            print(f"simulated {most} students in {took.wall:.0f} s ({cost})", file=sys.stderr)
        return sorted(folder.iterdir())[:most]

    def class_of(self, count: int) -> Path:
        folder = self.work / f"class-{count}"
        if not folder.is_dir():
            folder.mkdir()
            for file in self.all[:count]:
                shutil.copy(file, folder)
        return folder

    def _grade(self, arguments: Sequence[str], ok: Sequence[int], *, memory: bool = False) -> Took:
        command = [sys.executable, "-m", "grader", *arguments]
        return timed(command, self.course, self.env, self.log, ok, memory=memory)

    def run(self, count: int, state: str, executor: str, jobs: int, *, busy: bool) -> Row:
        """One run; ``warm`` and ``edited`` follow a cold one with the same executor and processes."""
        out = self.work / f"out-{count}-{executor}-{jobs}"
        if state == "cold":
            shutil.rmtree(out, ignore_errors=True)
        self.rubric.write_text(self.text.replace(*EDIT) if state == "edited" else self.text, encoding="utf-8")
        arguments = ["run", str(self.class_of(count)), "--rubric", RUBRIC, "--out", str(out), "--quiet"]
        arguments += ["--executor", executor, *(["--jobs", str(jobs)] if executor != "here" else [])]
        events = self.work / "events"
        events.unlink(missing_ok=True)
        took = self._grade([*arguments, "--log", str(events)], (0, 1), memory=True)
        last = json.loads(events.read_text(encoding="utf-8").splitlines()[-1])
        return Row(
            count,
            state,
            executor,
            jobs,
            took.wall,
            took.cpu,
            float(last.get("peak_memory_mb", 0.0)),
            took.memory,
            int(last.get("graded") or 0),
            int(last.get("judged") or 0),
            busy,
        )

    def floors(self, count: int, *, busy: bool) -> Iterator[Row]:
        import nbformat

        files = sorted(self.class_of(count).iterdir())

        def decoded() -> None:
            for file in files:
                data = file.read_bytes()
                json.loads(data) if file.suffix in (".ipynb", ".json") else data.decode("utf-8")

        def read() -> None:
            for file in files:
                nbformat.read(file, 4) if file.suffix == ".ipynb" else file.read_bytes()

        for name, action in (("json", decoded), ("nbformat", read)):
            action()
            start, used = time.perf_counter(), time.process_time()
            action()
            took = time.perf_counter() - start, time.process_time() - used
            yield Row(count, name, "floor", 1, *took, busy=busy)


def measure(options: argparse.Namespace) -> None:
    adopt_orphans()
    as_installed(ROOT / "grader")
    sizes = sorted(options.sizes)
    with (
        tempfile.TemporaryDirectory(prefix="classes-") as folder,
        options.out.open("a", encoding="utf-8") as out,
    ):

        def keep(row: Row) -> None:
            out.write(json.dumps(asdict(row)) + "\n")
            out.flush()
            cpu, wall = (1000 * total / row.students for total in (row.cpu, row.wall))
            each = f"{cpu:8.2f} ms CPU, {wall:8.2f} ms wall each"
            memory = f"{row.parent_mb:6.0f} MB here, {row.all_mb:6.0f} MB in all"
            print(
                f"{row.students:7} {row.executor:6} {row.jobs} {row.state:8} {each}, {memory}",
                file=sys.stderr,
            )

        bench = Bench(Path(folder).resolve(), sizes[-1], options.seed, options.classes)
        for _ in range(options.rounds):
            for count in sizes:
                for row in bench.floors(count, busy=options.busy):
                    keep(row)
                for state in ("cold", "warm", *(["edited"] if count <= options.edited else [])):
                    keep(bench.run(count, state, "pool", options.jobs[-1], busy=options.busy))
            count = min(options.executors_at, sizes[-1])
            for executor in options.executors:
                for jobs in {"here": [1], "dask": options.jobs[-1:]}.get(executor, options.jobs):
                    if (executor, jobs) != ("pool", options.jobs[-1]) or count not in sizes:
                        keep(bench.run(count, "cold", executor, jobs, busy=options.busy))


# ---- the table and the pictures


class Table:
    """Medians over rounds."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = rows
        self.sizes = sorted({r["students"] for r in rows if r["state"] == "warm"})
        self.jobs = max((r["jobs"] for r in rows if r["state"] == "warm"), default=2)

    def get(self, students: int, state: str, executor: str, jobs: int, what: str) -> float | None:
        asked = {"students": students, "state": state, "executor": executor, "jobs": jobs}
        found = [r[what] for r in self.rows if asked.items() <= r.items()]
        return statistics.median(found) if found else None

    def each(self, students: int, state: str, what: str) -> float | None:
        """Milliseconds a submission: of the pool with all its processes, or of a floor."""
        floor = state in ("json", "nbformat")
        total = self.get(students, state, "floor" if floor else "pool", 1 if floor else self.jobs, what)
        return None if total is None else 1000 * total / students

    def line(self, state: str) -> tuple[float, float]:
        """Processor seconds of a run without students, and of each student."""
        small, large = self.sizes[-2:]
        totals = [self.get(n, state, "pool", self.jobs, "cpu") or 0.0 for n in (small, large)]
        slope = (totals[1] - totals[0]) / (large - small)
        return totals[1] - slope * large, slope


def draw(options: argparse.Namespace) -> None:
    rows = [json.loads(line) for line in options.rows.read_text(encoding="utf-8").splitlines()]
    table = Table(rows)
    busy = " (*busy*)" if any(r["busy"] for r in rows) else ""
    print(f"Milliseconds of processor time a submission, wall time in brackets{busy}:\n")
    head = (
        "students",
        "parsed as JSON",
        "nbformat.read",
        "cold",
        "warm",
        "one criterion edited",
        "cold to JSON",
    )
    print(
        "| " + " | ".join((*head, "peak here, MB", "peak of all, MB")) + " |\n|" + " --- |" * (len(head) + 2)
    )
    for n in table.sizes:
        cells = [f"{n:,}"]
        for state in ("json", "nbformat", "cold", "warm", "edited"):
            cpu, wall = table.each(n, state, "cpu"), table.each(n, state, "wall")
            cells.append("" if cpu is None or wall is None else f"{cpu:.2f} ({wall:.2f})")
        cold, floor = table.each(n, "cold", "cpu"), table.each(n, "json", "cpu")
        cells.append(f"{cold / floor:.0f}" if cold and floor else "")
        for what in ("parent_mb", "all_mb"):
            cells.append(f"{table.get(n, 'cold', 'pool', table.jobs, what) or 0:.0f}")
        print("| " + " | ".join(cells) + " |")
    print(f"\nThe same class, cold, in other places{busy}:\n")
    print(
        "| executor | processes | students | wall, s | processor, s | times `here`, wall |\n|" + " --- |" * 6
    )
    places = sorted({(r["executor"], r["jobs"]) for r in rows if r["state"] == "cold"})
    at = next((r["students"] for r in rows if r["executor"] == "here"), table.sizes[-1] if table.sizes else 0)
    base = table.get(at, "cold", "here", 1, "wall")
    for executor, jobs in places:
        wall, cpu = (table.get(at, "cold", executor, jobs, what) for what in ("wall", "cpu"))
        if wall and cpu:
            speed = f"{base / wall:.2f}" if base else ""
            print(f"| {executor} | {jobs} | {at:,} | {wall:.1f} | {cpu:.1f} | {speed} |")
    if len(table.sizes) > 1:
        print("\n" + extrapolated(table))
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
        for name, title, text in pictures(table, bool(busy), at, places, options.pictures):
            print(f"\n![{title}: {text}](pictures/{name})")


def extrapolated(table: Table) -> str:
    """Straight lines through the two largest sizes: what a run costs, and what each submission adds.

    What a warm run adds (reading, looking up, writing reports) is the most that the process which was called
    does by itself, one after the other, however many others there are.
    """
    fixed, slope = table.line("cold")
    alone = max(0.0, table.line("warm")[1])
    told = (
        f"A cold run costs {fixed:.1f} s of processor time, and each submission {1000 * slope:.1f} ms more; "
    )
    told += f"of these at most {1000 * alone:.1f} ms fall to the process that was called.\n"
    lines = [told, "| students | processor hours | on 2 processors | on 100 |", "| --- | --- | --- | --- |"]
    for n in (10**5, 10**6):
        hours = (fixed + slope * n) / 3600
        two, hundred = (max(hours / k, alone * n / 3600) for k in (2, 100))
        lines.append(f"| {n:,} | {hours:.1f} | {two:.1f} h | {60 * hundred:.0f} min |")
    return "\n".join(lines)


INK, PAPER = "#1b1f24", "#ffffff"
SHADES = {"cold": "#0b62c4", "warm": "#1a7f37", "edited": "#a8480a", "json": "#6e40aa", "nbformat": "#57606a"}
DARK = {
    INK: "#e6e8eb",
    PAPER: "#16181c",
    "#0b62c4": "#6cb2ff",
    "#1a7f37": "#56d364",
    "#a8480a": "#f0a35e",
    "#6e40aa": "#c9a6ff",
    "#57606a": "#9aa4af",
}
MARKS = {"cold": "o", "warm": "s", "edited": "^", "json": "x", "nbformat": "+"}
NAMES = {"json": "floor: json", "nbformat": "floor: nbformat.read", "edited": "one criterion edited"}


def pictures(
    table: Table, busy: bool, at: int, places: Sequence[tuple[str, int]], folder: Path
) -> Iterator[tuple[str, str, str]]:
    """Draw; the name of each file, its title and what it shows in words."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "classes", "font.size": 11}
    matplotlib.rcParams |= dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), INK)
    matplotlib.rcParams |= {"xtick.color": INK, "ytick.color": INK, "font.family": "sans-serif"}
    from matplotlib import pyplot

    def saved(figure: Any, name: str, title: str, words: str) -> tuple[str, str, str]:
        figure.tight_layout()
        figure.savefig(folder / name, metadata={"Date": None})
        pyplot.close(figure)
        finish(folder / name, title, words)
        return name, title, words

    def numbered(axes: Any) -> None:
        axes.minorticks_off()
        axes.set_xticks(table.sizes, [f"{n:,}" for n in table.sizes])

    mark = " (measured beside other work)" if busy else ""
    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    words = []
    for state in ("cold", "edited", "warm", "nbformat", "json"):
        points = [(n, table.each(n, state, "cpu")) for n in table.sizes]
        points = [(n, y) for n, y in points if y]
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=SHADES[state],
                marker=MARKS[state],
                label=NAMES.get(state, state),
            )
            words.append(f"{NAMES.get(state, state)} {short(points[0][1])} to {short(points[-1][1])} ms")
    axes.set(xscale="log", yscale="log", xlabel=f"students{mark}", ylabel="ms of processor time a submission")
    numbered(axes)
    axes.yaxis.set_major_formatter(lambda y, _: short(y))
    axes.legend(frameon=False, labelcolor=INK)
    span = f"from {table.sizes[0]:,} to {table.sizes[-1]:,} students"
    yield saved(figure, "class-cost.svg", "Cost of a submission", f"{span}: {', '.join(words)}")

    figure, axes = pyplot.subplots(figsize=(7, 3.4))
    words = []
    for what, name, state in (
        ("all_mb", "all processes together", "cold"),
        ("parent_mb", "the process that was called", "warm"),
    ):
        points = [(n, table.get(n, "cold", "pool", table.jobs, what)) for n in table.sizes]
        points = [(n, y) for n, y in points if y]
        if points:
            axes.plot(*zip(*points, strict=True), color=SHADES[state], marker=MARKS[state], label=name)
            words.append(f"{name} {points[0][1]:.0f} to {points[-1][1]:.0f} MB")
    axes.set(xscale="log", xlabel=f"students{mark}", ylabel="peak of memory, MB")
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    numbered(axes)
    axes.legend(frameon=False, labelcolor=INK)
    yield saved(figure, "class-memory.svg", "Memory", f"{span}: {', '.join(words)}")

    what, word = ("cpu", "processor seconds") if busy else ("wall", "seconds")
    bars = [(f"{e} × {j}", table.get(at, "cold", e, j, what)) for e, j in places]
    bars = [(name, wall) for name, wall in bars if wall]
    if len(bars) > 1:
        figure, axes = pyplot.subplots(figsize=(7, 3))
        drawn = axes.barh([b[0] for b in bars], [b[1] for b in bars], color=SHADES["cold"])
        axes.bar_label(drawn, [f" {wall:.1f} s" for _, wall in bars], color=INK)
        axes.set(xlabel=f"{word} for {at:,} students, cold{mark}")
        axes.margins(x=0.15)
        axes.invert_yaxis()
        words = [f"{name} {wall:.1f} s" for name, wall in bars]
        yield saved(
            figure,
            "class-executors.svg",
            "Executors",
            f"{word} for {at:,} students, cold: {', '.join(words)}",
        )


def short(value: float) -> str:
    """Two digits that count: 0.021, 3.4, 91, 228."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def finish(file: Path, title: str, words: str) -> None:
    """A text alternative, and colours that follow the reader's theme."""
    from xml.sax.saxutils import escape

    text = file.read_text(encoding="utf-8")
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )
    start = text.index(">", text.index("<svg")) + 1
    inside = f"\n<title>{escape(title)}</title>\n<desc>{escape(words)}</desc>\n"
    inside += f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
    head = text[:start].replace("<svg", '<svg role="img"', 1)
    text = head + inside + text[start:]
    file.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("measure")
    one.add_argument("--sizes", type=int, nargs="+", default=[100, 1000], metavar="N")
    one.add_argument("--edited", type=int, default=1000, metavar="N", help="no larger class after an edit")
    one.add_argument(
        "--jobs", type=int, nargs="+", default=[1, 2], metavar="N", help="processes, the most last"
    )
    one.add_argument("--executors", nargs="*", default=["here", "pool", "dask"])
    one.add_argument("--executors-at", type=int, default=1000, metavar="N", help="the class for executors")
    one.add_argument("--rounds", type=int, default=1, metavar="N")
    one.add_argument("--seed", default="8")
    one.add_argument("--classes", type=Path, metavar="DIR", help="keep the simulated class there, or take it")
    one.add_argument("--busy", action="store_true", help="the machine does other work beside")
    one.add_argument("--out", type=Path, required=True, metavar="FILE", help="rows are appended to it")
    one.set_defaults(action=measure)
    two = commands.add_parser("draw")
    two.add_argument("rows", type=Path, metavar="FILE")
    two.add_argument("--pictures", type=Path, metavar="DIR")
    two.set_defaults(action=draw)
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
