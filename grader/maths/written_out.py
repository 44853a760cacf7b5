r"""What a student's own notation stands for, written out: ``f(x + h)``, ``f'(x)``, ``\mathbb{E}_i[…]``.

All of it is done with tokens, before anything is parsed: a function that was given by a formula is put in
where it is called, a mean over the rows of what is declared becomes a sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import SyntaxFault
from grader.maths.alphabet import Token
from grader.maths.labels import label_of
from grader.maths.scope import Scope
from grader.maths.tree import num

__all__ = [
    "Function",
    "at_commas",
    "behind",
    "called_with",
    "function_of",
    "name_ends",
    "of_everything",
    "written_out",
]

MAX_TOKENS = 1500  # of a member with its functions written out
MAX_FUNCTIONS = 20
_MARKS = ("'", "''")
_OPEN = {"(": ")", "[": "]", "\\{": "\\}"}


@dataclass(frozen=True, slots=True)
class Function:
    """``name(argument) = body``, as tokens; several arguments stand with their commas."""

    name: tuple[str, ...]
    argument: tuple[str, ...]
    body: tuple[Token, ...]

    @property
    def arguments(self) -> list[tuple[str, ...]]:
        out: list[tuple[str, ...]] = [()]
        for x in self.argument:
            out = [*out, ()] if x == "," else [*out[:-1], (*out[-1], x)]
        return out


def _texts(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(t.text for t in tokens if t.text not in ("{", "}"))


def called_with(tokens: Sequence[Token]) -> tuple[tuple[str, ...], tuple[Token, ...]] | None:
    """The name and the argument of a left side ``f(x)``; None if it is no call."""
    if len(tokens) < 4 or tokens[-1].text != ")":
        return None
    opened = next((k for k, t in enumerate(tokens) if t.text == "(" and t.kind == "op"), 0)
    if not opened or behind(tokens, opened) != len(tokens):
        return None
    name = _texts(tokens[:opened])
    if any(x in ("nabla", "frac", "partial", "^", *_MARKS) for x in name):
        return None
    return name, tuple(tokens[opened + 1 : -1])


def function_of(tokens: Sequence[Token], body: Sequence[Token], scope: Scope) -> Function | None:
    """What ``tokens = body`` defines: a function of one symbol, declared or in its formula."""
    call = called_with(tokens)
    if call is None:
        return None
    name, argument = call
    parts = at_commas(argument)
    keys = [label_of(p) for p in parts]
    if any(key is None for key in keys) or len(set(keys)) < len(keys) or not body:
        return None
    own = _texts(argument)
    if len(keys) > 1:
        used = any(name_ends(body, k, _texts(p)) for p in parts for k in range(len(body)))
        return Function(name, own, tuple(body)) if used else None
    key = keys[0] or ""
    letter = own[0] if len(own) == 1 and len(own[0]) == 1 else ""
    split = tuple(x for t in _transposes_apart(body) for x in _letters(t, letter, scope))
    known = scope.aliases.get(key, key) in scope.kinds
    if not known and not any(name_ends(split, k, own) for k in range(len(split))):
        return None
    return Function(name, own, split)


def _transposes_apart(tokens: Sequence[Token]) -> list[Token]:
    """``x^TAx`` with the T by itself."""
    out: list[Token] = []
    for k, t in enumerate(tokens):
        if t.kind == "word" and t.text[0] == "T" and len(t.text) > 1 and k and tokens[k - 1].text == "^":
            cut = t.start + 1
            out += [t._replace(text="T", end=cut), t._replace(text=t.text[1:], start=cut, spaced=False)]
        else:
            out.append(t)
    return out


def at_commas(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The arguments of a call."""
    out: list[list[Token]] = [[]]
    depth = 0
    for t in tokens:
        depth += (t.text in ("(", "[", "{", "\\{")) - (t.text in (")", "]", "}", "\\}"))
        if t.text == "," and not depth:
            out.append([])
        else:
            out[-1].append(t)
    return list(out)


def _letters(t: Token, letter: str, scope: Scope) -> list[Token]:
    """``Xw`` as two tokens, where w is what is put in for."""
    if t.kind != "word" or not letter or letter not in t.text or len(t.text) < 2 or t.text in scope.words:
        return [t]
    if not all(c in scope.starts or c == letter for c in t.text):
        return [t]
    places = range(len(t.text))
    return [
        Token(t.kind, t.text[k], t.start + k, t.start + k + 1, t.spaced if k == 0 else False) for k in places
    ]


