"""Parts of a whole: what shares make up a base, and how much of a frame answered."""

from __future__ import annotations

from collections.abc import Mapping

from analysis import texts
from analysis.charts.core import Chart, alternative, classes
from analysis.charts.rows import share_text
from analysis.charts.sheet import RowLabel, Sheet, draw_sheet, rows_by_canvas
from analysis.provenance import EvidenceClass, Quantity, Share
from analysis.tables import Table
from analysis.theme import CANVASES, Canvas, text_width

LOOKS = (("teal", ""), ("ochre", "||||"), ("rust", "////"), ("soft", "----"), ("ink", "xxxx"))
"""Colour and hatch of each part; no two that touch share either."""
_SQUARE = 15.0


def composition(
    wholes: Mapping[str, Mapping[str, Share]],
    *,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show the exclusive parts of each whole as one bar, named and valued below it.

    Parameters
    ----------
    wholes : mapping of str to mapping of str to Share
        By label of the whole, its parts by label, in the order in which they are drawn. Parts that
        were printed already rounded may add up to a little more or less than the whole; the bar
        is drawn as they are, never stretched.
    id, table, title, caption, lang
        As in :func:`analysis.charts.possible_counts`.

    Raises
    ------
    ValueError
        When there is no part, or more kinds of part than there are looks.
    """
    every = [share for parts in wholes.values() for share in parts.values()]
    kinds = list(dict.fromkeys(name for parts in wholes.values() for name in parts))
    if not every or len(kinds) > len(LOOKS):
        raise ValueError(f"«{id}»: se dibujan de 1 a {len(LOOKS)} partes; hay {len(kinds)}.")
    looks = dict(zip(kinds, LOOKS, strict=False))
    evidence = classes(every)
    largest = max(sum(float(s.proportion) for s in parts.values()) for parts in wholes.values())
    scale = max(1.0, largest)
    words = {
        whole: [(name, f"{name} {share_text(share, lang)}") for name, share in parts.items()]
        for whole, parts in wholes.items()
    }
    keys = {c.name: {w: _flow(c, parts) for w, parts in words.items()} for c in CANVASES}
    tops: dict[str, list[float]] = {}
    heights = []
    for canvas in CANVASES:
        y, tops[canvas.name] = 4.0, []
        for whole in wholes:
            tops[canvas.name].append(y)
            y += 22 + 24 + 14 + 20 * len(keys[canvas.name][whole]) + 14
        heights.append(y)

    def paint(sheet: Sheet) -> None:
        canvas = sheet.canvas
        for top, (whole, parts) in zip(tops[canvas.name], wholes.items(), strict=True):
            sheet.text(0, top + 9, whole, bold=True)
            x = 1.0
            room = canvas.width - 2
            for name, share in parts.items():
                width = room * float(share.proportion) / scale
                colour, hatch = looks[name]
                demo = share.evidence is EvidenceClass.DEMO
                sheet.box(
                    x, top + 22, max(width - 2, 0), 24, colour, hatch=hatch, edge=colour,
                    dashed=demo,
                )  # fmt: skip
                x += width
            if EvidenceClass.DEMO in classes(parts):
                sheet.box(1, top + 48, x - 3, 5, "plum", hatch="//////", edge="plum", dashed=True)
            y = top + 22 + 24 + 22
            for line in keys[canvas.name][whole]:
                for across, name, text in line:
                    colour, hatch = looks[name]
                    sheet.box(across + 1, y - 6, 12, 12, colour, hatch=hatch, edge=colour)
                    sheet.text(across + 20, y, text, size=13)
                y += 20

    items = [
        texts.label("chart.item", lang, name=whole, value="; ".join(text for _, text in parts))
        for whole, parts in words.items()
    ]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, heights, evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


def _flow(canvas: Canvas, parts: list[tuple[str, str]]) -> list[list[tuple[float, str, str]]]:
    """Set the names of the parts one after another, in as many lines as they need."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    x = 0.0
    for name, words in parts:
        width = 20 + text_width(words, 13)
        if lines[-1] and x + width > canvas.width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, name, words))
        x += width + 22
    return lines


def coverage(
    values: Mapping[str, Share | Quantity],
    *,
    groups: Mapping[str, str] | None = None,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show how many of each country answered, a square each, out of how many if that is known.

    Parameters
    ----------
    values : mapping of str to (Share or Quantity)
        By label. A Share counts those that answered over the size of the frame; a Quantity is a
        count whose frame is unknown, and only full squares are drawn.
    groups : mapping of str to str, optional
        Heading of each label.
    id, table, title, caption, lang
        As in :func:`analysis.charts.possible_counts`.

    Raises
    ------
    ValueError
        When a value has no count.
    """
    counts: dict[str, tuple[int, int]] = {}
    for name, value in values.items():
        number = value.count if isinstance(value, Share) else value.value
        if number is None:
            raise ValueError(f"«{id}»: «{name}» no tiene recuento.")
        whole = value.base.n if isinstance(value, Share) else number
        counts[name] = number, whole or number
    evidence = classes(values) or [e for e in EvidenceClass if e in table.evidence]

    def note(value: Share | Quantity) -> str:
        return share_text(value, lang) if isinstance(value, Share) else value.text(lang)

    labels = [
        RowLabel(name, note=note(value), group=(groups or {}).get(name, ""))
        for name, value in values.items()
    ]
    rows = rows_by_canvas(labels, mark=24)
    most = max((whole for _, whole in counts.values()), default=1)

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        placed.write(sheet)
        room = placed.right - placed.left
        single = most * _SQUARE <= room
        for place, (name, value) in zip(placed.places, values.items(), strict=True):
            number, whole = counts[name]
            demo = value.evidence is EvidenceClass.DEMO
            colour = {"demo": "plum", "bounded": "ochre", "observed": "teal"}.get(
                value.evidence, "ink"
            )
            hatch = "//////" if demo else ""
            y = place.y - _SQUARE / 2 + 1
            if not single:
                full = room * number / most
                if whole > number:
                    sheet.box(placed.left, y, room * whole / most, 13, "paper", edge="soft")
                sheet.box(placed.left, y, full, 13, colour, hatch=hatch, edge=colour, dashed=demo)
                continue
            for place_in_row in range(whole):
                x = placed.left + _SQUARE * place_in_row
                if place_in_row < number:
                    sheet.box(x, y, 12, 12, colour, hatch=hatch, edge=colour, dashed=demo)
                else:
                    sheet.box(x, y, 12, 12, "paper", edge="soft")

    items = [
        texts.label("chart.item", lang, name=name, value=note(value))
        for name, value in values.items()
    ]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [rows[c.name].bottom + 8 for c in CANVASES], evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )
