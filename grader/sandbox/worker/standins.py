"""Modules that draw pictures, progress bars and notebook widgets: here they accept everything and do nothing.

A plot must not cost a function its marks. They stand last in line: what is really there is taken.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

__all__ = ["Packages", "StandIns", "inert"]

NAMES = frozenset(
    {"IPython", "ipywidgets", "matplotlib", "matplotlib_inline", "mpl_toolkits", "plotly", "pylab", "seaborn"}
)
PROGRESS = "tqdm"


LONG = 10  # as many colours as there are in a cycle; who goes through it beside something else gets that far


class Inert:
    """Whatever is asked of it, it is itself again."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass  # also made by ``class Mine(Patch)``

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name == "subplots":  # of a figure: the axes alone
            return _axes
        return _SPECIAL.get(name, self)

    def _itself(self, *arguments: Any) -> Any:
        return self

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __pow__ = __neg__ = __abs__ = _itself
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = _itself

    def __float__(self) -> float:
        return 0.0

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter([self] * LONG)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *what: object) -> None:
        return None

    def __len__(self) -> int:
        return LONG

    def __repr__(self) -> str:
        return "<a picture that is not drawn here>"


inert = Inert()


class _Grid(Inert):
    """Axes as they come back from ``subplots(2, 3)``: indexed, unpacked and gone through in a loop."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        object.__setattr__(self, "shape", shape)

    def __getattr__(self, name: str) -> Any:
        shape: tuple[int, ...] = object.__getattribute__(self, "shape")
        if name == "flat":
            return [inert] * math.prod(shape)
        if name in ("ravel", "flatten"):
            return lambda *a, **k: _Grid((math.prod(shape),))
        return super().__getattr__(name)

    def __len__(self) -> int:
        shape: tuple[int, ...] = object.__getattribute__(self, "shape")
        return shape[0]

    def __getitem__(self, key: Any) -> Any:
        shape: tuple[int, ...] = object.__getattribute__(self, "shape")
        if type(key) is int and len(shape) > 1:
            return _Grid(shape[1:])
        return inert

    def __iter__(self) -> Iterator[Any]:
        shape: tuple[int, ...] = object.__getattribute__(self, "shape")
        return iter([self[i] for i in range(shape[0])])


def _axes(nrows: Any = 1, ncols: Any = 1, *, squeeze: bool = True, **named: Any) -> Any:
    shape = tuple(n if type(n) is int and 0 < n < 100 else 1 for n in (nrows, ncols))
    if squeeze:
        shape = tuple(n for n in shape if n > 1)
    return _Grid(shape) if shape else inert


def _subplots(*arguments: Any, **named: Any) -> Any:
    return inert, _axes(*arguments, **named)


_SPECIAL: dict[str, Callable[..., Any]] = {
    "subplots": _subplots,
    "plot": lambda *a, **k: [inert],
    "hist": lambda *a, **k: (inert, inert, inert),
    "errorbar": lambda *a, **k: (inert, inert, inert),
    "stem": lambda *a, **k: (inert, inert, inert),
    "subplot_mosaic": lambda *a, **k: (inert, inert),
    "pie": lambda *a, **k: (inert, inert),
    "xlim": lambda *a, **k: (0.0, 1.0),
    "ylim": lambda *a, **k: (0.0, 1.0),
    "get_xlim": lambda *a, **k: (0.0, 1.0),
    "get_ylim": lambda *a, **k: (0.0, 1.0),
}


class Progress:
    """``tqdm(values)``: the values."""

    def __init__(self, iterable: Any = (), *arguments: Any, **named: Any) -> None:
        self.iterable = iterable
        self.n = 0
        self.total = named.get("total")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *what: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return inert

    def update(self, n: int = 1) -> None:
        self.n += n

    @staticmethod
    def write(text: Any, *arguments: Any, **named: Any) -> None:
        sys.stdout.write(f"{text}\n")


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _SPECIAL.get(name, inert)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top = fullname.partition(".")[0]
        if top not in NAMES and top != PROGRESS and not fullname.startswith("google.colab"):
            return None if fullname != "google" else self._spec(fullname)
        return self._spec(fullname)

    def _spec(self, fullname: str) -> importlib.machinery.ModuleSpec:
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__all__"] = []
        if module.__name__.partition(".")[0] == PROGRESS:
            module.__dict__.update(
                tqdm=Progress, trange=lambda *a, **k: Progress(range(*a)), tqdm_notebook=Progress
            )
        if module.__name__ == "pylab":
            module.__dict__.update(plot=_SPECIAL["plot"], subplots=_subplots, show=inert, figure=inert)
            module.__dict__["__all__"] = ["figure", "plot", "show", "subplots"]


class Packages(importlib.abc.MetaPathFinder):
    """The packages a course offers, each by its own path: what lies beside them cannot be listed."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        place = self._places.get(fullname)
        if place is None:
            return None
        if place.endswith((".py", ".so")):
            return importlib.util.spec_from_file_location(fullname, place)
        return importlib.util.spec_from_file_location(
            fullname, place + "/__init__.py", submodule_search_locations=[place]
        )
