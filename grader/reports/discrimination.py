"""How well a question tells students apart: who does well in it does well in the others."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from grader.model import Outcome

__all__ = ["decided_points", "tells_apart"]

ENOUGH = 10  # students, for a correlation to say anything
GOT, MOST = "points", "max_points"


def decided_points(findings: pd.DataFrame) -> pd.DataFrame:
    """Of one question's findings the points of each submission, over the criteria that are decided."""
    waits = [o.value for o in Outcome if o.waits_for_person]
    decided = findings[~findings["outcome"].isin(waits) & (findings[MOST] > 0)]
    return decided.groupby("submission", sort=False)[[GOT, MOST]].sum()


def tells_apart(questions: Mapping[str, pd.DataFrame]) -> Mapping[str, str]:
    """By question the correlation of its share of points with that of all others. ``questions``: the decided
    points of each; none for one with too few students, or no difference between them."""
    got, most = (pd.DataFrame({q: sums[name] for q, sums in questions.items()}) for name in (GOT, MOST))
    got_all, most_all = got.sum(axis=1), most.sum(axis=1)
    out = {}
    for question in questions:
        mine = got[question] / most[question]
        rest = (got_all - got[question]) / (most_all - most[question])
        both = pd.DataFrame({"mine": mine, "rest": rest.round(9)}).dropna()
        if len(both) >= ENOUGH and both["mine"].nunique() > 1 and both["rest"].nunique() > 1:
            out[question] = f"{float(both['mine'].corr(both['rest'])):.2f}"
    return out
