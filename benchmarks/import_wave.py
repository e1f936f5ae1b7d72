"""A CSV of 240,000 respondents to the questionnaire of 2017 (61 questions), imported as a wave.

The file is what KoboToolbox exports, every free text of its own. Time and memory are those of
``cuadernos wave new`` as a whole: the peak of all its processes together, sampled.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import psutil

from analysis.instrument import Instrument, load_instrument

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from make_demo_waves import answer, kobo_csv  # noqa: E402

RESPONDENTS, INVENTED = 240_000, 2_000


def generate(instrument: Instrument, file: Path, respondents: int) -> None:
    """Write a fictitious wave: ``INVENTED`` respondents over and over, with other texts."""
    rng = random.Random(2017)
    rows = []
    for number in range(INVENTED):
        day = date(2017, 9, 1 + number % 28)
        found = answer(instrument, rng, city="Ciudad", region="Región Alfa", day=day)
        stamp = f"2017-09-01T10:{number % 60:02d}:00+00:00"
        rows.append(([stamp, stamp.replace("T10", "T11"), "C", "es"], found))
    head, *pool = csv.reader(io.StringIO(kobo_csv(instrument, rows)))
    free = {item.code for item in instrument.questions if item.type == "text"}
    texts = [at for at, name in enumerate(head) if name.rpartition("/")[2] in free]
    own = head.index("respondente")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        for number in range(respondents):
            row = list(pool[number % INVENTED])
            row[own] = f"C{number}"
            for at in texts:
                row[at] = row[at] and f"{row[at]} ({number})"
            writer.writerow(row)


def measure(command: list[str]) -> tuple[float, int, str]:
    """Run a command; return its seconds, the peak MB of all its processes and what it printed."""
    begun, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    whole = psutil.Process(process.pid)
    while process.poll() is None:
        size = 0
        try:
            for one in (whole, *whole.children(recursive=True)):
                size += one.memory_info().rss
        except psutil.NoSuchProcess:
            pass
        peak = max(peak, size)
        time.sleep(0.05)
    seconds = time.perf_counter() - begun
    printed = process.stdout.read() if process.stdout else ""
    if process.returncode:
        sys.exit(printed)
    return seconds, peak >> 20, printed


def main(respondents: int = RESPONDENTS) -> None:
    """Import the wave and print time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        for name in ("cuaderno8", "instrument"):
            shutil.copytree(ROOT / "data" / "raw" / name, place / "data" / "raw" / name)
        (place / "notebooks").mkdir()
        instrument = load_instrument(ROOT)
        file = Path(folder) / "respuestas.csv"
        generate(instrument, file, respondents)
        size = file.stat().st_size >> 20
        print(f"import of {respondents:,} × {len(instrument.questions)}: {size} MB of CSV")
        command = [sys.executable, "-m", "analysis.cli", "wave", "new", "grande"]
        seconds, peak, _ = measure([*command, "--from", str(file), "--root", str(place)])
        tables = sum(p.stat().st_size for p in place.glob("data/processed/waves/*/*/*")) >> 20
        print(f"  {seconds:.0f} s, {peak} MB at most in all processes, {tables} MB of tables")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
