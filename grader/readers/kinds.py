"""Kinds of files: which are read, what the others are called, and what to ask for instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = [
    "ARCHIVE",
    "FORMATS",
    "SUFFIXES",
    "TEXT_NOTEBOOKS",
    "bare_name",
    "cure_for",
    "kind_of_content",
    "suffix_of",
]

SUFFIXES = (".ipynb", ".json", ".md", ".mmd", ".txt")
TEXT_NOTEBOOKS = (".py", ".rmd", ".qmd")  # jupytext's; a submission only where nothing else is
ARCHIVE = ".zip"  # read when it holds one student's only file
FORMATS = f"{', '.join(SUFFIXES)}, or one of these in a {ARCHIVE}"

_DOUBLED = frozenset(
    (*SUFFIXES, *TEXT_NOTEBOOKS, ARCHIVE, ".tar")
)  # what may stand before the last suffix: hw.md.txt, hw.tar.gz

MARKDOWN = "ask for its text as Markdown with LaTeX (.md)"
PICTURE = f"{MARKDOWN}; a picture is for a person"
UNPACK = "unpack it and hand in the file inside"
UNFINISHED = "the download did not end; ask for the whole file"
OFFICE = "ask for it as Markdown with LaTeX (.md) or as a notebook"
OTHER = "ask for a notebook, Markdown with LaTeX (.md) or JSON"

_CURES = {
    ".pdf": "ask for the source, or for its text as Markdown with LaTeX (.md)",
    ".tex": f"{MARKDOWN}; the formulas can stay as they are",
    ".py": "ask for a notebook that holds the code; as text only jupytext's percent format is one (# %%)",
    ".html": "ask for the notebook itself (.ipynb)",
    ".htm": "ask for the notebook itself (.ipynb)",
    ".markdown": "call it .md",
    ".yaml": "ask for JSON",
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pages"), OFFICE),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".heic", ".tif", ".tiff", ".gif", ".webp", ".svg"), PICTURE),
    **dict.fromkeys((".7z", ".rar", ".gz", ".tgz", ".tar", ".tar.gz", ".bz2", ".xz"), UNPACK),
    **dict.fromkeys((".crdownload", ".part", ".partial", ".download"), UNFINISHED),
}

_PLAIN = "hand in Markdown, JSON or a notebook as a plain file"
_PAGE = "ask for the file itself, not for the page that shows it"
_MAIL = "ask for the file itself, not for the text of an e-mail"
_POINTER = "ask for the file itself; this only says where it is kept"
_ZIP = "a zip archive (Word files are such archives)"

_SIGNATURES: Sequence[tuple[bytes, str, str]] = (
    (b"%PDF-", "a PDF", _PLAIN),
    (b"PK\x03\x04", _ZIP, _PLAIN),
    (b"PK\x05\x06", _ZIP, _PLAIN),
    (b"\x89PNG", "a PNG picture", _PLAIN),
    (b"\xff\xd8\xff", "a JPEG picture", _PLAIN),
    (b"GIF8", "a GIF picture", _PLAIN),
    (b"II*\0", "a TIFF picture", _PLAIN),
    (b"MM\0*", "a TIFF picture", _PLAIN),
    (b"RIFF", "a picture, a sound or a film", _PLAIN),
    (b"{\\rtf", "a rich-text document", _PLAIN),
    (b"\xd0\xcf\x11\xe0", "an old Word document", _PLAIN),
    (b"%!PS", "PostScript", _PLAIN),
    (b"\x1f\x8b", "a gzip archive", _PLAIN),
    (b"BZh", "a bzip2 archive", _PLAIN),
    (b"\xfd7zXZ", "an xz archive", _PLAIN),
    (b"7z\xbc\xaf", "a 7z archive", _PLAIN),
    (b"Rar!", "a rar archive", _PLAIN),
    (b"\x7fELF", "a program", _PLAIN),
    (b"MZ\x90\0", "a program", _PLAIN),
    (b"SQLite format 3\0", "a database", _PLAIN),
    (b"version https://git-lfs", "a pointer of Git LFS", _POINTER),
    (b"/annex/objects/", "a pointer of git-annex", _POINTER),
    (b"bplist00", "a property list of macOS", _PLAIN),
    (b"\0\x05\x16\x07", "what macOS keeps beside a file (AppleDouble)", "ask for the file itself"),
)
_MARKUP = (
    (b"<!doctype html", "a web page", _PAGE),
    (b"<html", "a web page", _PAGE),
    (b"<?xml", "XML", _PLAIN),
)
_MAIL_HEADS = (b"mime-version:", b"content-transfer-encoding:")


def suffix_of(path: Path) -> str:
    """The suffix in small letters; ``.tar.gz`` is one."""
    two = "".join(path.suffixes[-2:]).lower()
    return two if two.startswith(".tar.") else path.suffix.lower()


def bare_name(path: Path) -> str:
    """The file's name without suffixes: ``s1`` for ``s1.md``, ``s1.ipynb.txt`` and ``s1.tar.gz``."""
    name = path.stem
    while Path(name).suffix.lower() in _DOUBLED:
        name = Path(name).stem
    return name


def cure_for(suffix: str) -> str:
    """What to ask for instead of a file of this suffix."""
    return _CURES.get(suffix, OTHER)


def kind_of_content(data: bytes) -> tuple[str, str] | None:
    """(what the bytes are, what to ask for) where they are surely no text that can be read."""
    for signature, kind, cure in _SIGNATURES:
        if data.startswith(signature):
            return kind, cure
    if data[4:8] == b"ftyp":
        return "a picture or a film", _PLAIN
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, kind, cure in _MARKUP:
        if start.startswith(mark):
            return kind, cure
    head = start.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    if any(line.startswith(_MAIL_HEADS) for line in head.split(b"\n")) and b"\n" in head:
        return "an e-mail message", _MAIL
    return None
