"""The numbers of a sheet as a tree: ``3.1.1a`` lies under 3, 3.1 and 3.1.1.

An ``Outline`` lists only questions; sections are the numbers above them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.model import Outline, QuestionHead

__all__ = ["Node", "Path", "Tree", "join_path", "split_number"]

Path = tuple[str, ...]

_STEP = re.compile(r"([0-9]{1,4})|([A-Za-z]+)")


@dataclass(slots=True)
class Node:
    """One number. ``order`` counts the questions before it; ``question`` is None for a section."""

    index: int
    path: Path
    parent: int
    order: int
    question: QuestionHead | None = None
    children: dict[str, int] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return join_path(self.path)


class Tree:
    """Every number of a sheet; ``nodes[0]`` is the sheet itself."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.nodes: list[Node] = [Node(0, (), 0, 0)]
        self._by_path: dict[Path, int] = {(): 0}
        self._aliases: dict[Path, list[int]] = {}
        for order, head in enumerate(outline.questions):
            node = self._grow(split_number(head.id), order)
            node.question = head
        for node in list(self.nodes):
            for alias in node.question.aliases if node.question else ():
                self._add_alias(split_number(alias), node)

    def _grow(self, path: Path, order: int) -> Node:
        at = self.nodes[0]
        for depth, step in enumerate(path):
            if step not in at.children:
                node = Node(len(self.nodes), path[: depth + 1], at.index, order)
                self.nodes.append(node)
                at.children[step] = node.index
                self._by_path[node.path] = node.index
            at = self.nodes[at.children[step]]
        return at

    def _add_alias(self, alias: Path, node: Node) -> None:
        """``alias`` for a question; the sections above it get the shortened alias too."""
        at = node
        while alias and at.index:
            known = self._aliases.setdefault(alias, [])
            if at.index not in known and at.path != alias:
                known.append(at.index)
            alias, at = alias[:-1], self.nodes[at.parent]

    def find(self, path: Path) -> Node | None:
        index = self._by_path.get(path)
        return None if index is None else self.nodes[index]

    def aliased(self, path: Path) -> list[Node]:
        """Nodes for which the sheet prints ``path`` although their number is another."""
        return [self.nodes[i] for i in self._aliases.get(path, ())]

    def above(self, node: Node) -> list[Node]:
        """``node`` and everything it lies under, nearest first, the sheet itself last."""
        chain = [node]
        while chain[-1].index:
            chain.append(self.nodes[chain[-1].parent])
        return chain

    def section(self, node: Node) -> Node:
        """The top section ``node`` lies in (the sheet itself for itself)."""
        return node if not node.index else self.above(node)[-2]

    def after(self, section: Node) -> Node | None:
        """The top section that follows in the outline."""
        tops = list(self.nodes[0].children.values())
        at = tops.index(section.index) + 1
        return self.nodes[tops[at]] if at < len(tops) else None

    def questions_under(self, node: Node) -> list[Node]:
        found: list[Node] = []
        todo = list(node.children.values())
        while todo:
            child = self.nodes[todo.pop()]
            todo.extend(child.children.values())
            if child.question:
                found.append(child)
        return sorted(found, key=lambda n: n.order)


def split_number(number: str) -> Path:
    """``3.1.2b`` → ``("3", "1", "2", "b")``."""
    return tuple(
        digits.lstrip("0") or "0" if digits else word.lower() for digits, word in _STEP.findall(number)
    )


def join_path(path: Path) -> str:
    out = ""
    for step in path:
        out += step if not out or step.isalpha() else "." + step
    return out
