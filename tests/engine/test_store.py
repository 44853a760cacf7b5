"""The store's file: what went in comes out, or nothing does; no file and no moment breaks a run."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.engine import store as module
from grader.engine.packing import pack, unpack
from grader.engine.store import Reader, Store
from grader.model import (
    Answer,
    CodeCell,
    Finding,
    Judgement,
    MarkedDerivation,
    MarkedLine,
    Outcome,
    Status,
    Submission,
    SubmissionResult,
    Where,
)

GONE = "; the run goes on without what was graded before"

texts = st.text(st.characters(codec=None), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3) | st.tuples(inner),
    max_leaves=8,
)
wheres = st.builds(Where, texts, st.none() | st.integers(), st.none() | st.integers(0, 9))
cells = st.builds(CodeCell, texts, wheres, texts, st.none() | texts)
answers = st.builds(Answer, texts, wheres, texts, values, st.lists(cells, max_size=2).map(tuple))
submissions = st.builds(
    Submission, texts, st.none() | texts, texts, st.dictionaries(texts, answers, max_size=2), st.just(("a",))
)
evidence = st.dictionaries(texts, values, max_size=3)
findings = st.builds(
    Finding,
    *(texts,) * 4,
    st.sampled_from(Outcome),
    *(st.floats(0, 9),) * 2,
    *(texts,) * 2,
    evidence,
    *(texts,) * 2,
)
derivations = st.builds(
    MarkedDerivation, texts, st.lists(st.builds(MarkedLine, *(texts,) * 3), max_size=2).map(tuple)
)
results = st.builds(
    SubmissionResult,
    texts,
    texts,
    st.sampled_from(Status),
    submission=st.none() | submissions,
    findings=st.lists(findings, max_size=2).map(tuple),
    derivations=st.lists(derivations, max_size=2).map(tuple),
)
judgements = st.builds(
    Judgement,
    st.sampled_from(Outcome),
    st.floats(0, 1),
    texts,
    evidence=evidence,
    settled=st.dictionaries(texts, texts, max_size=2),
    carried=st.none() | values,
)


@given(results | judgements)
def test_what_is_unpacked_is_what_was_packed_to_the_letter(value: SubmissionResult | Judgement) -> None:
    packed = pack(value)
    if packed is not None:
        assert repr(unpack(packed, type(value))) == repr(value)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_result_are_none(data: bytes) -> None:
    assert unpack(data, SubmissionResult) is None


def test_plain_results_are_packed_and_odd_ones_are_not() -> None:
    judgement = Judgement(Outcome.PARTIAL, 0.5, "half", "a", {"n": [1, 2.0, {"x": None}], "b": True}, "slip")
    assert pack(judgement) is not None
    for evidence in ({"n": 10**30}, {"t": (1,)}, {"s": "\ud800"}, {"o": Outcome.ERROR}, {1: "a"}, {"x": {2}}):
        assert pack(Judgement(Outcome.PARTIAL, 0.5, "", evidence=evidence)) is None  # type: ignore[arg-type]


# ---- the file


def test_rows_are_there_for_the_next_run_and_for_workers(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    with Store(file) as store:
        store.put("submissions", b"key", b"value")
        store.put("judgements", b"key", b"one", mark=b"1")
        store.put("judgements", b"key", b"two", mark=b"2")
        store.put("judgements", b"key", b"two again", mark=b"2")
    with Store(file) as store:
        assert store.note == ""
        assert store.get("submissions", b"key") == b"value"
        assert store.get("submissions", b"yek") is None
        assert store.all("judgements", b"key") == [b"one", b"two again"]
        reader = Reader(str(file))
        assert reader.all("judgements", b"key") == [b"one", b"two again"]
        reader.close()
        assert reader.all("judgements", b"key") == []
    assert Reader(str(tmp_path / "none.sqlite")).all("submissions", b"key") == []
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_another_version_of_the_toolkit_starts_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cache.sqlite"
    with Store(file) as store:
        store.put("submissions", b"key", b"value")
    with monkeypatch.context() as patch:
        patch.setattr(module, "toolkit", lambda: b"another")
        with Store(file) as store:
            assert store.get("submissions", b"key") is None
            store.put("submissions", b"key", b"other")
    with Store(file) as store:
        assert (store.get("submissions", b"key"), store.note) == (None, "")


def test_only_the_newest_rows_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.MAX_ROWS, "submissions", 3)
    for key in (b"1", b"2", b"3", b"4", b"5"):
        with Store(tmp_path / "cache.sqlite") as store:
            store.put("submissions", key, b"")
    with Store(tmp_path / "cache.sqlite") as store:
        known = [key for key in (b"1", b"2", b"3", b"4", b"5") if store.get("submissions", key) is not None]
    assert known == [b"3", b"4", b"5"]


def test_two_runs_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    with Store(file) as one, Store(file) as two:
        for i in range(100):
            one.put("submissions", b"one %d" % i, b"1")
            two.put("submissions", b"two %d" % i, b"2")
        one.flush()
        assert two.get("submissions", b"one 99") == b"1"
    with Store(file) as store:
        assert store.get("submissions", b"two 99") == b"2"


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    text, database, link = tmp_path / "text", tmp_path / "database", tmp_path / "link"
    text.write_text("student work")
    with sqlite3.connect(database) as c:
        c.execute("CREATE TABLE grades (student TEXT)")
    c.close()
    link.symlink_to(tmp_path / "elsewhere")
    before = {p: p.read_bytes() for p in (text, database)}
    for file, why in (
        (text, "is no store of grade's; remove it or give another file"),
        (database, "is a database of another program; give another file"),
        (link, "is a symbolic link, and nothing is written through one"),
        (tmp_path, "is no file"),
        (tmp_path / "none" / "cache", "cannot be written (No such file or directory)"),
    ):
        with Store(file) as store:
            store.put("submissions", b"key", b"value")
            assert store.get("submissions", b"key") is None
            assert (store.path, store.note) == ("", f"{file}: {why}{GONE}")
    assert before == {p: p.read_bytes() for p in (text, database)}
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_beside_the_file_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite-wal").symlink_to(tmp_path / "victim")
    with Store(tmp_path / "cache.sqlite") as store:
        assert "symbolic link" in store.note
    assert not (tmp_path / "victim").exists()


def test_a_later_format_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    Store(file).close()
    with sqlite3.connect(file) as c:
        c.execute("PRAGMA user_version = 7")
    c.close()
    with Store(file) as store:
        assert store.note == f"{file}: was made by a later version of grade (its format is 7){GONE}"


def test_a_locked_file_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    file = tmp_path / "cache.sqlite"
    with Store(file) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.put("submissions", b"key", b"value")
        store.flush()
        assert store.note == f"{file}: cannot be used (database is locked){GONE}"
        assert Store(file).note == f"{file}: cannot be used (database is locked){GONE}"
        other.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with Store(tmp_path / "cache.sqlite") as store:
        assert store.note
    tmp_path.chmod(0o700)


def test_damage_anywhere_gives_the_right_value_or_none(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    rows = {b"key %d" % i: b"value %d " % i * 40 for i in range(120)}
    with Store(file) as store:
        for key, value in rows.items():
            store.put("submissions", key, value)
    whole = file.read_bytes()
    rng = random.Random(8)
    for _ in range(150):
        for left in tmp_path.iterdir():
            left.unlink()
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.choice([0, 1, 8, 200])):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        file.write_bytes(data)
        reader = Reader(str(file))
        read = [reader.all("submissions", key) for key in rows]
        reader.close()
        assert all(found in ([], [value]) for found, value in zip(read, rows.values(), strict=True))
        with Store(file) as store:
            for key, value in rows.items():
                assert store.get("submissions", key) in (None, value)
            store.put("submissions", b"new", b"value")
            store.flush()
            assert store.get("submissions", b"new") in (None, b"value")


@pytest.mark.parametrize(
    ("at", "to", "why"),
    [
        (slice(120, None), b"", "database disk image is malformed"),
        (slice(100), b"\x07" * 100, "it does not begin as a database does"),
        (slice(18, 20), b"\x07\x07", "its head says what no store's does"),
        (slice(60, 62), b"\x07\x07", "its head says what no store's does"),
        (slice(68, 72), b"mine", "it does not say that it is a store"),
    ],
)
def test_a_damaged_store_is_put_aside(tmp_path: Path, at: slice, to: bytes, why: str) -> None:
    file = tmp_path / "cache.sqlite"
    with Store(file) as store:
        store.put("submissions", b"key", b"value")
    data = bytearray(file.read_bytes())
    data[at] = to
    file.write_bytes(data)
    with Store(file) as store:
        assert store.note == f"{file}: is damaged ({why}); it was put aside and a new one started"
        store.put("submissions", b"key", b"value")
    assert (tmp_path / "cache.sqlite.damaged").read_bytes() == data
    with Store(file) as store:
        assert (store.get("submissions", b"key"), store.note) == (b"value", "")


def test_what_has_a_name_of_ours_and_is_no_database_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").write_bytes(b"\0" * 5000)
    with Store(tmp_path / "cache.sqlite", own=True) as store:
        assert store.note.endswith("; it was put aside and a new one started")
    assert (tmp_path / "cache.sqlite.damaged").stat().st_size == 5000
