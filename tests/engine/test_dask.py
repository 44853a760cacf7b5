"""Dask: the same bytes as everywhere else, on a cluster of our own and on one that exists; and its faults."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader import checkers
from grader.engine.digests import machine, toolkit
from grader.engine.executors import child, errands, make_executor
from grader.engine.executors.errands import Done, Errand, Refused, Run, course_digest, do_errand, end_run
from grader.engine.executors.tasks import Executor, Failed
from grader.engine.executors.worker import Call, Terms
from grader.engine.grade import Grader, Settings
from grader.engine.plan import Plan, make_plan
from grader.errors import UsageFault
from grader.model import Job, Status, SubmissionResult, Trail
from grader.reports.tables import findings_jsonl, scores_csv
from tests.kit import REFERENCE, SHEET, submit

# A fork of a process with threads (Dask has some) is announced from Python 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("s001", "s010", "s016", "s020")  # a few, since every executor grades them

# The made-up kind, in every process that Python starts: it is put where kinds are found.
SITE = """\
import grader.checkers
grader.checkers.__path__.append({kinds!r})
"""
DIED = "Judging this answer ended its process 2 times ({}); it was not decided. A person looks."
CRASHED = (
    "The criterion 'word' could not be run (KeyError: 'boom'). "
    "This is a fault of the grader or of the rubric and costs no marks."
)
KIND = "from tests.kit import Options, build, verify\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course to stand in, with a class whose answers do their worst; other processes know its kind too."""
    root = tmp_path_factory.mktemp("dask").resolve()
    kinds = root / "kinds"
    for folder in ("rubrics", "reference", "in", "kinds", "site"):
        (root / folder).mkdir()
    (root / "rubrics" / "tiny.toml").write_text(SHEET)
    (root / "reference" / "tiny.py").write_text(REFERENCE)
    (kinds / "say.py").write_text(KIND)
    (root / "site" / "sitecustomize.py").write_text(SITE.format(kinds=str(kinds)))
    for student in EXAMPLES:
        for file in sorted((ROOT / "submissions_example").glob(f"{student}*")):
            shutil.copy(file, root / "in" / file.name)
    for i, word in enumerate(["yes", "die", "perhaps", "segfault", "crash"]):
        submit(root / "in", f"t{i:03}", q1_1="1/2", q1_2=word, q2="more")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("PYTHONPATH", os.pathsep.join((str(root / "site"), str(ROOT))))
        patch.setattr(checkers, "__path__", [*checkers.__path__, str(kinds)])
        patch.setattr(child, "START_METHOD", "fork")  # quick; a cluster's workers do it as they always do
        yield root


def graded(grader: Grader, plan: Plan, executor: Executor) -> list[SubmissionResult]:
    done = dict(executor.grade(enumerate(plan.jobs)))
    return [done[i].result for i in range(len(plan.jobs))]


def tables(grader: Grader, plan: Plan, executor: Executor) -> bytes:
    """The bytes of the files that must be the same everywhere."""
    results = graded(grader, plan, executor)
    rubrics = [grader.rubric(file) for file in sorted({r.rubric for r in results if r.rubric})]
    return scores_csv(results, rubrics) + findings_jsonl(results)


def upper(grader: Grader, word: str) -> str:
    if word == "hang":
        time.sleep(600)
    return word.upper()


UPPER = "tests.engine.test_dask:upper"


@pytest.fixture(scope="module")
def pool(course: Path) -> bytes:
    """What worker processes of this machine make of the class."""
    plan = make_plan([Path("in")], None)
    grader = Grader(plan.rubrics)
    with make_executor(grader, plan.rubrics, 2) as executor:
        made = tables(grader, plan, executor)
    errors = [
        row for row in map(json.loads, made[made.index(b"{") :].splitlines()) if row["outcome"] == "error"
    ]
    assert [(row["student"], row["question"], row["message"]) for row in errors] == [
        ("t001", "1.2", DIED.format("exit code 9")),
        ("t003", "1.2", DIED.format("SIGSEGV")),
        ("t004", "1.2", CRASHED),
    ]
    return made


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_workers(course: Path, pool: bytes, workers: int) -> None:
    plan = make_plan([Path("in")], None)
    grader = Grader(plan.rubrics)
    with make_executor(grader, plan.rubrics, workers) as executor:
        assert tables(grader, plan, executor) == pool


