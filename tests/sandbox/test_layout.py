"""What can be read inside: neither the toolkit nor a course nor a home folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox.layout import Layout, layout
from grader.sandbox.program import Limits
from grader.sandbox.tiers import BUBBLEWRAP, LANDLOCK, command, environment

ROOT = Path(__file__).resolve().parents[2]


def inside(path: Path, places: tuple[str, ...]) -> bool:
    return any(path == Path(p) or Path(p) in path.parents for p in places)


def test_the_checkout_cannot_be_read() -> None:
    house = layout()
    for path in (
        ROOT,
        ROOT / "reference",
        ROOT / "grader" / "cli",
        Path.home() / ".ssh",
        Path("/etc/passwd"),
    ):
        assert not inside(path, house.expanded()), path


def test_what_is_hidden_is_left_out_and_the_rest_is_there(tmp_path: Path) -> None:
    standard = tmp_path / "lib" / "python3.11"
    for name in (
        "os.py",
        "json/decoder.py",
        "site-packages/grader/__init__.py",
        "site-packages/numpy/__init__.py",
    ):
        file = standard / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (standard / "site-packages" / "numpy.libs").mkdir()
    (standard / "way-out").symlink_to("/etc")
    site = standard / "site-packages"
    house = Layout("python", (), (str(standard),), (str(site),), {"numpy": str(site / "numpy")}, {})
    assert house.expanded() == tuple(
        str(p) for p in (standard / "json", standard / "os.py", site / "numpy", site / "numpy.libs")
    )


def test_an_installed_toolkit_is_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    house = layout()
    sites = [p for p in house.hidden if p.endswith("-packages")]
    for site in sites:
        assert not inside(Path(site) / "grader" / "_builtin" / "reference" / "x.py", house.expanded())


def test_nothing_of_ours_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert not environment().keys() & {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "VIRTUAL_ENV"}
    assert {v for k, v in environment().items() if k.endswith("_NUM_THREADS")} == {"1"}


def test_bubblewrap_gives_up_everything() -> None:
    line = command(BUBBLEWRAP, Limits(), 3)
    for flag in ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"):
        assert flag in line
    assert line[line.index("--cap-drop") + 1] == "ALL"
    assert {"--bind", "--dev", "--proc", "--share-net"}.isdisjoint(line)
    assert command(LANDLOCK, Limits(), 3)[1:5] == ["-s", "-S", "-P", "-B"]
