"""A class of hostile, damaged and odd hand-ins among honest ones, with the row each should get.

``make_class(folder)`` writes it into a folder called ``class`` and returns the rows. Every file that a
person would call a submission has one; what is nobody's work (``IGNORED``) has none.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["IGNORED", "SHEET", "Row", "make_class"]

SHEET = """\
id = "mini-hw1"
title = "A small sheet"
points = 3

[symbols]
x = "scalar > 0"

[[questions]]
id = "1.1"
title = "A count"
points = 1

  [[questions.criteria]]
  id = "count"
  kind = "number"
  title = "the count"
  points = 1
  expected = 42

[[questions]]
id = "1.2"
title = "A derivative"
points = 2

  [[questions.criteria]]
  id = "slope"
  kind = "expression"
  title = "the derivative"
  points = 2
  expected = "2 x"
"""

ONE, TWO = "$42$", "$2 x$"
RIGHT = f"## 1.1\n\nAnswer. {ONE}\n\n## 1.2\n\nAnswer. {TWO}\n"
FULL = 3.0


@dataclass(frozen=True, slots=True)
class Row:
    """``score`` None: unreadable, for the reason in ``message``."""

    source: str
    student: str
    score: float | None = FULL
    message: str = ""
    cure: str = ""


# ---- what honest people hand in


def md_cell(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code_cell(source: Any, *outputs: Any, **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "source": source,
        "outputs": list(outputs),
        **more,
    }


CELLS = (md_cell(f"## 1.1\n\nAnswer. {ONE}"), md_cell(f"## 1.2\n\nAnswer. {TWO}"))


def notebook(*cells: Any, metadata: Any = None, **more: Any) -> str:
    metadata = {} if metadata is None else metadata
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells or CELLS)}
    return json.dumps(book | more)


def answers(student: Any = None, **more: Any) -> str:
    who = {} if student is None else {"student": student}
    return json.dumps(who | {"answers": {"1.1": "42", "1.2": "2 x"}} | more)


def old_notebook(version: int) -> str:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "1.1"},
        {"cell_type": "markdown", "source": [f"Answer. {ONE}"]},
        {"cell_type": "code", "input": "1", "outputs": [], "language": "python", "collapsed": False},
        {"cell_type": "markdown", "source": f"## 1.2\n\nAnswer. {TWO}"},
    ]
    return json.dumps({"nbformat": version, "metadata": {"name": "hw"}, "worksheets": [{"cells": cells}]})


# ---- archives


def archive(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return data.getvalue()


def linked_archive() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        link = zipfile.ZipInfo("hw.md")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return data.getvalue()


def locked_archive() -> bytes:
    """The flag of an encrypted member, set in both of its headers."""
    data = bytearray(archive({"hw.md": RIGHT}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying_archive() -> bytes:
    """Says that its member has 10 bytes; it has 30 million."""
    data = bytearray(archive({"hw.md": b"#" * 30_000_000}))
    struct.pack_into("<I", data, 22, 10)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    return bytes(data)


# ---- the class

FORMATS = ".ipynb, .json, .md, .mmd, .txt, or one of these in a .zip"
PLAIN = "hand in Markdown, JSON or a notebook as a plain file"
ASK = "ask for a notebook, Markdown with LaTeX (.md) or JSON"
AGAIN = "hand the file in again"
JUPYTER = "save the notebook again in Jupyter"
UTF8 = "save the file as UTF-8"
POINTER = "ask for the file itself; this only says where it is kept"
PACK = "pack the submission again, only the file"
SHRINK = "remove pictures and outputs, then hand it in again"
TEXT = 'write it as a text in double quotes "…"'
UNDER = "put the answers under the numbers of their questions"
PICTURE = "ask for its text as Markdown with LaTeX (.md); a picture is for a person"
PAGE = "ask for the file itself, not for the page that shows it"
EARLY = "the file stops too early; hand in the whole file"
DAMAGED = "the archive is damaged"
FLATTER = "write it flatter; of a notebook clear all outputs"
UNPACK = "unpack it and hand in the file inside"
QUESTIONS = "no question of mini-hw1 found in it (looked for 1.1, 1.2)"
NUMBERS = 'put the question\'s number before each answer, such as "## 1.1"'
HELD = "the folder holds "
ASK_FOLDER = "ask for a notebook, Markdown (.md, .mmd, .txt) or JSON file"


def not_read(suffix: str) -> str:
    return f"{suffix} is not a format that is read ({FORMATS})"


def content_is(kind: str) -> str:
    return f"the content is {kind}, whatever the file is called"


class _Class:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

    def __call__(
        self,
        name: str,
        content: str | bytes | Callable[[Path], object],
        message: str = "",
        cure: str = "",
        *,
        student: str | None = None,
        score: float | None = FULL,
        source: str | None = None,
    ) -> None:
        """A file (or what ``content`` makes at its place) and its row."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(
                content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            )
        if student is None:
            student = name.split("/")[0] if "/" in name else Path(name).stem
        score = None if message else score
        self.rows.append(Row(f"class/{source or name}", student, score, message, cure))


