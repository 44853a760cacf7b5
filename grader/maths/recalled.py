r"""Gradients by their names: ``w_0 - \eta\nabla L`` where ``\nabla L = …`` was stated, and ``\nabla`` without
the symbol it is by, where the label says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.maths.alphabet import Token
from grader.maths.labels import label_of

__all__ = ["STATED", "Stated", "named_gradient", "recalled", "with_variable"]

STATED = "statedgradient"  # begins the names that stated gradients have here; no message shows them
MAX_NAME = 24  # tokens of a gradient's name
Stated = tuple[str, str, tuple[str, ...]]  # what is differentiated, by what (may be empty), and where


def named_gradient(tokens: Sequence[Token]) -> Stated | None:
    r"""``\nabla_w L(w_0)`` → L, w, at w_0; None if it is anything else."""
    key = label_of(tokens)
    if key is None or not key.startswith("d ") or " / " not in key:
        return None
    name, _, by = key[2:].partition(" / ")
    texts = [t.text for t in tokens]
    at: tuple[str, ...] = ()
    if texts[-1] == ")" and "(" in texts:
        at = tuple(x for x in texts[texts.index("(") + 1 : -1] if x not in "{}")
    return name, by, at


def recalled(tokens: Sequence[Token], names: Mapping[Stated, str]) -> list[Token] | None:
    """The tokens with the names that stated gradients have; None where none of them stands here."""
    out: list[Token] = []
    k = 0
    found = False
    while k < len(tokens):
        end, name = _stated_at(tokens, k, names) if tokens[k].text in ("nabla", "frac") else (0, "")
        if not end:
            out.append(tokens[k])
            k += 1
            continue
        like = tokens[k]
        out += [
            Token("op", "(", like.start, like.end, False),
            Token("word", name, like.start, like.end, True),
        ]
        out.append(Token("op", ")", like.start, like.end, False))
        k, found = end, True
    return out if found else None


def _stated_at(tokens: Sequence[Token], k: int, names: Mapping[Stated, str]) -> tuple[int, str]:
    for end in range(min(len(tokens), k + MAX_NAME), k + 1, -1):
        if tokens[end - 1].text in (".", ",", ":"):
            continue
        here = named_gradient(tokens[k:end])
        if here is None:
            continue
        name, by, at = here
        same = {
            own for (n, b, a), own in names.items() if n == name and a == at and (b == by or not b or not by)
        }
        return (end, same.pop()) if len(same) == 1 else (0, "")
    return 0, ""


def with_variable(tokens: Sequence[Token], by: Sequence[Token]) -> list[Token] | None:
    r"""The tokens with every bare ``\nabla`` by that symbol; None where none is bare."""
    out: list[Token] = []
    found = False
    for k, t in enumerate(tokens):
        out.append(t)
        if t.text == "nabla" and t.kind == "cmd" and (k + 1 == len(tokens) or tokens[k + 1].text not in "_^"):
            marks = [Token("op", x, t.start, t.end, False) for x in ("_", "{", "}")]
            out += [*marks[:2], *by, marks[2]]
            found = True
    return out if found else None
