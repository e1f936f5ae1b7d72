"""Krippendorff's alpha with its bootstrap interval: one matrix product against a loop."""

from __future__ import annotations

import sys
import time

import krippendorff
import numpy as np

from analysis.coding.reliability import krippendorff_alpha

UNITS, CODES, RESAMPLES, LOOPED = 5000, 60, 1000, 25


def two_coders() -> np.ndarray:
    """Return what two coders gave to each unit; they agree on about seven of ten."""
    rng = np.random.default_rng(1)
    first = rng.integers(0, CODES, UNITS)
    second = np.where(rng.random(UNITS) < 0.7, first, rng.integers(0, CODES, UNITS))
    return np.vstack([first, second])


def compare() -> tuple[float, float]:
    """Return our seconds, and those of the package on each resample in turn.

    The loop is timed on a few resamples and scaled, because all of them take minutes. Both draw
    the same first sample and must agree on it.
    """
    values = two_coders()
    begun = time.perf_counter()
    ours = krippendorff_alpha(values, resamples=RESAMPLES)
    taken = time.perf_counter() - begun
    begun = time.perf_counter()
    drawn = np.random.default_rng(0).integers(0, UNITS, size=(LOOPED, UNITS))
    looped = [krippendorff.alpha(values[:, s], level_of_measurement="nominal") for s in drawn]
    plain = (time.perf_counter() - begun) * RESAMPLES / LOOPED
    first = krippendorff_alpha(values[:, drawn[0]], resamples=0).value
    if abs(first - looped[0]) > 1e-9 or not ours.low < np.median(looped) < ours.high:
        sys.exit("the two ways disagree")
    return taken, plain
