"""The templates are part of the package that is installed."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_carries_every_template(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith("grader/reports/templates/")}
    folder = ROOT / "grader" / "reports" / "templates"
    assert shipped == {f"grader/reports/templates/{file.name}" for file in folder.iterdir()}
    assert shipped
