"""How a run grades, the same in every process of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How code is run. ``seed``: of its inputs, in no report (empty: a digest of the question and its
    references); ``tier``: the sandbox's (None: the best there is); ``public``: only what students may know
    of; ``store``: a file with what was judged before (it changes no result)."""

    seed: str = ""
    tier: str | None = None
    public: bool = False
    store: str = ""