def written_out(tokens: Sequence[Token], functions: Mapping[str, Function], scope: Scope) -> Sequence[Token]:
    """The tokens of a member with the student's functions and means written out.

    Raises:
        SyntaxFault: it differentiates a function at another place than its own argument.
    """
    if any(t.text == "nabla" for t in tokens):
        tokens = _second_gradients(tokens)
    if functions:
        tokens = _unglued(tokens, functions)
        for f in functions.values():
            tokens = _with(tokens, f, scope)
    if any(t.text == "E" and t.kind == "word" for t in tokens) and "E" not in scope.kinds:
        tokens = _means(tokens, scope)
    if any(t.text == "frac" for t in tokens):
        tokens = _lifted(tokens)
    if any(t.text == "partial" for t in tokens[:3]):
        tokens = _entry_of_gradient(tokens, scope)
    return tokens


# --- functions --------------------------------------------------------------------------------------------


def behind(tokens: Sequence[Token], start: int) -> int:
    """The index behind the bracket that opens at ``start``; 0 if it stays open."""
    opening = tokens[start].text
    closing = _OPEN.get(opening, "}")
    depth = 0
    for k in range(start, len(tokens)):
        depth += (tokens[k].text == opening) - (tokens[k].text == closing)
        if depth == 0:
            return k + 1
    return 0


def _op(text: str, like: Token, kind: str = "op") -> Token:
    return Token(kind, text, like.start, like.end, False)


def name_ends(tokens: Sequence[Token], start: int, name: Sequence[str]) -> int:
    """The index behind ``name`` where it stands at ``start``, braces aside; 0 if it does not."""
    k, depth = start, 0
    for text in name:
        while k < len(tokens) and tokens[k].text == "{" and k > start:
            depth += 1
            k += 1
        if k >= len(tokens) or tokens[k].text != text:
            return 0
        k += 1
    while depth and k < len(tokens) and tokens[k].text == "}":
        depth -= 1
        k += 1
    return 0 if depth else k


def _with(tokens: Sequence[Token], f: Function, scope: Scope) -> Sequence[Token]:
    out: list[Token] = []
    k = 0
    while k < len(tokens):
        end = name_ends(tokens, k, f.name)
        if not end or (k and tokens[k - 1].text in ("_", "^")):
            out.append(tokens[k])
            k += 1
            continue
        order = 0
        while end < len(tokens) and tokens[end].text in _MARKS:
            order += len(tokens[end].text)
            end += 1
        closed = behind(tokens, end) if end < len(tokens) and tokens[end].text == "(" else 0
        if closed:
            inner = list(tokens[end + 1 : closed - 1])
        elif order:  # f' without an argument
            inner, closed = _as_tokens(f, tokens[k]), end
        else:
            out.append(tokens[k])
            k += 1
            continue
        inner = list(_with(inner, f, scope)) if len(inner) < len(tokens) else inner
        if len(f.arguments) > 1 and (order or len(at_commas(inner)) != len(f.arguments)):
            raise SyntaxFault(
                "a function of several arguments is not read this way", (tokens[k].start, tokens[k].end)
            )
        _differentiated(out, f, inner, tokens[k], scope)
        if order:
            out += _derivative(inner, order, tokens[k], scope)
        out += [_op("(", tokens[k]), *_put_in(f, inner, tokens[k]), _op(")", tokens[k])]
        k = closed
        if len(out) > MAX_TOKENS:
            return tokens
    return out


def _as_tokens(f: Function, like: Token) -> list[Token]:
    return next(
        (
            list(f.body[k : k + len(f.argument)])
            for k in range(len(f.body))
            if _texts(f.body[k : k + len(f.argument)]) == f.argument
        ),
        [_op(f.argument[0], like, "word")],
    )


def _put_in(f: Function, inner: Sequence[Token], like: Token) -> list[Token]:
    """The body with what is in the brackets for the argument."""
    if _texts(inner) == f.argument:
        return list(f.body)
    out: list[Token] = []
    names = f.arguments
    values = at_commas(inner) if len(names) > 1 else [inner]
    k = 0
    while k < len(f.body):
        found = [(name_ends(f.body, k, n), v) for n, v in zip(names, values, strict=True)]
        end, value = max(found, key=lambda x: x[0])
        longer = end and end < len(f.body) and f.body[end].text == "_"
        if end and not longer and not (k and f.body[k - 1].text == "_"):
            out += [_op("(", like), *value, _op(")", like)]
            k = end
        else:
            out.append(f.body[k])
            k += 1
        if len(out) > MAX_TOKENS:
            break
    return out