def test_none_but_this_process(course: Path, pool: bytes) -> None:
    """Without those who kill: here they would kill us."""
    plan = make_plan([Path("in")], None)
    deadly = ('"die"', '"segfault"')
    jobs = tuple(j for j in plan.jobs if not any(word in Path(j.path).read_text() for word in deadly))
    assert len(jobs) == len(plan.jobs) - 2
    plan, grader = replace(plan, jobs=jobs), Grader(plan.rubrics)
    with make_executor(grader, plan.rubrics, None) as executor:
        made = tables(grader, plan, executor).splitlines()
    assert set(made) < set(pool.splitlines())
    assert len(made) == len(pool.splitlines()) - 2 - 2 * 4


# ---- what a Dask worker does, without Dask


@pytest.fixture
def run(course: Path) -> Iterator[Run]:
    plan = make_plan([Path("in")], None)
    terms = Terms(plan.rubrics, Settings(), 60.0, folder=str(course))
    run = Run(f"test-{time.monotonic_ns()}", terms, toolkit(), machine())
    yield run
    end_run(run.id, patience=5.0)


def job_of(course: Path, said: str) -> Job:
    jobs = make_plan([Path("in")], None).jobs
    return next(j for j in jobs if said in Path(j.path).read_text())


def test_an_errand_is_done_in_a_child_that_may_die(course: Path, run: Run) -> None:
    job = job_of(course, '"die"')
    done = do_errand(run, Errand(7, job, errands.size_of(course / job.path), course_digest(run, job.rubric)))
    assert [(m.place, m.how) for m in done.mishaps] == [("question 1.2", "exit code 9")] * 2
    assert [str(f.outcome) for f in done.answer.findings] == ["correct", "correct", "error", "correct"]
    assert do_errand(run, Errand(8, Call(UPPER, "x"))).answer == "X"
    end_run(run.id)
    assert do_errand(run, Errand(9, Call(UPPER, "x"))).answer == Failed("was stopped")


def test_an_errand_that_hangs_is_stopped(course: Path, run: Run) -> None:
    run = replace(run, terms=replace(run.terms, limit=1.0))
    done = do_errand(run, Errand(7, Call(UPPER, "hang")))
    assert done.answer == Failed("took more than 1 seconds and was stopped")


def test_the_end_of_a_run_ends_what_is_under_way(course: Path, run: Run) -> None:
    done: list[Done] = []
    thread = threading.Thread(target=lambda: done.append(do_errand(run, Errand(7, Call(UPPER, "hang")))))
    thread.start()
    while not errands._staffs.get(run.id, errands._Staff()).busy:
        time.sleep(0.01)
    end_run(run.id)
    thread.join()
    assert done[0].answer == Failed("was stopped")
    assert run.id not in errands._staffs


def test_a_child_that_has_waited_for_long_ends_and_another_one_is_started(course: Path, run: Run) -> None:
    run = replace(run, terms=replace(run.terms, patience=0.05))
    for _ in range(2):
        done = do_errand(run, Errand(7, Call(UPPER, "x")))
        assert (done.answer, done.mishaps) == ("X", ())
        first = errands._staffs[run.id].idle[0]
        while first.is_alive():
            time.sleep(0.01)


def test_a_machine_that_is_not_as_ours_refuses(course: Path, run: Run) -> None:
    job = job_of(course, '"die"')
    other = "its toolkit, its Python or one of the libraries that decide values is another than here; "
    assert errands.refusal(run) == ""
    assert errands.refusal(replace(run, toolkit=b"another")).startswith(other)
    apart = replace(run, terms=replace(run.terms, folder="/nowhere"))
    assert errands.refusal(apart) == (
        "it does not see the folder /nowhere; every worker needs the file system that you work on"
    )
    path, size = course / job.path, errands.size_of(course / job.path)
    assert do_errand(run, Errand(7, job, 3)).answer == Refused(
        f"it sees {size} bytes, not 3, in {path}; keep submissions on a file system that all workers share"
    )
    gone = replace(job, path="in/gone.json")
    assert do_errand(run, Errand(7, gone, 3)).answer == Refused(
        f"it does not see {course}/in/gone.json; keep submissions on a file system that all workers share"
    )
    assert do_errand(run, Errand(7, job, size, b"other")).answer == Refused(
        "what it sees of the course and its references is not what we see; "
        "keep the course on a file system that all workers share"
    )


def test_what_another_sandbox_gave_is_not_kept(course: Path, run: Run) -> None:
    ran = SubmissionResult("s001", "s001.md", Status.GRADED, sandbox="bubblewrap", trail=Trail(lasting=True))
    away = replace(run, machine=b"another")
    assert errands._lasting(run, ran) is ran
    assert errands._lasting(away, ran) == replace(ran, trail=Trail(lasting=False))
    assert errands._lasting(away, replace(ran, sandbox="")).trail.lasting
    assert errands._lasting(away, "a page") == "a page"