def make_class(folder: Path) -> list[Row]:
    """Write the class; what each of its submissions should get."""
    add = _Class(folder)
    for part in (_honest, _damaged_text, _other_kinds, _encodings, _json, _notebooks, _answers):
        part(add)
    for part in (_special_files, _folders, _archives, _names, _identities):
        part(add)
    _nobodys(folder)
    return add.rows


def _honest(add: _Class) -> None:
    add("h001.md", RIGHT)
    add("h002.json", answers())
    add("h003.ipynb", notebook())
    add("h004/hw1.md", RIGHT)
    add("h005.md", "---\nstudent: h005\n---\n" + RIGHT)
    add("zz-last.md", RIGHT)


def _damaged_text(add: _Class) -> None:
    add("t01.md", b"", "is empty", AGAIN)
    add("t02.md", " \n\t\n\n", "holds nothing but blanks", AGAIN)
    add("t03.md", RIGHT.encode() + b"\0\0\0", "8: holds NUL characters, so it is not a text file", PLAIN)
    big = "is larger than 4,000,000 bytes, the limit for its kind"
    add("t04.md", RIGHT + "a" * 4_000_001, big, SHRINK)
    add("t05.md", RIGHT + "a\n" * 30_000, "has more than 20,000 lines", "hand in the answers only")
    add("t06.md", RIGHT.replace("\n", "\r\n"))
    add("t07.md", RIGHT.replace("\n", "\r"))
    add("t08.md", "\ufeff" + RIGHT)
    conflict = f"## 1.1\n\n<<<<<<< HEAD\n{ONE}\n=======\n$41$\n>>>>>>> other\n\n## 1.2\n{TWO}\n"
    merge = "holds a merge conflict of Git that was never settled"
    settle = "keep one of the two versions and remove the lines <<<<<<<, ======= and >>>>>>>"
    add("t09.md", conflict, f"3: {merge}", settle)
    book = (
        notebook()
        .replace('"cells": [', '"cells": [\n<<<<<<< HEAD\n')
        .replace("]}", "\n=======\n>>>>>>> b\n]}")
    )
    add("t10.ipynb", book, f"2: {merge}", settle)
    add("t11.ipynb", notebook(md_cell(conflict)), f"cell 1, line 3: {merge}", settle)
    add(
        "t12.md",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n",
        content_is("a pointer of Git LFS"),
        POINTER,
    )
    add(
        "t13.ipynb",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n",
        content_is("a pointer of Git LFS"),
        POINTER,
    )
    add(
        "t14.md",
        "/annex/objects/SHA256E-s12345--" + "0" * 64 + ".md\n",
        content_is("a pointer of git-annex"),
        POINTER,
    )
    quoted = "The count is w =3D 42, which follows from adding up all of the seven="
    quoted = f"## 1.1=20\n\n{quoted}\n parts.\n\n## 1.2\n$2x$\n"
    mail = "ask for the file itself, not for the text of an e-mail"
    add("t15.md", quoted, "3: holds quoted-printable text, as e-mail programs write it (=3D)", mail)
    head = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    add("t16.txt", head + "IyMgMS4xCg==\n", content_is("an e-mail message"), mail)
    add("t17.md", "Dear Professor,\nmy dog ate my homework.\n", QUESTIONS, NUMBERS)
    add("t18.md", RIGHT.replace("1.1", "1\u200b.1").replace("1.2", "\ufeff1.2\u200d"))
    add("t19.md", RIGHT.replace("42", "4\u20602").replace("2 x", "2\u200b x"))
    add("t20.md", RIGHT.replace("## 1.1", "## 1.\u200e1").replace("## 1.2", "## 1\u00ad.2"))
    add("t21.md", RIGHT.replace("\n\n", "\u2028\u2028"))
    add("t22.md", "![p](data:image/png;base64," + "A" * 3_000_000 + ")\n" + RIGHT)
    add("t23.md", RIGHT + "\n\x1b]0;owned\x07\x1b[2J\x9b31m\n")
    add("t24.md", RIGHT + "\n<script>alert(1)</script></math><img src=x onerror=alert(1)>\n")
    add("t25.md", RIGHT + "a" + "\u0301" * 50_000)


