"""A matrix of counts, e.g. how often each code was used in each city."""

from __future__ import annotations

import math

import pandas as pd

from analysis import texts
from analysis.charts.core import Chart, alternative
from analysis.charts.sheet import LINE, Sheet, draw_sheet
from analysis.provenance import EvidenceClass
from analysis.tables import Table
from analysis.theme import CANVASES, Canvas, text_width, wrap

_CELL = 28.0
_STEPS = (0.10, 0.24, 0.40, 0.84, 1.0)  # opacity; from the fourth on, the number is in paper
_LIGHT = 3


def step_of(value: int, largest: int) -> int:
    """Return the shade of a count, from 0 to 4; counts share a shade by fifths of the largest."""
    return min(len(_STEPS) - 1, math.ceil(len(_STEPS) * value / largest) - 1)


def _panels(columns: list[str], room: float) -> list[list[str]]:
    """Split columns into panels of about the same size that fit a width."""
    fit = max(1, int(room // _CELL))
    panels = max(1, math.ceil(len(columns) / fit))
    size = math.ceil(len(columns) / panels)
    return [columns[start : start + size] for start in range(0, len(columns), size)]


def matrix(
    counts: pd.DataFrame,
    *,
    evidence: EvidenceClass,
    unit: str,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show a count in each cell, written and shaded; columns that do not fit go to a next panel.

    Parameters
    ----------
    counts : DataFrame
        Whole numbers by row label (index) and column label (columns). A missing value means that
        the cell was not observed and is drawn empty; a zero is written.
    evidence : EvidenceClass
        Class of all of them.
    unit : str
        What is counted, written above the first panel.
    id, table, title, caption, lang
        As in :func:`analysis.charts.possible_counts`.

    Raises
    ------
    ValueError
        When a count is negative or there is no row or no column.
    """
    if counts.empty:
        raise ValueError(f"«{id}»: la matriz no tiene filas o no tiene columnas.")
    if (counts.min().min() or 0) < 0:
        raise ValueError(f"«{id}»: un recuento no puede ser negativo.")
    names, columns = [str(n) for n in counts.index], [str(c) for c in counts.columns]
    frame = counts.set_axis(names, axis=0).set_axis(columns, axis=1)
    largest = max(1, int(frame.max().max())) if frame.notna().to_numpy().any() else 1
    colour = "plum" if evidence is EvidenceClass.DEMO else "teal"
    layouts = {c.name: _Layout(c, names, columns, unit) for c in CANVASES}

    def paint(sheet: Sheet) -> None:
        layout = layouts[sheet.canvas.name]
        for number, words in enumerate(layout.unit):
            sheet.text(0, 8 + 16 * number, words, size=12.5, colour="soft")
        for panel, top in zip(layout.panels, layout.tops, strict=True):
            width = layout.cell * len(panel)
            if evidence is EvidenceClass.DEMO:
                sheet.box(
                    layout.left, top - 7, width, 6, "plum", hatch="//////", edge="plum", dashed=True
                )
            for place, column in enumerate(panel):
                _head(sheet, layout, column, layout.left + layout.cell * (place + 0.5), top - 12)
            y = top
            for name in names:
                lines = layout.lines[name]
                if sheet.canvas.narrow:
                    for line in lines:
                        sheet.text(0, y + LINE / 2 + 3, line, size=13)
                        y += LINE
                    y += 4
                else:
                    middle = y + layout.step(name) / 2
                    first = middle - LINE * (len(lines) - 1) / 2
                    for number, line in enumerate(lines):
                        sheet.text(0, first + LINE * number, line)
                tall = _CELL if sheet.canvas.narrow else layout.step(name)
                for place, column in enumerate(panel):
                    value = frame.at[name, column]
                    x = layout.left + layout.cell * place
                    if pd.isna(value):
                        sheet.box(x + 1, y + 1, layout.cell - 2, tall - 2, "paper", edge="soft")
                        continue
                    step = step_of(int(value), largest) if value else -1
                    if step >= 0:
                        alpha = _STEPS[step]
                        sheet.box(x + 1, y + 1, layout.cell - 2, tall - 2, colour, alpha=alpha)
                    sheet.text(
                        x + layout.cell / 2,
                        y + tall / 2,
                        texts.number(int(value), lang),
                        size=12.5,
                        ha="center",
                        colour="soft" if step < 0 else "paper" if step >= _LIGHT else "ink",
                    )
                y += tall + (4 if sheet.canvas.narrow else 0)

    cells = frame.stack().dropna().astype(int)
    cells = cells[cells > 0].sort_values(ascending=False, kind="stable")
    items = [
        texts.label("chart.cell", lang, row=row, column=column, value=texts.number(int(v), lang))
        for (row, column), v in cells.items()
    ] or [texts.label("chart.all_zero", lang)]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [layouts[c.name].height for c in CANVASES], [evidence], lang),
        caption=caption,
        table=table,
        evidence=frozenset({evidence}),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


class _Layout:
    """Where panels, rows and column heads stand on a canvas."""

    def __init__(self, canvas: Canvas, names: list[str], columns: list[str], unit: str) -> None:
        widest = max(text_width(name) for name in names) + 2
        room = float(canvas.width) if canvas.narrow else min(widest, 0.36 * canvas.width)
        self.left = 0.0 if canvas.narrow else room + 12
        self.lines = {name: wrap(name, room, 13 if canvas.narrow else 13.5) for name in names}
        self.panels = _panels(columns, canvas.width - self.left)
        widest_panel = max(len(panel) for panel in self.panels)
        self.cell = min((canvas.width - self.left) / widest_panel, 72.0)
        self.upright = all(text_width(c, 12) <= self.cell - 2 for c in columns)
        self.heads = {c: wrap(c, self.cell - 2 if self.upright else 120, 12) for c in columns}
        head = (
            16.0
            if self.upright
            else max(text_width(line, 12) for lines in self.heads.values() for line in lines) + 6
        )
        self.unit = wrap(unit, canvas.width, 12.5)
        self.narrow = canvas.narrow
        body = sum(self.step(name) for name in names)
        self.tops = []
        y = 16.0 * len(self.unit) + 6
        for _ in self.panels:
            self.tops.append(y + head + 14)
            y = self.tops[-1] + body + 16
        self.height = y - 6

    def step(self, name: str) -> float:
        """Return the height of a row."""
        lines = len(self.lines[name])
        return LINE * lines + 8 + _CELL if self.narrow else max(_CELL, LINE * lines + 6)


def _head(sheet: Sheet, layout: _Layout, column: str, x: float, y: float) -> None:
    """Write the name of a column, upright where it fits."""
    lines = layout.heads[column]
    if layout.upright:
        sheet.text(x, y - 4, lines[0], size=12, ha="center", colour="soft")
        return
    for number, line in enumerate(lines):
        across = x + 14 * (number - (len(lines) - 1) / 2)
        sheet.text(across, y + 2, line, size=12, ha="center", colour="soft", rotation=90)
