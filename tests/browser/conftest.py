"""A real browser, and the pages of one build of the whole project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from analysis.paths import Project

CUADERNOS = Path(sys.executable).with_name("cuadernos")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Find a Chromium of the system."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; without one the tests fail where CI is set and are skipped elsewhere."""
    executable = find_chromium()
    if executable is None:
        problem = f"no Chromium was found: none of {', '.join(_NAMES)}"
        if os.environ.get("CI"):
            pytest.fail(problem, pytrace=False)
        pytest.skip(problem)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def reports(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the whole project: those of CUADERNOS_REPORTS, or built once in a session."""
    if built := os.environ.get("CUADERNOS_REPORTS"):
        return Path(built).resolve()
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = shared / "browser reports"
    with FileLock(f"{out}.lock"):
        if not (out / "index.html").is_file():
            command = [CUADERNOS, "build", "--no-pdf", "--out", out]
            done = subprocess.run(
                command, cwd=project.root, capture_output=True, text=True, encoding="utf-8"
            )
            assert done.returncode == 0, done.stdout + done.stderr
    return out