def _other_kinds(add: _Class) -> None:
    source = "ask for the source, or for its text as Markdown with LaTeX (.md)"
    add("k01.pdf", b"%PDF-1.7\n...", not_read(".pdf"), source)
    add(
        "k02.docx",
        b"PK\x03\x04...",
        not_read(".docx"),
        "ask for it as Markdown with LaTeX (.md) or as a notebook",
    )
    add(
        "k03.tex",
        "\\documentclass{article}\\begin{document}x\\end{document}",
        not_read(".tex"),
        "ask for its text as Markdown with LaTeX (.md); the formulas can stay as they are",
    )
    add("k04.html", "<!DOCTYPE html><p>42</p>", not_read(".html"), "ask for the notebook itself (.ipynb)")
    add("k05.ipynb", "<!DOCTYPE html>\n<html><p>42</p></html>", content_is("a web page"), PAGE)
    add("k06.md", "\n<html lang=en><body>Log in</body></html>", content_is("a web page"), PAGE)
    add("k07.md", b"%PDF-1.5\n...", content_is("a PDF"), PLAIN)
    add(
        "k08.ipynb",
        archive({"word/document.xml": "<w/>"}),
        content_is("a zip archive (Word files are such archives)"),
        PLAIN,
    )
    add("k09.json", b"\x89PNG\r\n\x1a\n...", content_is("a PNG picture"), PLAIN)
    add(
        "k10.py",
        "print(42)",
        not_read(".py"),
        "ask for a notebook that holds the code; as text only jupytext's percent format is one (# %%)",
    )
    add("k11.jpg", b"\xff\xd8\xff\xe0", not_read(".jpg"), PICTURE)
    add("k12.heic", b"\0\0\0\x18ftypheic", not_read(".heic"), PICTURE)
    add("k13.rtf", b"{\\rtf1", not_read(".rtf"), "ask for it as Markdown with LaTeX (.md) or as a notebook")
    add("k14.txt", b"{\\rtf1\\ansi 42}", content_is("a rich-text document"), PLAIN)
    add("k15.tar.gz", b"\x1f\x8b\x08\0...", not_read(".tar.gz"), UNPACK, student="k15")
    add("k16.7z", b"7z\xbc\xaf\x27\x1c", not_read(".7z"), UNPACK)
    add("k17.rar", b"Rar!\x1a\x07", not_read(".rar"), UNPACK)
    add("k18", RIGHT, f"a file without a suffix is not a format that is read ({FORMATS})", ASK)
    add("k19.markdown", RIGHT, not_read(".markdown"), "call it .md")
    add("k20.exe", b"MZ\x90\0", not_read(".exe"), ASK)
    add("k21.md.txt", RIGHT, student="k21")
    add("k22.ipynb.txt", notebook(), student="k22")
    add(
        "k23.ipynb.crdownload",
        notebook()[:100],
        not_read(".crdownload"),
        "the download did not end; ask for the whole file",
        student="k23",
    )
    add("k24.bin", os.urandom(3000), not_read(".bin"), ASK)
    add("k25.json", notebook())
    add("k26.txt", answers())
    add("k27.md", b"SQLite format 3\0", content_is("a database"), PLAIN)
    add("k28.ipynb", b"\x7fELF\2\1\1", content_is("a program"), PLAIN)
    add("k29.md", b"\x1f\x8b\x08\0\0\0", content_is("a gzip archive"), PLAIN)
    add(
        "k30.pages",
        b"PK\x03\x04...",
        not_read(".pages"),
        "ask for it as Markdown with LaTeX (.md) or as a notebook",
    )


