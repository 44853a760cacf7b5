r"""Members that may be two: with ± two values, with a derivative of brackets two readings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.maths.alphabet import Token
from grader.maths.links import Link
from grader.maths.record import Member
from grader.maths.tree import Node

__all__ = ["TWO", "in_any_reading", "of_two", "one_sign", "two_signs"]

TWO = "± stands for two values, and the other side is one; a person looks."


def two_signs(tokens: Sequence[Token]) -> bool:
    """Whether ± or ∓ stands in a member."""
    return any(t.kind == "cmd" and t.text in ("pm", "mp") for t in tokens)


def one_sign(tokens: Sequence[Token], upper: bool) -> list[Token]:
    """The member with the upper signs, or with the lower ones."""
    return [
        t._replace(kind="op", text="+" if (t.text == "pm") is upper else "-")
        if t.kind == "cmd" and t.text in ("pm", "mp")
        else t
        for t in tokens
    ]


def in_any_reading(before: Member, m: Member, judge: Callable[[Member, Member], Link]) -> Link:
    """The link of two members; where a derivative of brackets may be read in two ways, one that holds."""
    link = judge(before, m)
    if link.status == "holds" or (before.narrow is None and m.narrow is None):
        return link
    readings = ([x, replace(x, node=x.narrow)] if x.narrow is not None else [x] for x in (before, m))
    found = (judge(a, b) for a, b in itertools.product(*readings))
    return next((x for x in found if x.status == "holds"), link)


def of_two(before: Member, m: Member, judge: Callable[[Member, Member], Link]) -> Link:
    """Whether the two values of one member are those of the other, in any order."""
    if before.other is None or m.other is None:
        return Link("unread", TWO)

    def links(first: Node | None, second: Node | None) -> list[Link]:
        return [
            judge(replace(before, other=None), replace(m, node=first, other=None)),
            judge(replace(before, node=before.other, other=None), replace(m, node=second, other=None)),
        ]

    straight = links(m.node, m.other)
    for found in (straight, links(m.other, m.node)) if straight[0].status != "holds" else (straight,):
        if all(x.status == "holds" for x in found):
            return found[0]
    wrong = next((x for x in straight if x.status != "holds"), straight[0])
    if any(x.status == "unread" for x in straight):
        return Link("unread", "Whether these are the same two values could not be tried; a person looks.")
    return wrong
