"""A curve that grows and flattens, e.g. new codes by document read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import seaborn as sns

from analysis import texts
from analysis.charts.core import Chart, alternative
from analysis.charts.sheet import Sheet, draw_sheet
from analysis.provenance import EvidenceClass
from analysis.tables import Table
from analysis.theme import PALETTE, px, text_width, wrap

_STYLES = (("teal", "-"), ("rust", "--"), ("ochre", "-."), ("ink", ":"))
_HEIGHT = 300.0


@dataclass(frozen=True)
class CurvePoint:
    """A point of a curve; ``low`` and ``high`` bound it where orders or samples vary."""

    x: int
    y: float
    low: float | None = None
    high: float | None = None


def curve(
    series: Mapping[str, Sequence[CurvePoint]],
    *,
    evidence: EvidenceClass,
    x_axis: str,
    y_axis: str,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show one to four curves, each named at its end, with the band within which it varies.

    Parameters
    ----------
    series : mapping of str to sequence of CurvePoint
        Points by name, ordered by ``x``; a series without points is named as empty.
    evidence : EvidenceClass
        Class of all of them.
    x_axis, y_axis : str
        What the axes measure.
    id, table, title, caption, lang
        As in :func:`analysis.charts.possible_counts`.

    Raises
    ------
    ValueError
        When there are no series or more than four, or a series is not ordered.
    """
    if not 1 <= len(series) <= len(_STYLES):
        raise ValueError(f"«{id}»: se dibujan de 1 a {len(_STYLES)} curvas; hay {len(series)}.")
    for name, points in series.items():
        if [p.x for p in points] != sorted({p.x for p in points}):
            raise ValueError(f"«{id}»: los puntos de «{name}» no están ordenados.")
    frame = pd.DataFrame(
        [(name, p.x, p.y) for name, points in series.items() for p in points],
        columns=["series", "x", "y"],
    )
    every = [p for points in series.values() for p in points]
    furthest = max((p.x for p in every), default=1) or 1
    tallest = max((p.high if p.high is not None else p.y for p in every), default=1) or 1
    y_ticks, x_ticks = _ticks(tallest), _ticks(furthest)
    demo = evidence is EvidenceClass.DEMO
    words = {
        name: name if points else texts.label("chart.empty_series", lang, name=name)
        for name, points in series.items()
    }

    def paint(sheet: Sheet) -> None:
        canvas = sheet.canvas
        names = {name: wrap(words[name], 0.3 * canvas.width, 13, bold=True) for name in series}
        room = max(text_width(line, 13, bold=True) for lines in names.values() for line in lines)
        left = max(text_width(texts.number(t, lang), 12.5) for t in y_ticks) + 10
        right, bottom = canvas.width - room - 14, _HEIGHT - 44
        top = 18.0 + 15 * len(wrap(y_axis, canvas.width, 12.5))

        def across(x: float) -> float:
            return left + (right - left) * x / max(furthest, x_ticks[-1])

        def up(y: float) -> float:
            return bottom - (bottom - top) * y / max(tallest, y_ticks[-1])

        for number, line in enumerate(wrap(y_axis, canvas.width, 12.5)):
            sheet.text(0, 8 + 15 * number, line, size=12.5, colour="soft")
        for tick in y_ticks:
            sheet.line([left, right], [up(tick)] * 2, "rule", 1)
            sheet.text(
                left - 6, up(tick), texts.number(tick, lang), size=12.5, colour="soft", ha="right"
            )
        for tick in x_ticks:
            sheet.text(
                across(tick), bottom + 12, texts.number(tick, lang), size=12.5, colour="soft",
                ha="center",
            )  # fmt: skip
        for number, line in enumerate(wrap(x_axis, canvas.width - left, 12.5)):
            sheet.text(left, bottom + 30 + 15 * number, line, size=12.5, colour="soft")
        ends = []
        for (name, points), (colour, style) in zip(series.items(), _STYLES, strict=False):
            if demo:
                colour = "plum"
            found = frame[frame["series"] == name]
            banded = [p for p in points if p.low is not None and p.high is not None]
            if banded:
                sheet.axes.fill_between(
                    [across(p.x) for p in banded],
                    [up(p.low) for p in banded],  # type: ignore[arg-type]
                    [up(p.high) for p in banded],  # type: ignore[arg-type]
                    facecolor="none" if demo else (PALETTE[colour], 0.16),
                    edgecolor=PALETTE[colour],
                    linewidth=px(1),
                    hatch="//////" if demo else None,
                    zorder=1,
                )
            if points:
                sns.lineplot(
                    x=[across(x) for x in found["x"]],
                    y=[up(y) for y in found["y"]],
                    ax=sheet.axes,
                    color=PALETTE[colour],
                    linestyle=style,
                    linewidth=px(2.5),
                    errorbar=None,
                    zorder=2,
                )
                last = points[-1]
                sheet.mark(across(last.x), up(last.y), evidence)
                ends.append((up(last.y), across(last.x) + 9, name, colour))
            else:
                ends.append((bottom - 12 - 16 * (len(names[name]) - 1), left + 9, name, colour))
        for y, (x, name, colour) in _apart(ends, names):
            for number, line in enumerate(names[name]):
                sheet.patch(x, y + 16 * number, line, 13)
                sheet.text(x, y + 16 * number, line, size=13, bold=True, colour=colour)
        sheet.axes.set(xlabel="", ylabel="")

    items = [_item(name, points, lang) for name, points in series.items()]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, (_HEIGHT, _HEIGHT + 16), [evidence], lang),
        caption=caption,
        table=table,
        evidence=frozenset({evidence}),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


def _item(name: str, points: Sequence[CurvePoint], lang: str) -> str:
    if not points:
        return texts.label(
            "chart.item", lang, name=name, value=texts.label("chart.no_points", lang)
        )
    first, last = points[0], points[-1]

    def amount(y: float) -> str:
        return texts.number(round(y, 1) if y % 1 else int(y), lang)

    return texts.label(
        "chart.curve_alt",
        lang,
        name=name,
        first=texts.number(first.x, lang),
        low=amount(first.y),
        last=texts.number(last.x, lang),
        high=amount(last.y),
    )


def _ticks(largest: float) -> list[int]:
    """Return whole, round numbers from 0 up to the largest, six at most."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if largest / step <= 5:
                return list(range(0, int(-(-largest // step)) * step + 1, step))
        power *= 10


def _apart(
    ends: list[tuple[float, float, str, str]], names: Mapping[str, list[str]]
) -> list[tuple[float, tuple[float, str, str]]]:
    """Move names that would overlap down until none does."""
    placed, floor = [], float("-inf")
    for y, x, name, colour in sorted(ends):
        at = max(y, floor)
        placed.append((at, (x, name, colour)))
        floor = at + 16 * len(names[name]) + 1
    return placed