def _encodings(add: _Class) -> None:
    add("e01.md", RIGHT.encode("utf-16"))
    add("e02.md", b"\xfe\xff" + RIGHT.encode("utf-16-be"))
    add("e03.ipynb", notebook().encode("utf-16"))
    add("e04.md", RIGHT.encode("utf-16-le"), "looks like UTF-16 text without the mark that says so", UTF8)
    add("e05.md", RIGHT.encode("utf-16-be"), "looks like UTF-16 text without the mark that says so", UTF8)
    add("e06.md", b"\xff\xfe\0\0" + RIGHT.encode("utf-32-le"), "is UTF-32 text, which is not read", UTF8)
    latin = RIGHT + "\nÉtudié.\n"
    add(
        "e07.md",
        latin.encode("latin-1"),
        "9: not UTF-8 text: the byte 0xC9 cannot be decoded ('É' in Latin-1)",
        UTF8,
    )
    add(
        "e08.ipynb",
        notebook(md_cell("é")).replace("\\u00e9", "é").encode("latin-1"),
        "1: not UTF-8 text: the byte 0xE9 cannot be decoded ('é' in Latin-1)",
        UTF8,
    )
    add(
        "e09.md",
        RIGHT.encode() + b"\xed\xa0\x80",
        "8: not UTF-8 text: the byte 0xED cannot be decoded ('í' in Latin-1)",
        UTF8,
    )
    add(
        "e10.md",
        RIGHT.encode() + b"caf\xc3",
        "8: not UTF-8 text: the byte 0xC3 cannot be decoded ('Ã' in Latin-1)",
        UTF8,
    )
    add("e11.md", RIGHT.encode("utf-16")[:-1], "not UTF-16 text: byte 88 cannot be decoded", UTF8)
    add("e12.json", answers("e12").encode("utf-16"))


def _json(add: _Class) -> None:
    whole = answers("j")
    add("j01.json", whole[:40], "1:41: not valid JSON: expecting ',' delimiter", EARLY)
    add("j02.json", "{}", '"answers" is missing; expected an object such as {"1.1": "…"}', UNDER)
    add(
        "j03.json",
        "[]",
        'the file holds a list; expected an object with "student" and "answers"',
        "one file a student",
    )
    add("j04.json", "42", 'the file holds a number; expected an object with "student" and "answers"')
    add("j05.json", "[" * 100_000, "nested more than 40 deep", FLATTER)
    add(
        "j06.json",
        '{"answers": {"1.1": 42, "1.1": 41, "1.2": "2 x"}}',
        'not acceptable JSON: the key "1.1" stands twice in one object',
        "keep one of the two",
    )
    add(
        "j07.json",
        '{"answers": {"1.1": NaN, "1.2": "2 x"}}',
        "not acceptable JSON: NaN is not a JSON number",
        'write a number, or a text in double quotes "…"',
    )
    add(
        "j08.json",
        '{"answers": {"1.1": 1e999, "1.2": "2 x"}}',
        "not acceptable JSON: the number 1e999 is too large",
        TEXT,
    )
    add(
        "j09.json",
        '{"answers": {"1.1": ' + "9" * 5000 + "}}",
        "not acceptable JSON: a number of 5000 digits (at most 400)",
        TEXT,
    )
    add(
        "j10.json",
        '{"answers": {"1.1": 42, "1.2": "2 x",}}',
        "1:38: not valid JSON: a comma before the closing bracket",
        "remove the comma before the closing bracket",
    )
    add(
        "j11.json",
        "{'answers': {'1.1': 42}}",
        "1:2: not valid JSON: expecting property name enclosed in double quotes",
        'JSON puts texts and keys in double quotes "…"',
    )
    add(
        "j12.json",
        '{\n// mine\n"answers": {"1.1": 42}}',
        "2:1: not valid JSON: a comment",
        "JSON has no comments; remove them",
    )
    add(
        "j13.json",
        '{"answers": {"1.1": "\\frac{84}{2}", "1.2": "\\eta"}}',
        "1:45: not valid JSON: invalid \\escape",
        r'inside JSON every backslash of LaTeX is written twice: "\\eta"',
    )
    add(
        "j14.json",
        '{"student": 0014, "answers": {"1.1": 42}}',
        "1:14: not valid JSON: a number with a leading zero",
        'write an id as a text in double quotes "…"',
    )
    add("j15.json", answers(["a"]), '"student" is a list; expected a text', TEXT)
    add("j16.json", answers("a" * 201), '"student" has 201 characters (at most 200)', "give the id only")
    add(
        "j17.json",
        '{"answers": {"9.9": 42}}',
        'none of its answers ("9.9") is to a question of mini-hw1',
        "is it another assignment?",
    )
    add(
        "j18.json",
        answers() + "\n" + answers(),
        "2:1: not valid JSON: something stands behind its end",
        "one object a file; remove what follows it",
    )
    add("j19.json", '{"answers": {"1.1": "42", "1.2": "2 x\\ud800"}}', score=1.0)
    add("j20.json", '{"answers": ' + '{"1.1": ' * 40 + "1" + "}" * 41, "nested more than 40 deep", FLATTER)
    add(
        "j21.json",
        '{"answers": [42, "2 x"]}',
        '"answers" is a list; expected an object such as {"1.1": "…"}',
        UNDER,
    )
    add("j22.json", '{"answers": {"1.1": true, "1.2": "2 x"}}', score=2.0)
    add("j23.json", '"answers"', 'the file holds a text; expected an object with "student" and "answers"')
    add("j24.json", answers(assignment="other-hw"))
    add("j25.json", answers(answers={" 1\u200b.1": "42", "q1.2": "2 x"}))