def _symbol(tokens: Sequence[Token], scope: Scope) -> bool:
    key = label_of(tokens)
    return key is not None and scope.aliases.get(key, key) in scope.kinds


def _differentiated(out: list[Token], f: Function, inner: Sequence[Token], like: Token, scope: Scope) -> None:
    """Look at an operator in front of a call: ``∇ f(w)`` is by w; ``∇_w f(u)`` is not read."""
    if out and out[-1].text == "nabla":
        if len(f.arguments) > 1:
            raise SyntaxFault("a gradient by several arguments is not read", (like.start, like.end))
        if not _symbol(inner, scope):
            raise SyntaxFault("a gradient at another place is not read", (like.start, like.end))
        out += [_op("_", like), _op("{", like), *inner, _op("}", like)]
        return
    tail = _texts(out[-12:])
    by_argument = any(tail[-len(a) - j :][: len(a)] == a for a in f.arguments for j in range(2))
    if by_argument and ({"nabla", "partial", "d"} & set(tail)) and _texts(inner) != f.argument:
        raise SyntaxFault("a derivative at another place is not read", (like.start, like.end))


def _derivative(inner: Sequence[Token], order: int, like: Token, scope: Scope) -> list[Token]:
    if not _symbol(inner, scope):
        raise SyntaxFault("a derivative at another place is not read", (like.start, like.end))
    return _operator(inner, order, like)


def _operator(by: Sequence[Token], order: int, like: Token) -> list[Token]:
    power = [_op("^", like), _op("{", like), _op(str(order), like, "num"), _op("}", like)]
    power = power if order > 1 else []
    partial = _op("partial", like, "cmd")
    above = [_op("{", like), partial, *power, _op("}", like)]
    below = [_op("{", like), partial, *by, *power, _op("}", like)]
    return [_op("frac", like, "cmd"), *above, *below]


def _unglued(tokens: Sequence[Token], functions: Mapping[str, Function]) -> Sequence[Token]:
    """``u^Tu'`` with the second u by itself, where u is a function."""
    names = {f.name[0] for f in functions.values() if len(f.name) == 1}
    out: list[Token] = []
    for k, t in enumerate(tokens):
        if t.kind == "word" and t.text[:1] == "T" and t.text[1:] in names and k and tokens[k - 1].text == "^":
            out += [
                t._replace(text="T", end=t.start + 1),
                t._replace(text=t.text[1:], start=t.start + 1, spaced=False),
            ]
        else:
            out.append(t)
    return out


def of_everything(tokens: Sequence[Token]) -> list[Token] | None:
    r"""``\nabla_w (Xw)^T A (Xw)`` as the gradient of the whole product; None if it is none, or a sum."""
    if len(tokens) < 5 or tokens[0].text != "nabla" or tokens[1].text != "_":
        return None
    at = behind(tokens, 2) if tokens[2].text == "{" else 3
    depth = 0
    for t in tokens[at:]:
        depth += (t.text in ("(", "[", "{", "\\{")) - (t.text in (")", "]", "}", "\\}"))
        if depth == 0 and t.text in ("+", "-"):
            return None
    like = tokens[0]
    return [*tokens[:at], _op("(", like), *tokens[at:], _op(")", like)]


