"""The mistakes that most answers to a question share, in words that a person understands."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from grader.model import Outcome

__all__ = ["mistakes"]

TOP = 3
MAX_LABEL = 140
UNNAMED = "known mistake"  # of a rubric that gives it no id: its message says what it is
_SPELT_OUT = {"shape": "The shapes do not fit."}


def mistakes(findings: pd.DataFrame) -> tuple[tuple[int, str], ...]:
    """The recognised mistakes that most answers share; without any, the messages that came most often.

    What follows correctly from an earlier error is no mistake of its own.
    """
    lost = findings[findings["outcome"] != Outcome.CORRECT.value]
    named = lost.dropna(subset=["mistake"])
    if not named.empty:
        labels = {
            str(mistake): _label(str(mistake), list(dict.fromkeys(rows["message"])))
            for mistake, rows in named.groupby("mistake", sort=False)
            if mistake != UNNAMED
        }
        own = named["mistake"].map(lambda mistake: labels.get(mistake, ""))
        named = named.assign(label=own.where(own != "", named["message"]))
    else:
        told = lost["outcome"].isin([Outcome.INCORRECT.value, Outcome.PARTIAL.value])
        named = lost[told].assign(label=lambda f: f["message"])
        named = named[named["label"] != ""]
    each = zip(named["submission"], named["label"], strict=True)
    found = Counter(label for _, label in dict.fromkeys(each))
    order = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    return tuple((n, _short(str(label))) for label, n in order[:TOP])


def _label(mistake: str, messages: list[str]) -> str:
    """An author's words as they are; one word alone, such as a choice, with the one thing that was said of
    it; a name of ours with its words apart."""
    if mistake in _SPELT_OUT:
        return _SPELT_OUT[mistake]
    if " " in mistake:
        return mistake
    if len(messages) == 1 and messages[0] and "-" not in mistake:
        return f"“{mistake}”: {messages[0]}"
    return mistake.replace("-", " ")


def _short(text: str) -> str:
    return text if len(text) <= MAX_LABEL else text[:MAX_LABEL].rstrip() + "…"
