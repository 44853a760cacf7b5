"""Processes: the same results in the same order, and a bad submission costs only itself."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pytest

from grader import readers
from grader.engine import derivations
from grader.engine.executors import Failed, attempts, child, grade_all, make_executor, worker
from grader.engine.grade import Grader, Settings
from grader.engine.plan import Plan, make_plan
from grader.errors import RubricError, UsageFault
from grader.model import Job, Outcome, Status, SubmissionResult
from grader.rubric import Question
from tests import kit
from tests.kit import SHEET, make_course, submit

forked = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="the made-up kind exists in forks only"
)
# A fork of a process with threads (pytest-xdist has some) is announced from Python 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(child, "START_METHOD", "fork")
    return make_course(tmp_path / "course", monkeypatch)


def run(
    plan: Plan, workers: int | None, seconds: float | None = None
) -> tuple[list[SubmissionResult], list[str]]:
    """The results, and the students in the order they were done."""
    done: list[str] = []
    graded = grade_all(
        Grader(plan.rubrics), plan.jobs, plan.rubrics, workers, lambda r: done.append(r.student), seconds
    )
    assert all(g.seconds >= 0 for g in graded)
    return [g.result for g in graded], done


@forked
@pytest.mark.parametrize("workers", [1, 2, 50])
def test_processes_change_nothing(course: Path, workers: int) -> None:
    for i in range(7):
        submit(course / "in", f"s{i:03}", q1_1=["1/2", "wrong", "crash", "perhaps"][i % 4], q1_2="yes")
    plan = make_plan([Path("in")], None)
    alone, _ = run(plan, None)
    together, done = run(plan, workers)
    assert together == alone
    assert sorted(done) == [r.student for r in alone] == [f"s{i:03}" for i in range(7)]


# What an answer may do to its process, and how that is said.
DEADLY = {
    "die": "ended its process 2 times (exit code 9)",
    "kill": "ended its process 2 times (SIGKILL)",
    "segfault": "ended its process 2 times (SIGSEGV)",
    "hang": "took more than 1.5 seconds and was stopped",
}


def rows(result: SubmissionResult) -> list[tuple[str, str, str, float, str]]:
    return [(f.question, f.criterion, str(f.outcome), f.points, f.message) for f in result.findings]


@forked
@pytest.mark.parametrize("word", list(DEADLY))
def test_an_answer_that_ends_its_worker_costs_only_itself(course: Path, word: str) -> None:
    for student, said in (("s001", "yes"), ("s002", word), ("s003", "yes"), ("s004", "yes")):
        submit(course / "in", student, q1_1="1/2", q1_2=said, q2="more")
    results, done = run(make_plan([Path("in")], "tiny"), 2, seconds=1.5)
    assert [r.status for r in results] == [Status.GRADED, Status.PARTIAL, Status.GRADED, Status.GRADED]
    right = [
        ("1.1", "value", "correct", 2.5, ""),
        ("1.1", "style", "correct", 0.5, ""),
        ("1.2", "word", "correct", 2.0, ""),
        ("2", "more", "correct", 1.0, ""),
    ]
    message = f"Judging this answer {DEADLY[word]}; it was not decided. A person looks."
    assert rows(results[1]) == [*right[:2], ("1.2", "word", "error", 0.0, message), right[3]]
    assert [rows(r) for r in results[::2]] == [right, right]
    assert (results[1].student, results[1].message) == ("s002", "")
    assert len(done) == 4


@forked
def test_workers_that_somebody_else_kills_cost_a_retry(course: Path) -> None:
    for i in range(8):
        submit(course / "in", f"s{i:03}", q1_1="1/2", q1_2="yes", q2="more")
    plan = make_plan([Path("in")], "tiny")
    done: dict[int, SubmissionResult] = {}
    with make_executor(Grader(plan.rubrics), plan.rubrics, 2) as executor:
        for index, graded in executor.grade(enumerate(plan.jobs)):
            if not done:
                killed = [worker._process.pid for worker in executor._staff]  # type: ignore[attr-defined]
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)
            done[index] = graded.result
    assert [done[i].status for i in range(8)] == [Status.GRADED] * 8
    assert executor.losses.deaths >= 1
    assert (executor.losses.left_out, executor.losses.given_up) == (0, 0)


@forked
def test_workers_that_somebody_holds_up_cost_a_retry(course: Path) -> None:
    for i in range(6):
        submit(course / "in", f"s{i:03}", q1_1="1/2", q1_2="yes", q2="more")
    plan = make_plan([Path("in")], "tiny")
    done: dict[int, SubmissionResult] = {}
    with make_executor(Grader(plan.rubrics), plan.rubrics, 2, seconds=1.5) as executor:
        for index, graded in executor.grade(enumerate(plan.jobs)):
            if not done:
                for held_up in executor._staff:  # type: ignore[attr-defined]
                    os.kill(held_up._process.pid, signal.SIGSTOP)
            done[index] = graded.result
    assert [done[i].status for i in range(6)] == [Status.GRADED] * 6
    assert executor.losses.deaths >= 1
    assert (executor.losses.stopped, executor.losses.left_out) == (0, 0)


@pytest.mark.parametrize(("patience", "anew"), [(-1.0, True), (60.0, False)])
def test_where_all_were_held_up_their_times_begin_anew(
    monkeypatch: pytest.MonkeyPatch, patience: float, anew: bool
) -> None:
    monkeypatch.setattr(child, "HELD_UP", patience)
    one = child.Child.__new__(child.Child)
    one._started, one._limit = 0.0, 1.0
    assert child.heard([one], lambda seconds: seconds) == 0.0
    assert (one.end > 1.0) == anew


@forked
def test_later_answers_see_that_an_earlier_one_was_not_decided(course: Path) -> None:
    submit(course / "in", "s001", q1_1="die", q1_2="no")
    results, _ = run(make_plan([Path("in")], "tiny"), 1)
    assert [f.outcome for f in results[0].findings[:3]] == [Outcome.ERROR, Outcome.ERROR, Outcome.INCORRECT]


@forked
def test_many_answers_that_end_their_worker(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001", q1_1="die", q1_2="kill", q2="segfault")
    submit(course / "in", "s002", q1_1="1/2", q1_2="yes")
    plan = make_plan([Path("in")], "tiny")
    results, _ = run(plan, 1)
    assert [f.outcome for f in results[0].findings] == [Outcome.ERROR] * 4
    assert results[0].findings[3].message == (
        "Judging this answer ended its process 2 times (SIGSEGV); it was not decided. A person looks."
    )
    assert results[1].status is Status.GRADED
    monkeypatch.setattr(attempts, "MAX_LEFT_OUT", 2)
    results, _ = run(plan, 1)
    assert [f.outcome for f in results[0].findings] == [Outcome.ERROR] * 4
    assert results[0].message == (
        "Grading this submission ended its process or took more than 120 seconds 6 times; "
        "none of it was decided. A person looks."
    )
    assert results[1].status is Status.GRADED


@forked
@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("die", "ended its process 2 times (exit code 7) while its file was read"),
        ("hang", "took more than 1.5 seconds and was stopped while its file was read"),
    ],
)
def test_a_file_that_ends_its_reader_is_an_error_as_a_whole(
    course: Path, monkeypatch: pytest.MonkeyPatch, deed: str, said: str
) -> None:
    for student in ("s001", "s002"):
        submit(course / "in", student, q1_2="yes")
    plain = readers.read

    def read(path: Path, *arguments: object, **others: object) -> object:
        if path.name == "file000.json":
            os._exit(7) if deed == "die" else time.sleep(600)
        return plain(path, *arguments, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(readers, "read", read)
    results, _ = run(make_plan([Path("in")], "tiny"), 1, seconds=1.5)
    assert [r.status for r in results] == [Status.PARTIAL, Status.GRADED]
    assert results[0].message == f"Grading this submission {said}; none of it was decided. A person looks."
    assert [f.message for f in results[0].findings] == [results[0].message] * 4


@forked
@pytest.mark.parametrize("deed", ["die", "crash"])
def test_lines_that_end_their_checker_cost_no_marks(
    course: Path, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    def lines(question: Question, answer: object) -> None:
        if question.id == "1.2":
            os._exit(7) if deed == "die" else [][0]

    monkeypatch.setattr(derivations, "marked_answer", lines)
    monkeypatch.setattr(derivations, "FORMULAS", frozenset({"say"}))
    submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
    results, _ = run(make_plan([Path("in")], "tiny"), 1)
    assert results[0].status is Status.GRADED
    assert [(d.question, d.notes) for d in results[0].derivations] == [
        (
            "1.2",
            (
                "Checking the lines ended its process 2 times (exit code 7); "
                "they have no marks, which costs nothing."
                if deed == "die"
                else "The lines could not be checked because of a fault of ours "
                "(IndexError: list index out of range); it costs no marks.",
            ),
        )
    ]


@forked
def test_code_that_ends_its_worker_costs_what_needs_it(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(self: Grader, *arguments: object) -> None:
        os._exit(7)

    monkeypatch.setattr(Grader, "_run", asked)
    submit(course / "in", "s001", q1_1="1/2", q1_2="yes", q2="more")
    results, _ = run(make_plan([Path("in")], "tiny"), 1)
    assert [f.outcome for f in results[0].findings] == [Outcome.CORRECT] * 4  # nothing here needs code


@forked
def test_workers_that_do_not_even_start(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "work", lambda *arguments: os._exit(5))
    submit(course / "in", "s001", q1_2="yes")
    with pytest.raises(RuntimeError) as caught:
        run(make_plan([Path("in")], "tiny"), 1)
    assert str(caught.value) == "worker processes end before they have begun (exit code 5)"


@forked
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set on Linux only")
def test_a_submission_that_eats_memory_is_stopped(course: Path) -> None:
    for student, word in (("s001", "eat"), ("s002", "yes")):
        submit(course / "in", student, q1_2=word)
    results, _ = run(make_plan([Path("in")], "tiny"), 1)
    assert [r.status for r in results] == [Status.PARTIAL, Status.GRADED]
    assert results[0].findings[2].message == (
        "The criterion 'word' could not be run (MemoryError). "
        "This is a fault of the grader or of the rubric and costs no marks."
    )


def test_the_same_limit_holds_in_this_process(course: Path) -> None:
    for student, word in (("s001", "hang"), ("s002", "yes")):
        submit(course / "in", student, q1_1="1/2", q1_2=word, q2="hang")
    results, _ = run(make_plan([Path("in")], "tiny"), None, seconds=0.2)
    assert [r.status for r in results] == [Status.PARTIAL, Status.PARTIAL]
    assert [f.message for f in results[0].findings][:3] == [
        "",
        "",
        "Judging this answer took more than 0.2 seconds and was stopped; it was not decided. A person looks.",
    ]


def test_other_threads_may_grade_too(course: Path) -> None:
    submit(course / "in", "s001", q1_2="yes")
    plan = make_plan([Path("in")], "tiny")
    found: list[SubmissionResult] = []
    thread = threading.Thread(target=lambda: found.extend(run(plan, None)[0]))
    thread.start()
    thread.join()
    assert [r.status for r in found] == [Status.GRADED]


@forked
@pytest.mark.parametrize("workers", [None, 2])
def test_a_broken_rubric_stops_everything(course: Path, workers: int | None) -> None:
    (course / "rubrics" / "tiny.toml").write_text(SHEET.replace('"yes"', '"never"'))
    for student in ("s001", "s002", "s003"):
        submit(course / "in", student, q1_2="yes")
    with pytest.raises(RubricError) as caught:
        run(make_plan([Path("in")], None), workers)
    assert str(caught.value) == (
        "tiny.toml: questions[1] (1.2).criteria[0] (word): 'never' cannot be expected"
    )


@forked
@pytest.mark.parametrize("workers", [None, 2])
def test_a_kind_that_cannot_be_built_is_a_crash(
    course: Path, monkeypatch: pytest.MonkeyPatch, workers: int | None
) -> None:
    def build(options: object, question: object) -> None:
        raise TypeError("build() has a fault")

    monkeypatch.setattr(kit, "build", build)
    submit(course / "in", "s001", q1_2="yes")
    with pytest.raises((TypeError, RuntimeError)) as caught:
        run(make_plan([Path("in")], None), workers)
    assert str(caught.value) == ("TypeError: " if workers else "") + "build() has a fault"
    assert bool(getattr(caught.value, "__notes__", [])) is (workers is not None)


@forked
def test_a_result_that_cannot_be_sent(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(course / "in", "s001", q1_2="yes")
    plain = Grader.grade

    def grade(self: Grader, *arguments: object) -> SubmissionResult:
        result = plain(self, *arguments)  # type: ignore[arg-type]
        finding = dataclasses.replace(result.findings[0], evidence={"f": lambda: 1})
        return dataclasses.replace(result, findings=(finding,))

    monkeypatch.setattr(Grader, "grade", grade)
    results, _ = run(make_plan([Path("in")], "tiny"), 1)
    assert [f.outcome for f in results[0].findings] == [Outcome.ERROR] * 4
    assert results[0].message.startswith("The result could not be handed over (")


def shout(grader: Grader, word: str) -> str:
    if word == "die":
        os._exit(3)
    if word == "hang":
        time.sleep(600)
    if word == "fault":
        raise UsageFault("no such page")
    return word.upper()


SHOUT = f"{__name__}:shout"


@forked
def test_workers_call_functions_too(course: Path) -> None:
    for student in ("s001", "s002"):
        submit(course / "in", student, q1_2="yes")
    plan = make_plan([Path("in")], "tiny")
    with make_executor(Grader(plan.rubrics), plan.rubrics, 2, seconds=1.5) as executor:
        assert sorted(i for i, _ in executor.grade(enumerate(plan.jobs))) == [0, 1]
        words = ["one", "die", "two", "hang", "three"]
        assert dict(executor.call(SHOUT, enumerate(words))) == {
            0: "ONE",
            1: Failed("ended its process 2 times (exit code 3)"),
            2: "TWO",
            3: Failed("took more than 1.5 seconds and was stopped"),
            4: "THREE",
        }
        assert dict(executor.grade(enumerate(plan.jobs)))[0].result.status is Status.GRADED


@forked
@pytest.mark.parametrize("workers", [None, 2])
def test_a_fault_of_a_called_function_is_raised(course: Path, workers: int | None) -> None:
    with make_executor(Grader({}), {}, workers) as executor, pytest.raises(UsageFault) as caught:
        dict(executor.call(SHOUT, [(7, "fault")]))
    assert str(caught.value) == "no such page"


@forked
@pytest.mark.parametrize("workers", [None, 1, 3])
def test_only_a_few_jobs_are_under_way(course: Path, workers: int | None) -> None:
    submit(course / "in", "s001", q1_2="yes")
    plan = make_plan([Path("in")], "tiny")
    taken = 0

    def jobs() -> Iterator[tuple[int, Job]]:
        nonlocal taken
        for taken in range(1, 41):
            yield taken, plan.jobs[0]

    done = 0
    with make_executor(Grader(plan.rubrics), plan.rubrics, workers) as executor:
        for _ in executor.grade(jobs()):
            done += 1
            assert taken - done <= 2 * (workers or 1)
    assert done == 40


@forked
def test_a_loop_that_is_left_early_leaves_the_workers_fit(course: Path) -> None:
    for i in range(6):
        submit(course / "in", f"s{i:03}", q1_2="yes")
    plan = make_plan([Path("in")], "tiny")
    with make_executor(Grader(plan.rubrics), plan.rubrics, 2) as executor:
        graded = executor.grade(enumerate(plan.jobs))
        next(graded)
        graded.close()  # type: ignore[attr-defined]
        assert sorted(dict(executor.grade(enumerate(plan.jobs)))) == list(range(6))


@pytest.mark.skipif(child.START_METHOD != "forkserver", reason="there is no fork server to kill")
def test_a_fork_server_that_is_killed_is_replaced() -> None:
    first = child.Child(worker.Terms({}, Settings(), 600.0))
    assert forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    second = child.Child(worker.Terms({}, Settings(), 600.0))
    for one in (first, second):
        one.give(child.Work(0, worker.Call("builtins:repr", "x"), 600.0))
        assert isinstance(one.answer(), worker.Raised)  # repr takes one argument: somebody has tried
        one.kill()


@forked
def test_the_end_of_one_is_seen_although_another_thread_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads start children; the second one tries to while the first child's pipe is open in here."""
    monkeypatch.setattr(child, "START_METHOD", "fork")
    context = multiprocessing.get_context("fork")
    plain, opened, forked_meanwhile = context.Pipe, threading.Event(), threading.Event()
    children: list[child.Child] = []

    def pipe() -> object:
        ends = plain()
        if not opened.is_set():
            opened.set()
            forked_meanwhile.wait(0.5)
        return ends

    def second() -> None:
        opened.wait()
        children.append(child.Child(worker.Terms({}, Settings(), 600.0)))
        forked_meanwhile.set()

    monkeypatch.setattr(context, "Pipe", pipe)
    thread = threading.Thread(target=second)
    thread.start()
    first = child.Child(worker.Terms({}, Settings(), 600.0))
    thread.join()
    first.end_at_once()
    assert first.pipe.poll(60.0), "the second child holds the first one's end of the pipe"
    assert first.answer() == attempts.Mishap("", "SIGKILL")
    for one in (first, *children):
        one.kill()


@forked
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such timer")
def test_a_worker_that_nobody_stops_stops_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "START_METHOD", "fork")
    monkeypatch.setattr(worker, "GRACE", 0.1)
    left = child.Child(worker.Terms({}, Settings(), 0.1))
    left.give(child.Work(0, worker.Call(SHOUT, "hang"), 600.0))
    assert left.answer() == attempts.Mishap("call", "SIGALRM")
    left.kill()


def test_no_jobs_no_processes() -> None:
    assert grade_all(Grader({}), [], {}, 4) == []