def test_without_the_extra_it_says_what_to_install(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageFault) as caught:
        make_executor(Grader({}), {}, 2, dask=True)
    assert str(caught.value) == (
        "Dask is not installed here; install it, in the same version as on the cluster: "
        "pip install 'homework-grader[dask]'"
    )


# ---- clusters


def listening() -> set[str]:
    """The addresses that this process can be reached at."""
    psutil = pytest.importorskip("psutil")  # comes with Dask
    return {c.laddr.ip for c in psutil.Process().net_connections("inet") if c.status == "LISTEN"}


def test_a_cluster_of_our_own(course: Path, pool: bytes) -> None:
    pytest.importorskip("distributed")
    before = listening()
    plan = make_plan([Path("in")], None)
    grader = Grader(plan.rubrics)
    with make_executor(grader, plan.rubrics, 2, dask=True) as executor:
        assert (executor.name, executor.workers) == ("dask", 2)
        assert listening() - before <= {"127.0.0.1"}
        assert tables(grader, plan, executor) == pool
        assert (executor.losses.deaths, executor.losses.retries, executor.losses.left_out) == (4, 4, 2)
        assert dict(executor.call(UPPER, enumerate("abcdefghij"))) == dict(enumerate("ABCDEFGHIJ"))


@contextlib.contextmanager
def cluster(threads: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and a worker as people start them, in another folder than ours; its address, and itself."""
    pytest.importorskip("distributed")
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "scheduler.json"

        def start(*command: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--scheduler-file", str(file), "--no-dashboard"],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            ends.callback(process.wait, 300)
            ends.callback(process.terminate)
            return process

        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0")
        start("worker", "--nworkers", "1", "--nthreads", str(threads))
        address = ""
        while not address:
            assert scheduler.poll() is None, "the scheduler has ended"
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # not yet there, half written
                address = json.loads(file.read_text())["address"]
            time.sleep(0.05)
        yield address, scheduler


def test_a_cluster_that_exists_and_loses_its_worker_and_then_its_scheduler(
    course: Path, pool: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan([Path("in")], None)
    grader = Grader(plan.rubrics)
    with cluster(2) as (address, scheduler):
        with make_executor(grader, plan.rubrics, None, scheduler=address) as executor:
            assert tables(grader, plan, executor) == pool
            assert executor.losses.deaths == 4
            # now the worker is killed while there is work under way: it is done again
            pids = executor._client.run(os.getpid).values()  # type: ignore[attr-defined]
            done = {}
            for index, word in executor.call(UPPER, enumerate("abcdefghij")):
                done[index] = word
                if index == 0:
                    for pid in pids:
                        os.kill(pid, signal.SIGKILL)
            assert done == dict(enumerate("ABCDEFGHIJ"))
        monkeypatch.setattr("grader.engine.executors.dask.toolkit", lambda: b"another")
        with pytest.raises(UsageFault) as caught:
            make_executor(grader, plan.rubrics, None, scheduler=address)
        assert str(caught.value).startswith(f"--scheduler {address}: the worker tcp://127.0.0.1:")
        assert " cannot be used: its toolkit, its Python or one of the libraries" in str(caught.value)
        monkeypatch.setattr("grader.engine.executors.dask.toolkit", toolkit)
        with make_executor(grader, plan.rubrics, None, scheduler=address) as executor:
            executor._client._timeout = 2.0  # type: ignore[attr-defined]  # to look for it; to connect takes longer
            words = executor.call(UPPER, enumerate("abcdefghij"))
            next(words)
            scheduler.kill()
            with pytest.raises(UsageFault) as caught:
                list(words)
        assert str(caught.value) == (
            f"--scheduler {address}: the Dask scheduler has gone away; "
            "when there is one, run the same command again"
        )


@pytest.mark.parametrize(
    "address", ["", "foo", "http://10.0.0.7:1", "tcp://10.0.0.7", "tcp://a b:1", "a:1/b"]
)
def test_what_is_no_address(course: Path, address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageFault) as caught:
        make_executor(Grader({}), {}, None, scheduler=address)
    assert str(caught.value) == (
        f"--scheduler {address!r} is no address of a Dask scheduler, which looks like tcp://10.0.0.7:8786"
    )


def test_no_scheduler(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("grader.engine.executors.dask.CONNECT_SECONDS", 0.3)
    with pytest.raises(UsageFault) as caught:
        make_executor(Grader({}), {}, None, scheduler="tcp://127.0.0.1:9")
    assert str(caught.value).startswith("--scheduler tcp://127.0.0.1:9: no Dask scheduler answers there (")
