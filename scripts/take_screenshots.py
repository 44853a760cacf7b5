#!/usr/bin/env python3
"""Pictures of the pages for the README and docs/reports.md: grades the example class, opens it in Chromium.

Needs the `test` extra and the system's Chromium. Run it after a page has changed: scripts/take_screenshots.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHEET = "csc413-2020-hw2"
ANSWER = r"""---
student: s100
---
## 2.2.2
It is convex:

$$\frac{d\mathcal{L}_1}{d\eta} = -\frac{4}{n^2} \| X^T a \|^2 + \frac{8\eta}{n^3} \| X X^T a \|^2$$

$$\begin{aligned}\frac{d^2\mathcal{L}_1}{d\eta^2} &= \frac{8}{n^3} a^T X X^T X X^T a \\
&= \frac{8}{n^2} \| X X^T a \|^2 \\ &\ge 0\end{aligned}$$
"""
QUIET = """--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"""


def report(page: Page) -> None:
    page.locator("h2", has_text="Answers").scroll_into_view_if_needed()
    page.evaluate("document.querySelectorAll('details.rest')[7].open = true")
    page.evaluate("document.querySelectorAll('details.rest')[7].scrollIntoView()")


def student(page: Page) -> None:
    page.locator("[id='q2.2.2'] h3", has_text="line by line").evaluate("e => e.scrollIntoView()")


def review(page: Page) -> None:
    item = page.locator("article.item:has(math)").nth(1)
    item.focus()
    page.keyboard.press("1")
    item.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 70)")


CLASS = "submissions_example"
SHOTS = (
    ("report", CLASS, "report.html", None, "light"),
    ("answers", CLASS, "report.html", report, "light"),
    ("student", "s100", "students/s100.html", student, "light"),
    ("review", CLASS, "review.html", review, "light"),
    ("report-dark", CLASS, "report.html", None, "dark"),
)


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium here (Debian: apt-get install chromium)", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as out, sync_playwright() as p:
        answer = Path(out) / "s100.md"
        answer.write_text(ANSWER, encoding="utf-8")
        for file in ("submissions_example", str(answer)):
            command = [sys.executable, "-m", "grader", "run", file, "--rubric", SHEET, "--quiet"]
            subprocess.run([*command, "--out", f"{out}/{Path(file).stem}"], cwd=ROOT, check=False)
        browser = p.chromium.launch(executable_path=chromium, args=QUIET.split())
        for name, run, file, arrange, scheme in SHOTS:
            page = browser.new_page(viewport={"width": 1000, "height": 720})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.goto((Path(out) / run / file).as_uri())
            if arrange:
                arrange(page)
            page.screenshot(path=PICTURES / f"{name}.png")
            print(f"wrote {(PICTURES / name).relative_to(ROOT)}.png")
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
