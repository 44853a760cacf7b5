"""Classes as other tools hand them over: nbgrader's course folder, Gradescope, Canvas and Moodle."""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import readers
from grader.errors import UnreadableFile, UsageFault
from grader.model import Job
from grader.readers import class_zip
from grader.readers.platforms import students_by_name
from tests.readers.conftest import outline_for

Make = Callable[..., None]
SHEET = "## 2.1\nx"

# As Ruby's YAML library writes it; `:results:` holds what the autograder printed, students' text included.
METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '007'
    :email: ada@example.org
  :created_at: 2026-02-03 04:05:06.789000000 Z
  :score: 7.5
  :status: processed
  :results:
    tests:
    - name: '2.1'
      output: |-
        submission_999:
          :submitters:
          - :name: nobody
            :sid: '666'
    output: "a\\nb"
submission_102:
  :submitters:
  - :name: "Zo\\xEB \\"Z\\" Quinn"
    :sid: s2
    :email: zoe@example.org
  - :name: Bob O'Neil
    :sid: ''
    :email: 'bob@example.org'
  - :name: Cy
    :sid:
    :email:
  :created_at: 2026-02-03 04:05:06.789000000 Z
submission_103:
  :submitters: []
"""


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """``make({"class/s1.md": text, …})``, or names of files that hold one answer each."""
    monkeypatch.chdir(tmp_path)

    def _make(*names: str, **texts: str) -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts.get(path.name.partition(".")[0], SHEET), encoding="utf-8")

    return _make


def jobs(path: str) -> list[Job]:
    return readers.discover([Path(path)])


def found(path: str) -> list[tuple[str, str | None]]:
    return [(job.source, job.student) for job in jobs(path)]


def pack(path: str, files: Mapping[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)


# ---- nbgrader


def test_what_nbgrader_keeps_beside_the_submissions_is_nobodys(make: Make) -> None:
    make("course/submitted/s1/ps1/a.ipynb", "course/submitted/s2/ps1/a.ipynb")
    make("course/source/ps1/a.ipynb", "course/release/ps1/a.ipynb", "course/gradebook.db")
    make("course/autograded/s1/ps1/a.ipynb", "course/feedback/s1/ps1/a.html", "course/nbgrader_config.py")
    make("course/late/s3.md")
    assert found("course") == [
        ("course/late/s3.md", "late"),
        ("course/submitted/s1/ps1/a.ipynb", "s1"),
        ("course/submitted/s2/ps1/a.ipynb", "s2"),
    ]


def test_such_names_are_students_where_there_is_no_submitted(make: Make) -> None:
    make("class/source/hw.md", "class/s1/hw.md")
    assert found("class") == [("class/s1/hw.md", "s1"), ("class/source/hw.md", "source")]


# ---- Gradescope


def test_a_gradescope_export(make: Make) -> None:
    make("g/submission_metadata.yml", submission_metadata=METADATA)
    make("g/submission_101/hw2.md", "g/submission_102/hw2.md", "g/submission_102/notes.pdf")
    make("g/submission_104/hw2.md")
    Path("g/submission_103").mkdir()
    listed = [(job.student, job.source, job.notes, job.fault) for job in jobs("g")]
    group = ("handed in by a group of 3; each member has this row",)
    nobody = ("submission_metadata.yml names neither SID nor email; the row is called as its folder is",)
    unlisted = ("submission_metadata.yml does not list it; the row is called as its folder is",)
    assert listed == [
        ("007", "g/submission_101/hw2.md", (), ""),
        ("bob@example.org", "g/submission_102/hw2.md", group, ""),
        ("s2", "g/submission_102/hw2.md", group, ""),
        ("submission_102", "g/submission_102/hw2.md", nobody, ""),
        ("submission_103", "g/submission_103", nobody, ""),
        ("submission_104", "g/submission_104/hw2.md", unlisted, ""),
    ]


def test_a_submission_that_is_listed_and_not_there_has_its_row(make: Make) -> None:
    make("g/submission_metadata.yml", submission_metadata=METADATA)
    make("g/submission_102/hw2.md", "g/submission_103/hw2.md")
    (ada,) = [job for job in jobs("g") if job.student == "007"]
    assert (ada.fault, ada.cure) == (
        "submission_metadata.yml lists submission_101, and it is not there",
        "export the submissions from Gradescope again",
    )


def test_a_file_instead_of_a_folder(make: Make) -> None:
    text = "---\n101.md:\n  :submitters:\n    - :name: A\n      :sid: s1\n"
    make("g/submission_metadata.yml", submission_metadata=text)
    make("g/101.md")
    assert found("g") == [("g/101.md", "s1")]


CURE = "export the submissions from Gradescope again and leave the file as it is"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a:\n  :submitters:\n  - :sid: &x s1\n",
            "3: &x s1 is no text on one line of at most 200 characters",
        ),
        ("a:\n  :submitters:\n  - :sid: !x 1\n", "3: !x 1 is no text on one line of at most 200 characters"),
        ("a:\n  :submitters:\n  - :sid: 's\n", "3: 's is no text on one line of at most 200 characters"),
        (
            'a:\n  :submitters:\n  - :sid: "s\\n"\n',
            '3: "s\\n" is no text on one line of at most 200 characters',
        ),
        ("a:\n  :submitters: []\na:\n", "3: a stands there twice"),
        ("a:\n  :submitters: []\n - b\n", "3: indented by 1, expected at least 2"),
        (" :submitters:\n", "1: expected a submission's name and a colon"),
        ("a: 1\nb:\n :submitters:\n", "1: expected a submission's name and a colon"),
        (
            "a:\n  :submitters:\n" + "  - :sid: x\n" * 101,
            "103: more than 100 submitters",
        ),
    ],
)
def test_metadata_that_is_damaged(text: str, message: str, make: Make) -> None:
    make("g/submission_metadata.yml", submission_metadata=text)
    make("g/a/hw.md")
    with pytest.raises(UsageFault) as fault:
        jobs("g")
    assert str(fault.value) == f"g/submission_metadata.yml:{message}; {CURE}"


# ---- Moodle and Canvas


def test_moodle_in_folders(make: Make) -> None:
    make(
        "m/Ada Lovelace_1234567_assignsubmission_file_/hw2.md",
        "m/Ada Lovelace_1234567_assignsubmission_file_/x.png",
    )
    make(
        "m/Participant_1234568_assignsubmission_file/hw2.ipynb",
        "m/a_b_1234569_assignsubmission_onlinetext_/o.html",
    )
    make(
        "m/Ada Lovelace_1234567_assignsubmission_onlinetext_/onlinetext.html", "m/grades.csv", "m/late/hw.md"
    )
    assert [(job.student, job.source, job.sure, job.notes) for job in jobs("m")] == [
        (
            "1234567",
            "m/Ada Lovelace_1234567_assignsubmission_file_/hw2.md",
            True,
            ("what was typed into Moodle's own box was not read, since there is a file",),
        ),
        ("1234568", "m/Participant_1234568_assignsubmission_file/hw2.ipynb", True, ()),
        ("1234569", "m/a_b_1234569_assignsubmission_onlinetext_", True, ()),
        ("late", "m/late/hw.md", False, ()),
    ]


def test_moodle_without_folders(make: Make) -> None:
    make("m/Ada_11_assignsubmission_file_hw2.md", "m/Ada_11_assignsubmission_file_plot.png")
    make("m/Bob_12_assignsubmission_file_a.md", "m/Bob_12_assignsubmission_file_b.md")
    ada, bob = jobs("m")
    assert (ada.student, ada.source, ada.fault) == ("11", "m/Ada_11_assignsubmission_file_hw2.md", "")
    names = "Bob_12_assignsubmission_file_a.md, Bob_12_assignsubmission_file_b.md"
    said = f"handed in 2 files that could be the submission: {names}"
    assert (bob.student, bob.fault, bob.cure) == ("12", said, "leave one of them")


def test_canvas(make: Make) -> None:
    make("c/lovelaceada_12345_67890_hw2-1.md", "c/quinnzoe_LATE_12346_67891_hw2.ipynb")
    make("c/quinnzoe_LATE_12346_67892_plot.png", "c/o-neilbob_12347_67893_hw2.pdf")
    assert found("c") == [
        ("c/lovelaceada_12345_67890_hw2-1.md", "12345"),
        ("c/quinnzoe_LATE_12346_67891_hw2.ipynb", "12346"),
        ("c/o-neilbob_12347_67893_hw2.pdf", "12347"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["hw_2020_11_final.md", "hw_2020_12_final.md"],  # a year is nobody
        ["ada_1_2_hw.md"],  # one alone may be anything
        ["ada_1_7_hw.md", "bob_2_7_hw.md"],  # two files of one number
        ["ada_1_7_hw.md", "bob_1_8_hw.md"],  # one number, two people
        ["ada_1_7_hw.md", "bob_2_8_hw.md", "s003.md"],
    ],
)
def test_names_that_only_look_like_canvas(names: list[str]) -> None:
    assert students_by_name(names) == {}


def test_one_student_alone_on_canvas() -> None:
    assert students_by_name(["ada_12_34567_hw.md"], a_class=True) == {"ada_12_34567_hw.md": "12"}
    assert students_by_name(["ada_12_34567_hw.md"]) == {}
    assert students_by_name(["hw_2020_11_final.md"], a_class=True) == {}


def test_the_platform_knows_whose_file_it_is(make: Make) -> None:
    from grader.engine.grade import Grader

    make("submissions/ada_1_70001_hw.md", ada_1_70001_hw="Student: bob\nAssignment: cse891-hw2\n\n## 1.1\nx")
    (job,) = jobs("submissions")
    rubric = Path(__file__).parents[2] / "rubrics" / "cse891-hw2.toml"
    result = Grader({"cse891-hw2": str(rubric)}).grade(job)
    assert result.student == "1"
    assert result.submission is not None
    assert result.submission.notes[0] == "the file says student bob, its folder 1"


# ---- archives of a class


GRADESCOPE = {
    "assignment_42_export/submission_metadata.yml": "---\nsubmission_1:\n  :submitters:\n  - :sid: s1\n",
    "assignment_42_export/submission_1/hw.md": SHEET,
}
ARCHIVES: list[tuple[str, Mapping[str, str], list[tuple[str, str | None]]]] = [
    ("x.zip", GRADESCOPE, [("x.zip/submission_1/hw.md", "s1")]),
    (
        "x.zip",
        {"submitted/s1/ps/a.ipynb": "{}", "submitted/s2/ps/a.ipynb": "{}", "release/ps/a.ipynb": "{}"},
        [("x.zip/submitted/s1/ps/a.ipynb", "s1"), ("x.zip/submitted/s2/ps/a.ipynb", "s2")],
    ),
    (
        "x.zip",
        {"A B_1_assignsubmission_file_/hw.md": SHEET, "C_2_assignsubmission_file_/hw.zip": "PK"},
        [
            ("x.zip/A B_1_assignsubmission_file_/hw.md", "1"),
            ("x.zip/C_2_assignsubmission_file_/hw.zip", "2"),
        ],
    ),
    ("submissions.zip", {"ada_1_70001_hw.md": SHEET}, [("submissions.zip/ada_1_70001_hw.md", "1")]),
    (
        "submissions (2).zip",
        {"s1.md": SHEET, "s2.json": "{}", "__MACOSX/._s1.md": "", "roster.csv": ""},
        [("submissions (2).zip/s1.md", None), ("submissions (2).zip/s2.json", None)],
    ),
    (
        "x.zip",
        {"hw2-class/s1/hw.md": SHEET, "hw2-class/s2/hw.pdf": "%PDF"},
        [("x.zip/s1/hw.md", "s1"), ("x.zip/s2", "s2")],
    ),
]


@pytest.mark.parametrize(("name", "files", "expected"), ARCHIVES)
def test_an_archive_of_a_class(
    name: str, files: Mapping[str, str], expected: list[tuple[str, str | None]], make: Make
) -> None:
    pack(name, files)
    assert found(name) == expected


def test_it_is_unpacked_where_nobody_else_looks(make: Make) -> None:
    pack("submissions.zip", {"s1.md": SHEET, "s2.md": SHEET, "s3.bin": "x" * 100})
    s1, _, s3 = jobs("submissions.zip")
    private = Path(s1.path).parents[1]
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert readers.read(Path(s1.path), outline_for, source=s1.source).source == "submissions.zip/s1.md"
    assert Path(s3.path).read_bytes() == b"", "what cannot be read is not unpacked"


@pytest.mark.parametrize(
    "files",
    [
        {"hw.ipynb": "{}", "notes.md": SHEET},
        {"draft/hw.md": SHEET, "final/hw.md": SHEET},
        {"s042/hw.md": SHEET},
        {"../submission_metadata.yml": METADATA, "a.md": SHEET},
    ],
)
def test_an_archive_of_one_student(files: Mapping[str, str], make: Make) -> None:
    pack("s042.zip", files)
    assert found("s042.zip") == [("s042.zip", None)]


def test_an_archive_in_a_folder_is_one_students(make: Make) -> None:
    make("class/s1.md")
    pack("class/submissions.zip", {"s8.md": SHEET, "s9.md": SHEET})
    assert found("class") == [("class/s1.md", None), ("class/submissions.zip", None)]
    with pytest.raises(UnreadableFile) as fault:
        readers.read(Path("class/submissions.zip"), outline_for)
    assert (fault.value.message, fault.value.cure) == (
        "the archive holds 2 files that could be the submission: s8.md, s9.md",
        "leave one of them; an archive of a whole class is called submissions.zip",
    )


def test_one_damaged_file_costs_nobody_else_anything(make: Make) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("s1.md", SHEET)
        archive.writestr("s2.md", "## 2.1\nDAMAGED")
        archive.writestr("s3.md", SHEET * 1_000_000)
    Path("submissions.zip").write_bytes(packed.getvalue().replace(b"DAMAGED", b"damaged"))
    assert [(job.student, job.source, job.fault) for job in jobs("submissions.zip")] == [
        (None, "submissions.zip/s1.md", ""),
        (None, "submissions.zip/s2.md", "the archive is damaged: s2.md cannot be unpacked"),
        (
            None,
            "submissions.zip/s3.md",
            "s3.md in the archive is larger than 4,000,000 bytes, the limit for its kind",
        ),
    ]


def test_a_damaged_map_is_not_done_without(make: Make) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("submission_metadata.yml", METADATA)
        archive.writestr("submission_101/hw.md", SHEET)
    Path("x.zip").write_bytes(packed.getvalue().replace(b"Lovelace", b"lovelace"))
    with pytest.raises(UsageFault) as fault:
        jobs("x.zip")
    assert str(fault.value) == (
        "x.zip: submission_metadata.yml in the archive cannot be unpacked; download it again"
    )


@given(cut=st.integers(0, 400), at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_broken_archive_is_said_and_nothing_else(
    cut: int, at: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "submission_metadata.yml", GRADESCOPE["assignment_42_export/submission_metadata.yml"]
        )
        archive.writestr("submission_1/hw.md", SHEET)
    data = bytearray(packed.getvalue())
    data[min(at, len(data) - 1)] = byte
    (folder / "x.zip").write_bytes(bytes(data[: len(data) - cut % 50]))
    try:
        found = readers.discover([folder / "x.zip"])
    except UsageFault:
        return
    for job in found:
        with contextlib.suppress(UnreadableFile):
            readers.read(Path(job.path), outline_for, student=job.student, source=job.source)


def test_an_archive_that_is_unsafe(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    link = zipfile.ZipInfo("s2.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile("submissions.zip", "w") as archive:
        archive.writestr("s1.md", SHEET)
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UsageFault) as fault:
        jobs("submissions.zip")
    assert str(fault.value) == (
        "submissions.zip: the archive holds a symbolic link: s2.md; unpack it yourself and give the folder"
    )
    pack("submissions.zip", {"s1.md": SHEET, "s2.md": SHEET})
    monkeypatch.setattr(class_zip, "MAX_WRITTEN", 10)
    with pytest.raises(UsageFault) as fault:
        jobs("submissions.zip")
    assert str(fault.value) == (
        "submissions.zip: the archive unpacks to more than 10 bytes; unpack it yourself and give the folder"
    )


def test_names_that_do_not_fit_together(make: Make) -> None:
    pack("submissions.zip", {"s1": "x", "s1/hw.md": SHEET, "s2.md": SHEET})
    with pytest.raises(UsageFault) as fault:
        jobs("submissions.zip")
    assert str(fault.value).startswith("submissions.zip: the archive cannot be unpacked (")
