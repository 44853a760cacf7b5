"""A page as a browser sees it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["Page", "words"]

VOID_TAGS = "meta br rect line"
BLOCK_TAGS = "title h1 h2 h3 p li td th dt dd summary caption pre div"
OTHER_TAGS = """math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover
    mtable mtr mtd html head style body header main section span strong bdi a ol ul table thead tbody
    tr code dl details svg desc defs pattern g text script"""
ATTRIBUTE_NAMES = """lang charset http-equiv content name class id href role tabindex aria-label
    aria-labelledby aria-describedby aria-hidden data-label scope dir open viewbox width height x y x1 x2 y1
    y2 fill stroke stroke-width text-anchor preserveaspectratio transform patternunits
    patterntransform display stretchy fence accent accentunder displaystyle linethickness"""
VOID, BLOCKS = frozenset(VOID_TAGS.split()), frozenset(BLOCK_TAGS.split())
TAGS = VOID | BLOCKS | frozenset(OTHER_TAGS.split())
ATTRIBUTES = frozenset(ATTRIBUTE_NAMES.split())


class Page(HTMLParser):
    """A page as a browser sees it; fails on a tag or attribute that no template of ours has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            self.links += [value or ""] if name == "href" else []
            self.ids += [value or ""] if name == "id" else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self.text += " " if tag in BLOCKS else ""

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.text += data


def words(html: str) -> str:
    return " ".join(Page(html).text.split())