def _notebooks(add: _Class) -> None:
    add("n01.ipynb", notebook()[:150], "1:144: not valid JSON: unterminated string", EARLY)
    add("n02.ipynb", old_notebook(3))
    add("n03.ipynb", old_notebook(2))
    add(
        "n04.ipynb",
        json.dumps({"nbformat": 1, "cells": []}),
        "notebook version 1 is unknown (2, 3 and 4 are read)",
        "save it as version 4",
    )
    add("n05.ipynb", notebook(*CELLS, {"cell_type": "markdown", "metadata": {}}))
    add("n06.ipynb", notebook(*CELLS, CELLS[0] | {"id": "a"}, CELLS[0] | {"id": "a"}))
    add("n07.ipynb", json.dumps({"cells": [{"cell_type": "markdown", "source": c["source"]} for c in CELLS]}))
    add("n08.ipynb", notebook(None, 3, "x", *CELLS, []))
    add(
        "n09.ipynb",
        '{"cells": {}, "nbformat": 4, "metadata": {}}',
        'the notebook\'s "cells" are no list',
        JUPYTER,
    )
    add("n10.ipynb", "{}", 'the file is JSON, but no notebook: it has no "cells"', JUPYTER)
    add("n11.ipynb", "[]", "the file is JSON, but no notebook", JUPYTER)
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 10_000_000}}
    add("n12.ipynb", notebook(*CELLS, code_cell("plot()", picture)))
    add(
        "n13.ipynb",
        notebook(*CELLS, md_cell("![p](attachment:p.png)", attachments={"p.png": {"image/png": "AAAA"}})),
    )
    add(
        "n14.ipynb",
        notebook(
            *CELLS, code_cell("x", {"output_type": "execute_result", "data": {"text/plain": "NAN"}})
        ).replace('"NAN"', "NaN"),
    )
    add("n15.ipynb", notebook().replace('"nbformat": 4', '"nbformat": "4"'))
    add(
        "n16.ipynb",
        notebook(*[code_cell("1")] * 5001, *CELLS),
        "the notebook has 5,003 cells (at most 5,000 are read)",
        "hand in the answers only",
    )
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    add("n17.ipynb", notebook(*CELLS, code_cell("x", {"data": deep})), "nested more than 40 deep", FLATTER)
    add("n18.ipynb", notebook(metadata=[1, 2]))
    add("n19.ipynb", notebook(md_cell(["## 1.1\n", f"Answer. {ONE}", 3, None]), CELLS[1]))
    add("n20.ipynb", notebook(md_cell({"a": 1}), *CELLS))
    add(
        "n21.ipynb",
        notebook() + "\n" + notebook(),
        "2:1: not valid JSON: something stands behind its end",
        "one object a file; remove what follows it",
    )
    add(
        "n22.ipynb",
        notebook(nbformat=99),
        "notebook version 99 is unknown (2, 3 and 4 are read)",
        "save it as version 4",
    )
    add(
        "n23.ipynb",
        notebook(nbformat={"a": ["b"] * 1000}),
        "notebook version {'a': ['b', 'b', 'b' is unknown (2, 3 and 4 are read)",
        "save it as version 4",
    )
    add(
        "n24.ipynb",
        notebook(metadata={"student": "x" * 300}),
        'the notebook\'s "student" has 300 characters (at most 200)',
        "give the id only",
    )
    add("n25.ipynb", b"A" * 20_000_001, "is larger than 20,000,000 bytes, the limit for its kind", SHRINK)
    bomb = code_cell("x", {"output_type": "stream", "name": "stdout", "text": "\x1b[2J" * 200_000})
    add("n26.ipynb", notebook(*CELLS, bomb))
    add("n27.ipynb", notebook(md_cell("x", id="é" * 10_000), *CELLS))
    add("n28.ipynb", notebook(*CELLS, md_cell("", metadata={"tags": ["1.1"] * 100_000})))
    add(
        "n29.ipynb",
        '{"nbformat": 3, "metadata": 3, "worksheets": [{"cells": [{"cell_type": 3}, null, {"source": 7}]}]}',
        QUESTIONS,
        NUMBERS,
    )
    add("n30.ipynb", old_notebook(3)[:-3], "1:338: not valid JSON: expecting ',' delimiter", EARLY)


