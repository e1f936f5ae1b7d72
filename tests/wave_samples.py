"""Waves made for tests by the script that makes the demonstration waves."""

from __future__ import annotations

import importlib.util
import io
import random
import sys
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd

from analysis.instrument import Instrument
from analysis.mapping import Mapping, Reader, Scan, apply, propose
from analysis.readers import RawColumn, RawTable, ReadOptions
from analysis.validation import Report, Validator


@cache
def maker() -> ModuleType:
    """Load ``tools/make_demo_waves.py``."""
    path = Path(__file__).parents[1] / "tools" / "make_demo_waves.py"
    spec = importlib.util.spec_from_file_location("make_demo_waves", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def clean(instrument: Instrument, seed: int, size: int = 6) -> pd.DataFrame:
    """Invent a valid wave as KoboToolbox exports it: text, by column."""
    rng = random.Random(seed)
    rows = []
    for number in range(1, size + 1):
        code = f"C{number:02d}"
        found = maker().answer(
            instrument, rng, city=f"Ciudad {code}", region="Región Alfa", day=date(2017, 9, number)
        )
        stamp = f"2017-09-{number:02d}T10:00:00+00:00"
        rows.append(([stamp, stamp.replace("10:00", "10:30"), code, "es"], found))
    return read(maker().kobo_csv(instrument, rows))


def read(text: str) -> pd.DataFrame:
    """Read a CSV as the readers give it: text, NA where there is nothing."""
    frame = pd.read_csv(io.StringIO(text), dtype="string", keep_default_na=False)
    return frame.mask(frame.eq("").fillna(False).astype(bool))


def scan(rows: pd.DataFrame) -> Scan:
    """Take a frame for a file."""
    found = Scan()
    found.add(RawTable(tuple(RawColumn(name) for name in rows), rows))
    return found


def check(
    instrument: Instrument,
    rows: pd.DataFrame,
    mapping: Mapping | None = None,
    validator: Validator | None = None,
) -> Report:
    """Map and check a frame."""
    seen = scan(rows)
    mapping = mapping or propose(instrument, seen)
    validator = validator or Validator(instrument, "prueba.csv")
    validator.add_mapping(mapping, seen)
    reader = Reader.of(instrument, mapping, seen, ReadOptions(), "prueba.csv")
    validator.add(apply(reader, rows))
    return validator.finish()
