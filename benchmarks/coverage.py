"""Coverage of each interval at 5, 10 and 24 respondents: the evidence for the default.

Nothing is simulated: every outcome is weighed by its chance, for a grid of true shares, for every
number of members of a finite frame, and for some compositions of three parts.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom, hypergeom, multinomial

from analysis.proportion import (
    METHODS,
    SIMULTANEOUS_METHODS,
    confidence_interval,
    finite_interval,
    simultaneous_intervals,
)

SIZES = (5, 10, 24)
LEVEL = 0.95
TRUTHS = (np.arange(1_000) + 0.5) / 1_000
FRAME = 30
PARTS = ((1 / 3, 1 / 3, 1 / 3), (0.2, 0.48, 0.32), (0.05, 0.15, 0.8))


def one_share(method: str, nobs: int) -> tuple[float, float, float]:
    """Return the mean and the least coverage over true shares, and the mean width."""
    found = [confidence_interval(count, nobs, method, LEVEL) for count in range(nobs + 1)]
    chance = binom.pmf(np.arange(nobs + 1)[:, None], nobs, TRUTHS)
    lower = np.array([interval.lower for interval in found])[:, None]
    upper = np.array([interval.upper for interval in found])[:, None]
    covered = (chance * ((lower <= TRUTHS) & (upper >= TRUTHS))).sum(axis=0)
    width = (chance * (upper - lower)).sum(axis=0)
    return float(covered.mean()), float(covered.min()), float(width.mean())


def finite_frame(method: str, nobs: int) -> tuple[float, float, float]:
    """Do the same for a frame, over every number of its members."""
    found = [finite_interval(c, nobs, FRAME, method, LEVEL) for c in range(nobs + 1)]
    members = np.arange(FRAME + 1)
    chance = hypergeom.pmf(np.arange(nobs + 1)[:, None], FRAME, members, nobs)
    lower = np.array([f.interval.lower for f in found])[:, None]
    upper = np.array([f.interval.upper for f in found])[:, None]
    near = 1e-9
    inside = (lower - near <= members / FRAME) & (upper + near >= members / FRAME)
    covered = (chance * inside).sum(axis=0)
    return (
        float(covered.mean()),
        float(covered.min()),
        float((chance * (upper - lower)).sum(axis=0).mean()),
    )


def several_shares(method: str, nobs: int) -> tuple[float, float, float]:
    """Return the mean and the least joint coverage over some compositions, and the mean width."""
    outcomes = [(a, b, nobs - a - b) for a in range(nobs + 1) for b in range(nobs + 1 - a)]
    found = [simultaneous_intervals(counts, method, LEVEL).intervals for counts in outcomes]
    bounds = np.array([[(i.lower, i.upper) for i in intervals] for intervals in found])
    joint, width = [], []
    for truth in PARTS:
        chance = multinomial.pmf(outcomes, nobs, truth)
        inside = (bounds[..., 0] <= truth) & (bounds[..., 1] >= truth)
        joint.append(float(chance @ inside.all(axis=1)))
        width.append(float(chance @ (bounds[..., 1] - bounds[..., 0]).mean(axis=1)))
    return float(np.mean(joint)), min(joint), float(np.mean(width))


def main() -> None:
    """Print one line for each method and number of respondents."""
    print(f"coverage at {LEVEL:.0%}: mean, least, mean width")
    for title, methods, measure in (
        ("one share", tuple(METHODS), one_share),
        (f"a frame of {FRAME}", ("finite_wilson", "hypergeometric"), finite_frame),
        ("three shares, jointly", SIMULTANEOUS_METHODS, several_shares),
    ):
        print(title)
        for method in methods:
            cells = [measure(method, nobs) for nobs in SIZES]
            text = "   ".join(
                f"n={n}: {mean:.3f} {least:.3f} {width:.3f}"
                for n, (mean, least, width) in zip(SIZES, cells, strict=True)
            )
            print(f"  {method:<16} {text}")


if __name__ == "__main__":
    main()