def _answers(add: _Class) -> None:
    """Files that can be read; one answer is a trap. The other question keeps its points."""
    for i, evil in enumerate(
        (
            "9^{9^{9^{9^{9}}}}",
            "(" * 5_000 + "42" + ")" * 5_000,
            "\\frac{1}{" * 500 + "1" + "}" * 500,
            "1e" + "9" * 3000,
        )
    ):
        add(f"a{i:02}.md", RIGHT.replace("42", evil), score=2.0)


def _special_files(add: _Class) -> None:
    outside = add.folder.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(RIGHT)
    link = "is a symbolic link, not a file"
    add("s01.md", lambda p: p.symlink_to("h001.md"), link, PLAIN)
    add("s02.md", lambda p: p.symlink_to(outside / "secret.md"), link, PLAIN)
    add("s03.md", lambda p: p.symlink_to("nowhere"), link, PLAIN)
    add("s04", lambda p: p.symlink_to(outside), link, PLAIN)
    add("s05.json", lambda p: p.symlink_to("/dev/zero"), link, PLAIN)
    add("s06.md", os.mkfifo, "is a pipe, not a file", PLAIN)
    add("s07.ipynb", _socket, "is a socket, not a file", PLAIN)
    add("s08", os.mkfifo, "is a pipe, not a file", PLAIN)
    add("s09/hw.md", lambda p: p.symlink_to(outside / "secret.md"), link, PLAIN)
    add("s10.md", lambda p: p.symlink_to(p.name), link, PLAIN)
    add("s11.xyz", os.mkfifo, "is a pipe, not a file", PLAIN)
    add("s12.d", lambda p: p.symlink_to(outside), link, PLAIN)
    add("s13/hw.md", os.mkfifo, "is a pipe, not a file", PLAIN)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(path.name)
    finally:
        os.chdir(here)


