"""An import that is stopped half way leaves nothing, or what the next command clears."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from analysis.instrument import load_instrument
from analysis.paths import Project
from analysis.waves import load_wave, wave_ids
from tests import wave_samples as samples


@pytest.fixture(scope="module")
def place(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    for name in ("cuaderno8", "instrument", "waves"):
        shutil.copytree(project.raw / name, root / "data" / "raw" / name)
    (root / "notebooks").mkdir()
    (root / "temporal").mkdir()
    return Project(root)


@pytest.fixture(scope="module")
def file(place: Project) -> Path:
    """A file of two pieces."""
    rows = samples.clean(load_instrument(place), 5, size=20)
    many = pd.concat([rows] * 600, ignore_index=True)
    many["respondente"] = [f"C{number}" for number in range(len(many))]
    path = place.root / "muchas.csv"
    many.to_csv(path, index=False)
    return path


def everything(place: Project) -> set[str]:
    return {path.relative_to(place.root).as_posix() for path in place.root.rglob("*")}


def cuadernos(place: Project, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "analysis.cli", *arguments, "--root", str(place.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place.root / "temporal")},
    )


def half_way(place: Project, file: Path) -> subprocess.Popen[str]:
    """Start an import and wait until it writes."""
    process = cuadernos(place, "wave", "new", "larga", "--from", str(file))
    until = time.monotonic() + 60
    while not list(place.processed.glob("waves/.draft-*/tables/*.parquet")):
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        time.sleep(0.02)
    return process


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_an_import_that_is_stopped_leaves_nothing(place: Project, file: Path, name: str) -> None:
    cuadernos(place, "wave", "list").communicate(timeout=60)  # makes tables of its own
    before = everything(place)
    process = half_way(place, file)
    assert list(place.raw.glob("waves/.draft-*/wave/responses.csv"))
    process.send_signal(getattr(signal, name))
    said = process.communicate(timeout=60)
    assert process.returncode not in (0, None) and "Traceback" not in said[1], said
    if name == "SIGKILL":
        assert everything(place) != before
        check = ("wave", "check", str(next((place.raw / "waves" / "demo-b").glob("responses.*"))))
        for command in (("wave", "list"), check):
            cuadernos(place, *command).communicate(timeout=60)
    assert everything(place) == before


def test_a_folder_of_a_process_that_lives_is_left_alone(place: Project, file: Path) -> None:
    process = half_way(place, file)
    assert wave_ids(place) == ["demo", "demo-b"]
    assert list(place.raw.glob("waves/.draft-*/wave"))
    said, problem = process.communicate(timeout=120)
    assert process.returncode == 0, problem
    assert "Ola larga: 12.000" in said and wave_ids(place) == ["demo", "demo-b", "larga"]


def test_a_withdrawal_that_was_killed_between_two_moves_is_ended(place: Project) -> None:
    home = place.raw / "waves"
    draft = home / ".draft-killed"
    shutil.copytree(home / "demo-b", draft / "wave")
    (home / "demo-b").rename(draft / "former-demo-b")
    assert "demo-b" in wave_ids(place) and not draft.exists()
    assert len(load_wave(place, "demo-b").respondents)
