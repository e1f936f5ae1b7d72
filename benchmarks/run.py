"""Measure the workbench against the plain way, side by side in one run, and print ratios.

Run with `make bench`. Times vary with the machine; the ratios are what to read.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import agreement

from analysis import texts
from analysis.consistency import Exclusive, scan
from analysis.paths import find_project
from analysis.publishing.build import notebooks
from analysis.rounding import ReportedPercentage, RoundingRule

ROOT = Path(__file__).parents[1]


def timed(work: Callable[[], object], times: int) -> float:
    """Return the median seconds of several runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def report(name: str, ours: float, plain: float) -> None:
    """Print one comparison."""
    print(f"{name:<52} {ours:9.3f} s  {plain:9.3f} s  {plain / ours:8.1f} x")


def consistency() -> None:
    """All bases to 300 of three exclusive shares: closed form against trying every count."""
    shares = [ReportedPercentage(20), ReportedPercentage(48), ReportedPercentage(33)]

    def ours() -> list[tuple[int, ...]]:
        found = scan(shares, 300, rule=RoundingRule.HALF_UP, design=Exclusive())
        return [(f.base, *vector) for f in found for vector in f.vectors()]

    def plain() -> list[tuple[int, ...]]:
        found = []
        for base in range(1, 301):
            fits = [
                [k for k in range(base + 1) if (200 * k + base) // (2 * base) == share.scaled]
                for share in shares
            ]
            found += [(base, *v) for v in itertools.product(*fits) if sum(v) == base]
        return found

    if ours() != plain():
        sys.exit("the two ways disagree")
    report("consistency: three shares, bases to 300", timed(ours, 5), timed(plain, 3))


def build() -> None:
    """Every published notebook in every language, against papermill and nbconvert, one by one.

    Ours also draws the PDF, the indexes and the provenance, which the plain way does not.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "analysis.cli", "build", "--out", f"{folder}/reports"]
        every = [(path, lang) for path in notebooks(find_project(ROOT)) for lang in texts.LOCALES]

        def ours() -> None:
            subprocess.run(command, check=True, cwd=ROOT, capture_output=True)

        def plain() -> None:
            for notebook, lang in every:
                out = str(Path(folder) / f"{notebook.stem}.{lang}.ipynb")
                for step in (
                    ["papermill", str(notebook), out, "--no-progress-bar", "-p", "lang", lang],
                    ["nbconvert", "--to", "html", "--no-input", out],
                ):
                    runner = [sys.executable, "-m", *step]
                    subprocess.run(runner, check=True, cwd=notebook.parent, capture_output=True)

        report(f"build: {len(every)} executed notebooks to pages", timed(ours, 1), timed(plain, 1))


if __name__ == "__main__":
    print(f"{'':<52} {'ours':>11} {'plain':>12} {'ratio':>10}")
    consistency()
    report("alpha: 1,000 resamples, 2 × 5,000 units, 60 codes", *agreement.compare())
    build()
