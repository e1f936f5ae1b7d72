"""A wave of 240,000 respondents and 60 items: shares with intervals by country, from Parquet.

Each way runs in a process of its own, whose wall time and peak memory are those of the whole
process, imports included. The plain ways count and give no interval.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESPONDENTS, ITEMS, CHOICES, COUNTRIES = 240_000, 60, 5, 24

_OURS = """
from pathlib import Path
from analysis.descriptives import group_shares
print(sum(share.count for share in group_shares(Path({file!r}), "pais")))
"""
_DUCKDB = """
import duckdb
duckdb.sql("SET enable_progress_bar = false")
rows = duckdb.sql('''
    WITH g AS (SELECT respondent, choice AS pais FROM read_parquet({file!r}) WHERE item = 'pais')
    SELECT pais, item, choice, count(*) FROM read_parquet({file!r}) JOIN g USING (respondent)
    WHERE item <> 'pais' AND state IN ('answered', 'none') GROUP BY ALL''').fetchall()
print(sum(row[3] for row in rows))
"""
_POLARS = """
import polars as pl
answers = pl.scan_parquet({file!r})
groups = answers.filter(pl.col("item") == "pais").select("respondent", pais="choice")
counted = (
    answers.filter((pl.col("item") != "pais") & pl.col("state").is_in(["answered", "none"]))
    .join(groups, on="respondent").group_by("pais", "item", "choice").len().collect()
)
print(counted["len"].sum())
"""


_NAME = "'R' || lpad(r::VARCHAR, 6, '0')"
_USE = """
import resource
use = resource.getrusage(resource.RUSAGE_SELF)
print(use.ru_utime + use.ru_stime, use.ru_maxrss)
"""


def generate(file: Path) -> None:
    """Write a fictitious wave, one answer in fifty blank, respondents one after the other."""
    import duckdb

    duckdb.sql(f"""
        COPY (
            SELECT {_NAME} AS respondent, 'p' || lpad(i::VARCHAR, 2, '0') AS item,
                CASE WHEN hash(r, i, 2) % 50 = 0 THEN NULL
                    ELSE 'o' || (hash(r, i) % {CHOICES})::VARCHAR END AS choice,
                TRUE AS selected,
                CASE WHEN hash(r, i, 2) % 50 = 0 THEN 'blank' ELSE 'answered' END AS state
            FROM range({RESPONDENTS}) AS t(r), range({ITEMS}) AS s(i)
            UNION ALL
            SELECT {_NAME}, 'pais', 'P' || (hash(r) % {COUNTRIES})::VARCHAR, TRUE, 'answered'
            FROM range({RESPONDENTS}) AS t(r)
        ) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
    """)


def measure(code: str) -> tuple[float, float, int, str]:
    """Run code in a process; return its seconds, processor seconds, peak MB and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + _USE], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - begun
    printed, used, peak = done.stdout.split()
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return seconds, float(used), int(peak) // unit, printed


def main() -> None:
    """Print each way with its time, memory and ratio to ours."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.parquet"
        generate(file)
        size = file.stat().st_size / 2**20
        print(f"wave of {RESPONDENTS:,} × {ITEMS}: {size:.0f} MB of Parquet, whole process")
        found = {
            name: measure(code.format(file=str(file)))
            for name, code in (
                ("ours, with intervals", _OURS),
                ("raw DuckDB", _DUCKDB),
                ("Polars", _POLARS),
            )
        }
    if len({printed for *_, printed in found.values()}) > 1:
        sys.exit("the ways disagree")
    ours = next(iter(found.values()))[0]
    for name, (seconds, used, memory, _) in found.items():
        print(
            f"  {name:<22} {seconds:6.2f} s  {used:6.2f} s of processor  {memory:5d} MB"
            f"  {seconds / ours:5.2f} of ours"
        )


if __name__ == "__main__":
    main()