def _folders(add: _Class) -> None:
    add("f01.ipynb", Path.mkdir, HELD + "no files", ASK_FOLDER, student="f01")
    add("f02.md/hw.md", RIGHT, student="f02")
    add("f03", Path.mkdir, HELD + "no files", ASK_FOLDER)
    add(
        "f04/a.md",
        RIGHT,
        HELD + "2 files that could be the submission: a.md, b.md",
        "leave one of them",
        source="f04",
    )
    (add.folder / "f04/b.md").write_text(RIGHT)
    add("f05/hw.pdf", b"%PDF-", HELD + "nothing that can be read (hw.pdf)", ASK_FOLDER, source="f05")
    add("f06/hw.md", RIGHT)
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._hw.md", "hw.md~"):
        (add.folder / "f06" / name).write_bytes(b"\0\1")
    for inner in ("__MACOSX", ".ipynb_checkpoints", ".git"):
        (add.folder / "f06" / inner).mkdir()
        (add.folder / "f06" / inner / "hw.md").write_text(RIGHT)
    deep = "/".join("d" * 12)
    add(
        f"f07/{deep}/hw.md",
        RIGHT,
        HELD + "6 folders one in the other and no file; further down nothing is looked at",
        ASK_FOLDER,
        source="f07",
    )
    add("f08/.ipynb_checkpoints/hw-checkpoint.ipynb", notebook(), HELD + "no files", ASK_FOLDER, source="f08")
    add("f09/out/run.json", "{}", '"answers" is missing; expected an object such as {"1.1": "…"}', UNDER)
    add("f10/hw.md", lambda p: p.mkdir(), HELD + "no files", ASK_FOLDER, source="f10")
    add(
        "f11/0.md",
        RIGHT,
        HELD + "more than 5,000 files and folders",
        "leave only the submission",
        source="f11",
    )
    for i in range(5000):
        (add.folder / "f11" / f"{i}.dat").touch()


def _archives(add: _Class) -> None:
    add("z01.zip", archive({"hw.md": RIGHT}), source="z01.zip/hw.md")
    add(
        "z02.zip",
        archive(
            {
                "z02/": b"",
                "z02/hw.ipynb": notebook(),
                "__MACOSX/z02/._hw.ipynb": b"\0",
                "z02/.DS_Store": b"\0",
            }
        ),
        source="z02.zip/z02/hw.ipynb",
    )
    leads = "the archive holds a name that leads out of it: "
    add("z03.zip", archive({"../../evil.md": RIGHT}), leads + "../../evil.md", PACK)
    add("z04.zip", archive({"/etc/evil.md": RIGHT}), leads + "/etc/evil.md", PACK)
    add("z05.zip", archive({"C:\\evil.md": RIGHT}), leads + "C:\\evil.md", PACK)
    add("z06.zip", linked_archive(), "the archive holds a symbolic link: hw.md", PACK)
    add("z07.zip", locked_archive(), "the archive is locked with a password", "pack it without a password")
    add(
        "z08.zip",
        archive({"hw.md": b"#" * 100_000_000}),
        "hw.md in the archive is larger than 4,000,000 bytes, the limit for its kind",
        SHRINK,
    )
    add("z09.zip", lying_archive(), "the archive is damaged: hw.md cannot be unpacked", AGAIN)
    add(
        "z10.zip",
        archive({f"{i}.txt": "" for i in range(5000)}),
        "the archive holds more than 1,000 files",
        PACK,
    )
    add(
        "z11.zip",
        archive({"inner.zip": archive({"hw.md": RIGHT})}),
        "the archive holds nothing that can be read (inner.zip)",
        ASK_FOLDER,
    )
    several = "the archive holds 2 files that could be the submission: "
    add(
        "z12.zip",
        archive({"s1/hw.md": RIGHT, "s2/hw.md": RIGHT}),
        several + "s1/hw.md, s2/hw.md",
        "leave one of them; an archive of a whole class is called submissions.zip",
    )
    add("z13.zip", archive({"hw.md": RIGHT})[:-30], "the archive is damaged, or no zip archive", AGAIN)
    add("z14.zip", b"", "is empty", AGAIN)
    add("z15.zip", archive({}), "the archive holds no files", ASK_FOLDER)
    add(
        "z16.zip",
        archive({"hw.md": RIGHT}, zipfile.ZIP_LZMA),
        "hw.md in the archive is packed in a way that is not read (LZMA)",
        "pack it as an ordinary zip archive",
    )
    add("z17.zip", RIGHT, "the archive is damaged, or no zip archive", AGAIN)
    add("z18.zip", archive({"\x1b[2J.md": RIGHT}), source="z18.zip/\x1b[2J.md")
    add("z19/hw.zip", archive({"hw.md": RIGHT}), source="z19/hw.zip/hw.md")
    add(
        "z20.zip",
        archive({"a.pdf": b"%PDF"}),
        "the archive holds nothing that can be read (a.pdf)",
        ASK_FOLDER,
    )
    data = bytearray(archive({"hw.md": RIGHT}, zipfile.ZIP_STORED))
    data[data.index(b"42")] ^= 1
    add("z21.zip", bytes(data), "the archive is damaged: hw.md cannot be unpacked", AGAIN)
    add(
        "z22.zip",
        archive({"hw.md": b"\xff\xff"}),
        "in hw.md: 1: not UTF-8 text: the byte 0xFF cannot be decoded ('ÿ' in Latin-1)",
        UTF8,
    )
    add("z23.zip", _doubled(), "the archive holds the name hw.md twice", PACK)


