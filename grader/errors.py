"""Every fault the toolkit can raise, in one tree.

::

    GraderError
    ├── StudentFault            something a student wrote; the only kind that can cost marks
    │   ├── UnreadableFile      a submission file that cannot be read at all
    │   └── MathsFault          a piece of mathematics that cannot be read or has no meaning
    │       ├── EmptyFault          nothing to read
    │       ├── SyntaxFault         broken or unknown notation
    │       ├── UnknownSymbolFault  a name nobody declared
    │       ├── ShapeFault          matrices that do not fit together
    │       ├── LimitFault          longer, deeper or larger than the limits allow
    │       └── UndefinedFault      a value that does not exist (division by zero, singular inverse)
    ├── AuthorFault             the course's own files
    │   ├── RubricError         a rubric that is not valid
    │   └── ReferenceFault      a reference solution that is missing, fails or disagrees
    └── UsageFault              the command line

Low-level code raises with the bare fact; whoever knows the file and the question adds them once.
Anything else that escapes (``KeyError`` and friends) is a fault of ours and is reported as such.
"""

from __future__ import annotations

from typing import Self

__all__ = [
    "AuthorFault",
    "EmptyFault",
    "GraderError",
    "LimitFault",
    "MathsFault",
    "ReferenceFault",
    "RubricError",
    "ShapeFault",
    "StudentFault",
    "SyntaxFault",
    "UndefinedFault",
    "UnknownSymbolFault",
    "UnreadableFile",
    "UsageFault",
]


class GraderError(Exception):
    """The root: a fault with a message meant for a person."""


class StudentFault(GraderError):
    """Something in a submission is wrong."""


class UnreadableFile(StudentFault):
    """A submission file that cannot be read.

    ``place`` says where inside the file ("3:17"), ``cure`` what to ask the student for.
    """

    def __init__(self, message: str, *, place: str = "", cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.cure = cure


class MathsFault(StudentFault):
    """Mathematics that cannot be read, or means nothing.

    ``span`` is the half-open range of characters in the text that was read, when known.
    ``reason`` is the word ``grade compare`` prints.
    """

    reason = "syntax"

    def __init__(self, message: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span

    def bare(self) -> Self:
        """A copy to keep: the frames that it came through would hold on to everything they know."""
        made = type(self).__new__(type(self), *self.args)
        made.__dict__ |= self.__dict__
        return made

    @property
    def sentence(self) -> str:
        """The message as a sentence: a capital in front, a full stop behind."""
        m = self.message
        return f"{m[:1].upper()}{m[1:]}{'' if m.endswith(('?', '.', '!')) else '.'}"

    @property
    def clause(self) -> str:
        """The message with a full stop behind, to follow a colon."""
        return self.message if self.message.endswith(("?", ".", "!")) else f"{self.message}."


class EmptyFault(MathsFault):
    reason = "empty"


class SyntaxFault(MathsFault):
    reason = "syntax"


class UnknownSymbolFault(MathsFault):
    """``name`` is the canonical spelling of the undeclared symbol."""

    reason = "unknown-symbol"

    def __init__(self, message: str, span: tuple[int, int] | None = None, name: str = "") -> None:
        super().__init__(message, span)
        self.name = name

    @property
    def sentence(self) -> str:
        """The message as it is: it begins with a name, and w is not W."""
        m = self.message
        return m if m.endswith(("?", ".")) else m + "."


class ShapeFault(MathsFault):
    """``tree`` is the expression that does not fit together, for whoever looks for the likely slip."""

    reason = "shape"
    tree: object = None


class LimitFault(MathsFault):
    reason = "limit"


class UndefinedFault(MathsFault):
    reason = "undefined"


class AuthorFault(GraderError):
    """A fault in the course's own files: exit status 2, costs nobody marks."""


class RubricError(AuthorFault):
    """A rubric that is not valid; the message carries file, path, value seen and the cure."""


class ReferenceFault(AuthorFault):
    """A reference solution that is missing, fails, or disagrees with its twin."""


class UsageFault(GraderError):
    """The command was called in a way that cannot work: exit status 2."""
