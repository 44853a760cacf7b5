"""The one typed expression tree that LaTeX, Unicode and infix are read into.

A ``Node`` is an operation with arguments; nodes are never changed after they are built. The parser
builds them without shapes; ``shapes.elaborate`` returns a copy in which every node has its shape and
every product is resolved. ``shape`` is ``None`` for a scalar, else ``(rows, columns)`` whose entries
are a dimension's name or a whole number.

=============  =====================================  =====================================
op             args                                   value
=============  =====================================  =====================================
num            –                                      Fraction
const          –                                      ``pi``, ``e``, ``inf``
sym            –                                      the declared name
var            –                                      an index bound by a sum
add            two or more                            –
neg            one                                    –
mul            two factors                            how it was written: ``""``, ``cdot``, ``*``, ``@``
had            two factors, elementwise               –
div            numerator, denominator                 –
pow            base, exponent                         –
T              one, transposed                        –
inv, pinv      one                                    –
norm           one                                    ``2``, ``1``, ``inf``, ``F``
inner          two                                    –
func           one                                    the function's name: ``exp``, ``sqrt``, ``tr`` …
apply          one                                    (declared function, order of derivative)
sum, prod      body, lower, upper (or body only)      the index's name
idx            base, row[, column]                    –
matrix         the entries, row by row                (rows, columns, flat)
ones           –                                      its length: a dimension, a number, or None
eye, zeros     –                                      likewise
deriv          body                                   (name, order): derivative or gradient
max, min       two or more                            –
fact           one                                    –
holds          left, right of a condition             its relation: ``>``, ``<=``, ``=`` …
cases          value, condition, …[, other value]     –
order          one                                    – (``O(…)``)
list           the items                              ``set`` or ``list``
eq             left, right                            –
scale, dot, hsum …                                    made by ``elaborate`` only
=============  =====================================  =====================================
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.errors import LimitFault

__all__ = ["ANY_SIZE", "MAX_NODES", "POWER", "Dim", "Node", "Shape", "num", "sym"]

MAX_EXPONENT_DIGITS = 3
MAX_NODES = 5_000  # of one expression

ANY_SIZE = 1_000_000  # of an identity of which only entries are used
POWER = "^"  # in place of the index: the product of equal factors, a matrix power

Dim = Any  # str | int, or an unknown size while shapes are being worked out
Shape = tuple[Dim, Dim] | None


class Node:
    """One operation; equal and hashable by structure, wherever in a text it came from."""

    __slots__ = ("_found", "_hash", "args", "op", "shape", "span", "value")

    def __init__(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        value: Any = None,
        span: tuple[int, int] | None = None,
        shape: Shape = None,
    ) -> None:
        self.op = op
        self.args = args
        self.value = value
        self.span = span
        self.shape = shape
        self._hash: int | None = None  # most nodes are never looked up
        self._found: tuple[frozenset[str], frozenset[str]] | None = None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Node)
            and self.op == other.op
            and self.value == other.value
            and (self._hash is None or other._hash is None or self._hash == other._hash)
            and self.args == other.args
        )

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.op, self.args, self.value))
        return self._hash

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.args))
        value = "" if self.value is None else f"[{self.value}]"
        return f"{self.op}{value}({inner})" if self.args else f"{self.op}{value}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Node, (self.op, self.args, self.value, self.span, self.shape))

    def walk(self) -> list[Node]:
        """This node and every node below it, level by level."""
        out = [self]
        for node in out:  # it grows on the way
            out.extend(node.args)
        return out

    def with_args(self, args: tuple[Node, ...]) -> Node:
        return Node(self.op, args, self.value, self.span, self.shape)

    def map(self, change: Callable[[Node], Node | None]) -> Node:
        """A copy in which ``change`` has replaced what it wanted (``None``: look below)."""
        new = change(self)
        if new is not None:
            return new
        if not self.args:
            return self
        args = tuple(a.map(change) for a in self.args)
        if all(a is b for a, b in zip(args, self.args, strict=True)):
            return self
        return self.with_args(args)

    def names(self) -> frozenset[str]:
        """The declared symbols and functions that occur."""
        return (self._found or self._look())[0]

    def ops(self) -> frozenset[str]:
        """The operations that occur: what a question about some of them need not be asked without them.

        ``power`` stands for ``pow`` where every exponent is a literal whole number, as in most answers.
        """
        return (self._found or self._look())[1]

    def _look(self) -> tuple[frozenset[str], frozenset[str]]:
        nodes = self.walk()
        ops = frozenset([n.op for n in nodes])
        if "pow" in ops and all(_is_whole(n.args[1]) for n in nodes if n.op == "pow"):
            ops = ops - {"pow"} | {"power"}
        names = [n.value for n in nodes if n.op == "sym"]
        if "apply" in ops or "deriv" in ops:
            names += [n.value[0] for n in nodes if n.op in ("apply", "deriv")]
        self._found = (frozenset(names), ops)
        return self._found

    def may_stand(self, times: int, span: tuple[int, int] | None) -> None:
        """Check that a tree that holds this one ``times`` over is not too large.

        Raises:
            LimitFault: ``((A^8)^8)^8…``
        """
        if len(self.walk()) * times > MAX_NODES:
            raise LimitFault(f"powers of powers that come to more than {MAX_NODES} operations", span)


def _is_whole(n: Node) -> bool:
    return n.op == "num" and n.value.denominator == 1


def num(value: int | Fraction | str, span: tuple[int, int] | None = None) -> Node:
    """A literal number.

    Raises:
        LimitFault: ``1e999999999``.
    """
    if isinstance(value, str):
        _, _, exponent = value.lower().partition("e")
        if len(exponent.lstrip("+-0")) > MAX_EXPONENT_DIGITS:
            raise LimitFault(f"the number {value[:40]} is too large to read", span)
        return Node("num", (), _literal(value), span)
    return Node("num", (), Fraction(value), span)


@lru_cache(maxsize=1024)
def _literal(text: str) -> Fraction:
    return Fraction(text)


def sym(name: str, span: tuple[int, int] | None = None, shape: Shape = None) -> Node:
    return Node("sym", (), name, span, shape)