def _second_gradients(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""``\nabla_w^2`` and ``\nabla^2_w`` as a second partial derivative."""
    out: list[Token] = []
    k = 0
    while k < len(tokens):
        t = tokens[k]
        marks: dict[str, Sequence[Token]] = {}
        at = k + 1
        while t.text == "nabla" and at + 1 < len(tokens) and tokens[at].text in ("_", "^"):
            end = behind(tokens, at + 1) if tokens[at + 1].text == "{" else at + 2
            if not end:
                break
            inner = tokens[at + 1 : end]
            marks[tokens[at].text] = inner[1:-1] if inner[0].text == "{" else inner
            at = end
        if [x.text for x in marks.get("^", ())] == ["2"] and "_" in marks:
            out += _operator(marks["_"], 2, t)
            k = at
        else:
            out.append(t)
            k += 1
    return out


# --- means and entries ------------------------------------------------------------------------------------


def _means(tokens: Sequence[Token], scope: Scope) -> Sequence[Token]:
    r"""``\mathbb{E}_i[f(x_i)]`` → the mean over all rows."""
    out: list[Token] = []
    k = 0
    while k < len(tokens):
        t = tokens[k]
        if t.text != "E" or t.kind != "word":
            out.append(t)
            k += 1
            continue
        at = k + 1
        below: Sequence[Token] = ()
        if at + 1 < len(tokens) and tokens[at].text == "_":
            end = behind(tokens, at + 1) if tokens[at + 1].text == "{" else at + 2
            below, at = tokens[at + 1 : end], end
        closed = behind(tokens, at) if at < len(tokens) and tokens[at].text in _OPEN else 0
        found = _index(below, tokens[at + 1 : closed - 1], scope) if closed else None
        if found is None:
            return tokens
        letter, size = found
        word, one, n = _op(letter, t, "word"), _op("1", t, "num"), _op(size, t, "word")
        n = n._replace(kind="num") if size.isdigit() else n
        left, right = _op("{", t), _op("}", t)
        out += [_op("frac", t, "cmd"), left, one, right, left, n, right, _op("sum", t, "cmd")]
        out += [_op("_", t), left, word, _op("=", t), one, right, _op("^", t), left, n, right]
        out += [_op("(", t), *_means(tokens[at + 1 : closed - 1], scope), _op(")", t)]
        k = closed
    return out


def _index(below: Sequence[Token], body: Sequence[Token], scope: Scope) -> tuple[str, str] | None:
    """The index a mean is over, and how many there are; None if it cannot be told."""
    said = [t.text for t in below if t.text not in "{}"]
    wanted = said[0] if said and len(said[0]) == 1 and said[0].isalpha() else ""
    found = set()
    for k in range(len(body) - 2):
        mark = body[k + 1].text
        if mark != "_":
            continue
        inner = body[k + 2] if body[k + 2].text != "{" else body[k + 3] if k + 3 < len(body) else None
        base = body[k].text
        if inner is None or len(inner.text) != 1 or not inner.text.isalpha():
            continue
        if inner.text in scope.kinds and scope.define.get(inner.text, num(0)).op != "num":
            continue
        kind = scope.kinds.get(base.upper()) if base in scope.rows else scope.kinds.get(base)
        if kind is not None and kind.shape is not None and (not wanted or inner.text == wanted):
            found.add((inner.text, str(kind.shape[0])))
    return found.pop() if len(found) == 1 else None


def _lifted(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""``\frac{\partial (v^T x)}{\partial x}`` → ``\frac{\partial}{\partial x} (v^T x)``."""
    for k in range(len(tokens) - 8):
        if [t.text for t in tokens[k : k + 2]] != ["frac", "{"] or tokens[k + 2].text not in ("partial", "d"):
            continue
        above = behind(tokens, k + 1)
        if tokens[k + 3].text != "(" or behind(tokens, k + 3) != above - 1 or above >= len(tokens):
            continue
        below = behind(tokens, above) if tokens[above].text == "{" else 0
        if below and tokens[above + 1].text[:1] == tokens[k + 2].text[:1]:
            head = [*tokens[: k + 3], tokens[above - 1], *tokens[above:below]]
            return _lifted([*head, *tokens[k + 3 : above - 1], *tokens[below:]])
    return tokens


def _entry_of_gradient(tokens: Sequence[Token], scope: Scope) -> Sequence[Token]:
    r"""``\frac{\partial}{\partial w_j} f`` → ``(\nabla_w f)_j``, where it is the whole member."""
    texts = [t.text for t in tokens]
    if texts[:6] != ["frac", "{", "partial", "}", "{", "partial"]:
        return tokens
    end = behind(tokens, 4)
    below = tokens[6 : end - 1]
    mark = next((k for k, t in enumerate(below) if t.text == "_"), 0)
    if not mark or not end or end >= len(tokens):
        return tokens
    key = label_of(below)
    base = label_of(below[:mark])
    if key in scope.kinds or base not in scope.kinds or scope.kinds[base].sort != "vector":
        return tokens
    rest = tokens[end:]
    depth = 0
    for t in rest:
        depth += (t.text in ("(", "[", "{", "\\{")) - (t.text in (")", "]", "}", "\\}"))
        if depth == 0 and t.text in ("+", "-"):
            return tokens
    like = tokens[0]
    head = [_op("(", like), _op("nabla", like, "cmd"), _op("_", like), _op("{", like), *below[:mark]]
    return [*head, _op("}", like), _op("(", like), *rest, _op(")", like), _op(")", like), *below[mark:]]
