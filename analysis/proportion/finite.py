"""Shares of a finite frame: sampling without replacement."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.provenance import Interval

FRAME_METHODS = ("hypergeometric", "finite_wilson")


def check_count(count: int, nobs: int) -> None:
    """Refuse a count that does not fit in its base."""
    if nobs < 1 or not 0 <= count <= nobs:
        raise ValueError(f"El recuento {count} no cabe en la base {nobs}.")


def check_frame(nobs: int, frame_size: int) -> None:
    """Refuse a frame smaller than what was drawn from it."""
    if frame_size < nobs:
        raise ValueError(f"El marco tiene {frame_size} y respondieron {nobs}: no puede ser menor.")


@dataclass(frozen=True)
class FrameInterval:
    """Interval of the share of a finite frame.

    Parameters
    ----------
    lower_count, upper_count : int
        Members of the frame that may have the property, those seen included.
    interval : Interval
        The same as proportions of the frame, widened where needed to hold the share of those that
        answered.
    """

    lower_count: int
    upper_count: int
    interval: Interval


def finite_interval(
    count: int,
    nobs: int,
    frame_size: int,
    method: str = "hypergeometric",
    level: float = 0.95,
) -> FrameInterval:
    """Return the interval of a share in a frame from which members were drawn without replacement.

    Parameters
    ----------
    count, nobs : int
        Members drawn that have the property, and members drawn.
    frame_size : int
        Members of the frame.
    method : {"hypergeometric", "finite_wilson"}
        ``hypergeometric`` holds every number of members that neither one-sided test at half of
        the error rejects (Buonaccorsi 1987, The American Statistician 41:215-218): exact, never
        below its level. ``finite_wilson`` is Wilson's interval with the variance of sampling
        without replacement, p(1 - p)/n · (N - n)/(N - 1) (Cochran 1977, *Sampling Techniques*,
        section 3.2), that is, with n(N - 1)/(N - n) members.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    FrameInterval
        A point when everyone was drawn.

    Raises
    ------
    ValueError
        When the method is unknown, or the count or the frame do not fit.
    """
    check_count(count, nobs)
    check_frame(nobs, frame_size)
    if method not in FRAME_METHODS:
        raise ValueError(f"Método «{method}» desconocido; hay: {', '.join(FRAME_METHODS)}.")
    most = frame_size - (nobs - count)  # members not drawn may all have the property
    if frame_size == nobs:
        return FrameInterval(count, count, Interval(count / nobs, count / nobs, level, method))
    if method == "hypergeometric":
        low, high = _hypergeometric(count, nobs, frame_size, level)
        lower, upper = low / frame_size, high / frame_size
    else:
        from statsmodels.stats.proportion import proportion_confint

        size = nobs * (frame_size - 1) / (frame_size - nobs)
        lower, upper = proportion_confint(
            size * count / nobs, size, alpha=1 - level, method="wilson"
        )
        lower, upper = max(float(lower), count / frame_size), min(float(upper), most / frame_size)
        low, high = _ceil(lower * frame_size), _floor(upper * frame_size)
        low, high = min(low, high), max(low, high)  # narrower than one member
    share = count / nobs
    interval = Interval(min(lower, share), max(upper, share), level, method)
    return FrameInterval(low, high, interval)


def _hypergeometric(count: int, nobs: int, frame_size: int, level: float) -> tuple[int, int]:
    """Invert two one-sided tests; each tail grows with the members, so halving finds its end."""
    from scipy.stats import hypergeom

    tail = (1 - level) / 2
    least, most = count, frame_size - (nobs - count)

    def above(members: int) -> bool:  # P(X >= count) exceeds the tail
        return hypergeom.sf(count - 1, frame_size, members, nobs) > tail

    def below(members: int) -> bool:  # P(X <= count) exceeds the tail
        return hypergeom.cdf(count, frame_size, members, nobs) > tail

    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if above(middle) else (middle + 1, high)
    lower = low
    low, high = least, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if below(middle) else (low, middle - 1)
    return lower, low


def _ceil(value: float) -> int:
    return int(-((-value + 1e-9) // 1))


def _floor(value: float) -> int:
    return int((value + 1e-9) // 1)
