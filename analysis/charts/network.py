"""A small network, drawn as arcs beside a list so that every name can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import texts
from analysis.charts.core import Chart, alternative
from analysis.charts.sheet import RowLabel, Sheet, draw_sheet, rows_by_canvas
from analysis.provenance import EvidenceClass
from analysis.tables import Table
from analysis.theme import CANVASES

LARGEST = 24
"""Most nodes that can still be followed with the eye."""


@dataclass(frozen=True)
class Link:
    """Two nodes that occur together, and how many times."""

    first: str
    second: str
    count: int


def network(
    sizes: Mapping[str, int],
    links: Sequence[Link],
    *,
    evidence: EvidenceClass,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show what occurs together: an arc between two rows, thicker the more often.

    Parameters
    ----------
    sizes : mapping of str to int
        How often each node occurs, in the order in which they are listed.
    links : sequence of Link
        Pairs of nodes; a pair is given once, whichever comes first.
    evidence : EvidenceClass
        Class of all counts.
    id, table, title, caption, lang
        As in :func:`analysis.charts.possible_counts`.

    Raises
    ------
    ValueError
        When a link names an unknown node, joins a node with itself, is given twice or counts
        nothing, or when there are more than ``LARGEST`` nodes.
    """
    _check(id, sizes, links)
    names = list(sizes)
    labels = [RowLabel(name, note=texts.number(size, lang)) for name, size in sizes.items()]
    rows = rows_by_canvas(labels, mark=22, beside=True)
    largest = max((link.count for link in links), default=1)
    colour = "plum" if evidence is EvidenceClass.DEMO else "teal"
    dashes = (0, (4, 2)) if evidence is EvidenceClass.DEMO else "-"

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        placed.write(sheet)
        start = placed.left
        reach = placed.right - start - 24
        furthest = max(abs(names.index(a.first) - names.index(a.second)) for a in links) or 1
        for link in sorted(links, key=lambda link: link.count):
            ends = [placed.places[names.index(n)].y for n in (link.first, link.second)]
            top, bottom = min(ends), max(ends)
            steps = abs(names.index(link.first) - names.index(link.second))
            angle = np.linspace(-np.pi / 2, np.pi / 2, 33)
            width = reach * (0.18 + 0.82 * steps / furthest)
            xs = start + 8 + width * np.cos(angle)
            ys = (top + bottom) / 2 + (bottom - top) / 2 * np.sin(angle)
            sheet.line(xs.tolist(), ys.tolist(), colour, 1 + 5 * link.count / largest, dashes)
            words, middle = texts.number(link.count, lang), (top + bottom) / 2
            sheet.patch(start + 8 + width, middle, words, 12.5, ha="center")
            sheet.text(
                start + 8 + width, middle, words, size=12.5, bold=True, colour=colour, ha="center"
            )
        for place in placed.places:
            sheet.mark(start, place.y, evidence)

    def empty(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        placed.write(sheet)
        for place in placed.places:
            sheet.mark(placed.left, place.y, evidence)

    items = [
        texts.label(
            "chart.link",
            lang,
            first=link.first,
            second=link.second,
            value=texts.number(link.count, lang),
        )
        for link in sorted(links, key=lambda link: -link.count)
    ] or [texts.label("chart.no_links", lang)]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(
            paint if links else empty,
            id,
            [rows[c.name].bottom + 6 for c in CANVASES],
            [evidence],
            lang,
        ),
        caption=caption,
        table=table,
        evidence=frozenset({evidence}),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


def _check(id: str, sizes: Mapping[str, int], links: Sequence[Link]) -> None:
    if len(sizes) > LARGEST:
        raise ValueError(f"«{id}»: {len(sizes)} nodos no se pueden leer; muestre hasta {LARGEST}.")
    seen = set()
    for link in links:
        pair = frozenset((link.first, link.second))
        if not pair <= set(sizes):
            raise ValueError(f"«{id}»: {link.first} – {link.second} nombra un nodo desconocido.")
        if len(pair) == 1 or pair in seen or link.count < 1:
            raise ValueError(
                f"«{id}»: {link.first} – {link.second} une un nodo consigo mismo, se repite o "
                "no cuenta nada."
            )
        seen.add(pair)