def _doubled() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("hw.md", RIGHT)
        file.writestr("xw.md", "## 1.1\n41\n")
    return data.getvalue().replace(b"xw.md", b"hw.md")


def _names(add: _Class) -> None:
    for name in (
        "=cmd|' /C calc'!A0.md",
        "+1+1.md",
        "-rf.md",
        "@SUM(1).md",
        "a\nb.md",
        "a\tb.md",
        "a\rb.md",
        "\x1b[31mred\x07.md",
        "o'brien.md",
        'say "hi".md',
        "<script>alert(1)</script>".replace("/", "∕") + ".md",
        "x;=1+1.md",
        "a,b.md",
        "\u202egpj.md",
        "con.md",
        "NUL.md",
        "COM1.txt",
        "%s%n{0}.md",
        "$(touch x).md",
        "`id`.md",
        "a b  c.md",
        "n" * 250 + ".md",
        "学生.md",
        "🎓.md",
        "&amp;.md",
        "{{7*7}}.md",
        "Zalgo" + "\u0301" * 60 + ".md",
        "s\u3164.md",
    ):
        add(name, RIGHT)
    add("b\\c.md", RIGHT)


def _identities(add: _Class) -> None:
    add("i01.json", answers("../../../etc/passwd"), student="../../../etc/passwd")
    add("i02.json", answers('=HYPERLINK("http://x")'), student='=HYPERLINK("http://x")')
    add("i03.json", answers("a\nb\x00c\x1b[2J"), student="a\nb\x00c\x1b[2J")
    add("i04.json", answers("h001"), student="h001")
    add("i05.json", answers("H001"), student="H001")
    add("i06.json", answers("h\u0030\u0030\u0031\u200b"), student="h001\u200b")
    add("i07.json", answers("é"), student="é")
    add("i08.json", answers("e\u0301"), student="e\u0301")
    add("i09.json", answers("0012"), student="0012")
    add("i10.json", answers(12), student="12")
    add("i11.json", answers("\u0430\u0435"), student="\u0430\u0435")
    add("i12.json", answers("ae"), student="ae")
    add("i13.md", "Student: ghost\n\n" + RIGHT, student="ghost")
    add("i14.md", "Student: ghost\n\n" + RIGHT, student="ghost")
    add("i15.json", answers("\ud800half"), student="\ufffdhalf")
    add("i16.json", answers("   "))
    add(
        "i17.ipynb",
        notebook(metadata={"student": "</title><script>alert(1)</script>"}),
        student="</title><script>alert(1)</script>",
    )
    add(
        "i18.md",
        "Student: " + "y" * 250 + "\n\n" + RIGHT,
    )
    add("i19.json", answers(True), '"student" is true or false; expected a text', TEXT)


IGNORED = (
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "ehthumbs.db",
    "._h001.md",
    ".h001.md.swp",
    "~$k02.docx",
    "h001.md~",
    "#h001.md#",
    "README.md",
    "LICENSE",
    "__MACOSX/._h001.md",
    ".ipynb_checkpoints/h003-checkpoint.ipynb",
    ".git/config",
    "__pycache__/x.json",
    "Icon\r",
)


def _nobodys(folder: Path) -> None:
    for name in IGNORED:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0\1\2")
