"""Sizes that are being found out, and which products of two shapes there are."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.errors import ShapeFault, SyntaxFault
from grader.maths.printing import show_name
from grader.maths.tree import Dim, Node, Shape

__all__ = [
    "STRICT",
    "Leniency",
    "Products",
    "Unknown",
    "cover",
    "derivative_shape",
    "find",
    "is_one",
    "says_no_layout",
    "shape_text",
    "unify",
    "unknown_both",
]


def derivative_shape(of: Shape, by: Shape, order: int) -> Shape:
    """The shape of a derivative.

    Raises:
        ShapeFault: it is no matrix.
    """
    if by is None:
        return of
    if of is None and order == 1:
        return by
    if by[1] != 1 or (of is not None and (order != 1 or of[1] != 1)) or order > 2:
        raise ShapeFault(f"the derivative of {shape_text(of)} by {shape_text(by)} is not a matrix")
    return (by[0] if of is None else of[0], by[0])


class Unknown:
    """A size to be found out."""

    __slots__ = ("to",)

    def __init__(self) -> None:
        self.to: Dim = None


@dataclass
class Leniency:
    """What may be read although it is loose notation; each reading leaves a note.

    ``square``: a column squared is its squared norm. ``inner``: two columns side by side are their
    inner product. ``star``: ``*`` between two columns is their elementwise product.
    """

    square: bool = False
    inner: bool = False
    star: bool = False
    notes: list[str] = field(default_factory=list)


STRICT = Leniency()
STAR = "* between two columns was read as the elementwise product ⊙"


def shape_text(shape: Shape) -> str:
    """``(d×1)``, or ``a scalar``."""
    if shape is None:
        return "a scalar"
    r, c = (_size_text(find(x)) for x in shape)
    return f"({r}×{c})"


def _size_text(d: Dim) -> str:
    return "?" if isinstance(d, Unknown) else show_name(d) if isinstance(d, str) else str(d)


def find(d: Dim) -> Dim:
    while type(d) is Unknown and d.to is not None:
        d = d.to
    return d


def unify(a: Dim, b: Dim) -> bool:
    a, b = find(a), find(b)
    if a is b or a == b:
        return True
    if isinstance(a, Unknown):
        a.to = b
        return True
    if isinstance(b, Unknown):
        b.to = a
        return True
    return False


def is_one(d: Dim) -> bool:
    return bool(find(d) == 1)


class Products:
    """Fitting two things together: sums, and the products a student may have meant."""

    def __init__(self, leniency: Leniency) -> None:
        self.lenient = leniency

    def orient(self, args: list[Node]) -> list[Node]:
        """Flat vectors take the layout of their neighbours."""
        rows = any(a.shape is not None and is_one(a.shape[0]) and not is_one(a.shape[1]) for a in args)
        if not rows:
            return args
        return [self.flip(a) if is_flat(a) else a for a in args]

    def flip(self, n: Node) -> Node:
        r, _, _ = n.value
        return Node("matrix", n.args, (1, r, False), n.span, (1, r))

    def fit(self, a: Node, b: Node, what: str) -> None:
        if (a.shape is None) != (b.shape is None):
            raise ShapeFault(f"cannot {what} {shape_text(a.shape)} and {shape_text(b.shape)}", cover(a, b))
        if a.shape is not None and b.shape is not None:
            before = (shape_text(a.shape), shape_text(b.shape))
            if not (unify(a.shape[0], b.shape[0]) and unify(a.shape[1], b.shape[1])):
                hint = ""
                if a.shape[0] == b.shape[1] and a.shape[1] == b.shape[0]:
                    hint = "; one of them needs a transpose"
                raise ShapeFault(f"cannot {what} {before[0]} and {before[1]}{hint}", cover(a, b))

    def regroup(self, factors: list[Node]) -> Node | None:
        """Another way to bracket a product when the one from the left does not fit (xᵀy inside)."""
        size = len(factors)
        if size > 12:
            return None
        table: dict[tuple[int, int], Node] = {(i, i): f for i, f in enumerate(factors)}
        for width in range(1, size):
            for i in range(size - width):
                j = i + width
                for k in range(i, j):
                    a, b = table.get((i, k)), table.get((k + 1, j))
                    if a is None or b is None:
                        continue
                    made = self.conform(a, b, None)
                    if made is not None:
                        table[i, j] = made
                        break
        return table.get((0, size - 1))

    def conform(self, a: Node, b: Node, span: tuple[int, int] | None) -> Node | None:
        span = span or cover(a, b)
        left, right = a.shape, b.shape
        if left is None:
            return Node("mul" if right is None else "scale", (a, b), None, span, right)
        if right is None:
            return Node("scale", (b, a), None, span, left)
        if left[1] == right[0] or unify(left[1], right[0]):
            shape = None if is_one(left[0]) and is_one(right[1]) else (left[0], right[1])
            return Node("dot", (a, b), None, span, shape)
        return None

    def pair(self, a: Node, b: Node, how: str, span: tuple[int, int] | None) -> Node:
        if how == "*np" and a.shape is not None and b.shape is not None:
            self.fit(a, b, "multiply elementwise")
            return Node("had", (a, b), None, span, a.shape)
        if how != "outer" and (a.op == "T") != (b.op == "T") and says_no_layout(a) and says_no_layout(b):
            raise SyntaxFault(
                "brackets do not say row or column, so that this may be the inner or the outer product of "
                "two vectors; write them as \\begin{bmatrix} … \\end{bmatrix}",
                cover(a, b),
            )
        made = self.conform(a, b, span)
        if made is not None:
            return made
        assert a.shape is not None
        assert b.shape is not None
        for x, y in (
            (self.flip(a) if is_flat(a) else None, b),
            (a, self.flip(b) if is_flat(b) else None),
        ):
            if x is not None and y is not None and (made := self.conform(x, y, span)) is not None:
                return made
        same = find(a.shape[0]) == find(b.shape[0]) and find(a.shape[1]) == find(b.shape[1])
        columns = same and is_one(a.shape[1])
        if columns and how in ("cdot", "dot", "@"):
            return Node("dot", (Node("T", (a,), None, a.span, (1, a.shape[0])), b), None, span, None)
        if columns and how == "*" and self.lenient.star:
            self.lenient.notes.append(STAR)
            return Node("had", (a, b), None, span, a.shape)
        if columns and self.lenient.inner:
            self.lenient.notes.append(
                "two columns side by side were read as their inner product; the transpose is missing"
            )
            return Node("dot", (Node("T", (a,), None, a.span, (1, a.shape[0])), b), None, span, None)
        if how in ("@", "dot") and is_one(a.shape[1]) and unify(a.shape[0], b.shape[0]):
            # a one-dimensional array times a matrix: the entries of aᵀB, again one-dimensional
            row = Node("T", (a,), None, a.span, (1, a.shape[0]))
            product = Node("dot", (row, b), None, span, (1, b.shape[1]))
            return Node("T", (product,), None, span, (b.shape[1], 1))
        hint = ""
        if columns:
            hint = "; for their inner product transpose the first, for the elementwise product write ⊙"
        elif same:
            hint = "; for the elementwise product write ⊙"
        elif find(a.shape[0]) == find(b.shape[0]):
            hint = "; is a transpose missing on the left?"
        elif find(a.shape[1]) == find(b.shape[1]):
            hint = "; is a transpose missing on the right?"
        raise ShapeFault(f"cannot multiply {shape_text(a.shape)} by {shape_text(b.shape)}{hint}", cover(a, b))


def is_flat(n: Node) -> bool:
    return n.op == "matrix" and bool(n.value[2])


def says_no_layout(n: Node) -> bool:
    """Whether a vector comes from brackets that do not say row or column, at most scaled or transposed."""
    while n.op in ("scale", "div", "neg", "T"):
        n = n.args[1 if n.op == "scale" else 0]
    return is_flat(n)


def unknown_both(r: Dim, c: Dim) -> bool:
    return isinstance(find(r), Unknown) and isinstance(find(c), Unknown)


def cover(a: Node, b: Node) -> tuple[int, int] | None:
    if a.span is None or b.span is None:
        return a.span or b.span
    return (min(a.span[0], b.span[0]), max(a.span[1], b.span[1]))
