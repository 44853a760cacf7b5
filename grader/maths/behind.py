r"""What stands right behind a formula and may keep it from being the answer: ``a \\text{ doubled}``."""

from __future__ import annotations

from collections.abc import Sequence

from grader.maths.alphabet import Token
from grader.maths.chains import Statement
from grader.maths.labels import bare_label_of, label_of
from grader.maths.scope import Scope
from grader.maths.tree import Node
from grader.maths.wording import doubt_behind

__all__ = ["alternative", "doubtful_remark", "name_behind", "sign_claimed"]

_ELSE = frozenset(("else", "otherwise", "elsewhere"))
_ARROWS = frozenset(("", "->", "<=>", "=>"))


def doubtful_remark(tokens: Sequence[Token], scope: Scope) -> str:
    """What in the last words of a formula may change it; empty if nothing does."""
    names = scope.kinds.keys() | scope.words
    words: list[str] = []
    for t in reversed(tokens):
        if t.text in (".", ",", ";", ":"):
            continue
        if t.kind != "text" or not t.text.islower() or t.text in names:
            break
        words.insert(0, t.text)
    return doubt_behind(" ".join(words), names)


def alternative(statements: Sequence[Statement], chosen: Statement) -> tuple[str, bool] | None:
    """What else is said, and whether the answer itself may be it: ``g = a or g = b``, ``a if c else b``."""
    for k, s in enumerate(statements):
        rest = "else" in s.text or "therwise" in s.text
        if rest and "\\begin" not in s.text and any(t.text.lower() in _ELSE for m in s.members for t in m):
            return "another value is given for other cases", True
        before = statements[k - 1]
        if not k or s is chosen or before is chosen or len(s.members) < 2 or len(before.members) < 2:
            continue
        if s.words.strip(" .,;:").lower() == "or" and label_of(s.members[0]) == label_of(before.members[0]):
            return "a name in it has two meanings", False
    return None


def sign_claimed(s: Statement, tokens: Sequence[Token]) -> str:
    """The relation in ``… > 0`` behind the answer at the end of its chain, which may not be so."""
    relation = s.relations[-1] if s.relations else ""
    zero = relation in ("<", ">", "<=", ">=") and [t.text for t in s.members[-1]] == ["0"]
    return relation if zero and s.members[-2] == tuple(tokens) else ""


def name_behind(later: Sequence[Statement], scope: Scope, wanted: Node) -> Node | None:
    """A declared name alone right behind the answer, as another value or what follows from it."""
    s = later[0] if later else None
    if s is None or s.fault is not None or s.aside or len(s.members) != 1 or s.lead not in _ARROWS:
        return None
    key = bare_label_of(s.members[0])
    key = scope.aliases.get(key, key) if key else None
    mentioned = s.after or s.behind.strip() or s.words.strip(" .,;:").lower() not in ("", "or", "and")
    if key not in scope.kinds or mentioned or scope.kinds[key].shape != wanted.shape:
        return None
    return Node("sym", (), key, None, wanted.shape)
