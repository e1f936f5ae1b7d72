"""Charts with a row for each thing: possible counts, shares, and two waves side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis import texts
from analysis.charts.core import Chart, alternative, classes
from analysis.charts.sheet import RowLabel, Rows, Sheet, draw_sheet, rows_by_canvas
from analysis.provenance import Base, EvidenceClass, Share
from analysis.tables import Table
from analysis.theme import CANVASES, text_width

TICKS = (0, 20, 40, 60, 80, 100)


@dataclass(frozen=True, kw_only=True)
class CountRange:
    """Counts that published claims allow for one thing.

    Parameters
    ----------
    label : str
        What is counted.
    low, high : int
        Least and largest possible count, both included.
    group : str
        Heading under which it is drawn, e.g. the stage.
    stratum : str
        What the source says of it, e.g. «en proceso»; written below the label.
    tone : str
        Colour of the stratum, which its word says as well.
    """

    label: str
    low: int
    high: int
    group: str = ""
    stratum: str = ""
    tone: str = "soft"

    def __post_init__(self) -> None:
        """Refuse a range that is not one."""
        if not 0 <= self.low <= self.high:
            raise ValueError(f"«{self.label}»: rango imposible, de {self.low} a {self.high}.")

    def text(self, lang: str) -> str:
        """Write the range, e.g. «1 a 9»."""
        low, high = (texts.number(end, lang) for end in (self.low, self.high))
        return low if self.low == self.high else texts.label("chart.span", lang, low=low, high=high)


def possible_counts(
    ranges: Sequence[CountRange],
    *,
    base: Base,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show the counts that published claims allow: always a range, never a point.

    Parameters
    ----------
    ranges : sequence of CountRange
        In the order in which they are drawn; those of a group together. A range that covers the
        whole base is drawn as an outline, because nothing is known of it.
    base : Base
        What is counted, with its size.
    id : str
        Unique in its notebook.
    table : Table
        The same data.
    title, caption : str
        Finding and description.
    lang : str
        Language.

    Raises
    ------
    ValueError
        When the base has no size or a range does not fit in it.
    """
    n = base.n
    if n is None or any(item.high > n for item in ranges):
        raise ValueError(f"«{id}»: hay un rango que no cabe en la base ({n}).")
    labels = [
        RowLabel(item.label, item.stratum, item.text(lang), item.group, item.tone)
        for item in ranges
    ]
    rows = rows_by_canvas(labels)
    axis = texts.label("chart.counts_axis", lang, base=base.text(lang))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 10 ** len(str(n))) if n / step <= 11)
    ticks = [(tick / n, texts.number(tick, lang)) for tick in range(0, n + 1, step)]

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        placed.axis(sheet, ticks, axis)
        placed.write(sheet)
        for place, item in zip(placed.places, ranges, strict=True):
            left, right = placed.at(item.low / n), placed.at(item.high / n)
            if item.low == 0 and item.high == n:
                sheet.line([left, right], [place.y, place.y], "ochre", 1.2, ":")
            else:
                sheet.band(left - 6, place.y, right - left + 12, 12, EvidenceClass.BOUNDED)
            for end in {left, right}:
                sheet.mark(
                    end, place.y, EvidenceClass.BOUNDED, size=8, hollow=item.high - item.low == n
                )

    items = [
        texts.label("chart.item", lang, name=item.label, value=item.text(lang)) for item in ranges
    ]
    evidence = [EvidenceClass.BOUNDED]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [rows[c.name].height(axis) for c in CANVASES], evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=True,
    )


def share_text(share: Share | None, lang: str) -> str:
    """Write a share with its count and interval; without one, say that nobody answered."""
    if share is None:
        return texts.label("chart.nobody", lang)
    value = share.text(lang)
    if share.count is not None and share.base.n is not None and not share.with_count:
        value = texts.label(
            "share.of_base",
            lang,
            count=texts.number(share.count, lang),
            base=texts.number(share.base.n, lang),
            percent=value,
        )
    if share.interval is None:
        return value
    low, high = (round(100 * end) for end in (share.interval.lower, share.interval.upper))
    return texts.label(
        "chart.interval_label",
        lang,
        value=value,
        low=texts.number(low, lang),
        high=texts.percent(high, lang),
    )


def _percent_axis(lang: str) -> list[tuple[float, str]]:
    return [(tick / 100, texts.percent(tick, lang)) for tick in TICKS]


def _share_mark(
    sheet: Sheet, placed: Rows, y: float, share: Share, *, hollow: bool = False, thick: float = 11
) -> None:
    """Draw a share: its interval as a band, and the mark of its class."""
    if share.interval is not None:
        left, right = placed.at(share.interval.lower), placed.at(share.interval.upper)
        sheet.band(left - thick / 2, y, right - left + thick, thick, share.evidence)
    sheet.mark(placed.at(float(share.proportion)), y, share.evidence, hollow=hollow)


def shares(
    values: Mapping[str, Share | None],
    *,
    groups: Mapping[str, str] | None = None,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show shares of any class with their counts and intervals, a row each.

    Parameters
    ----------
    values : mapping of str to (Share or None)
        By label, in the order in which they are drawn. None is drawn as «nadie respondió» and
        never as a zero.
    groups : mapping of str to str, optional
        Heading of each label.
    id, table, title, caption, lang
        As in :func:`possible_counts`.
    """
    evidence = classes(values) or [e for e in EvidenceClass if e in table.evidence]
    labels = [
        RowLabel(name, note=share_text(share, lang), group=(groups or {}).get(name, ""))
        for name, share in values.items()
    ]
    rows = rows_by_canvas(labels)

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        placed.axis(sheet, _percent_axis(lang))
        placed.write(sheet)
        for place, share in zip(placed.places, values.values(), strict=True):
            if share is not None:
                _share_mark(sheet, placed, place.y, share)

    items = [
        texts.label("chart.item", lang, name=name, value=share_text(share, lang))
        for name, share in values.items()
    ]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [rows[c.name].height() for c in CANVASES], evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


def paired(
    before: Mapping[str, Share | None],
    after: Mapping[str, Share | None],
    *,
    names: tuple[str, str],
    blocked: Mapping[str, str] | None = None,
    groups: Mapping[str, str] | None = None,
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show two waves side by side: the earlier with a hollow mark, the later with a full one.

    Parameters
    ----------
    before, after : mapping of str to (Share or None)
        Shares of each wave by label; those of ``after`` give the order. None or a label that is
        missing in ``before`` is written as «sin dato».
    names : (str, str)
        Names of the two waves, the earlier first.
    blocked : mapping of str to str, optional
        Why the two values of a label cannot be compared, by label; both are drawn, no line joins
        them and the reason is written.
    groups, id, table, title, caption, lang
        As in :func:`shares`.
    """
    blocked = dict(blocked or {})
    shown = [*after.values(), *(before.get(name) for name in after)]
    evidence = classes(shown) or [e for e in EvidenceClass if e in table.evidence]

    def brief(share: Share | None) -> str:
        return share.text(lang) if share is not None else texts.label("chart.no_value", lang)

    def change(name: str) -> str:
        return texts.label(
            "chart.change", lang, before=brief(before.get(name)), after=brief(after[name])
        )

    labels = [
        RowLabel(name, blocked.get(name, ""), change(name), (groups or {}).get(name, ""))
        for name in after
    ]
    rows = rows_by_canvas(labels, mark=40, top=30)

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        _key(sheet, names, before, after, evidence)
        placed.axis(sheet, _percent_axis(lang))
        placed.write(sheet)
        for place, name in zip(placed.places, after, strict=True):
            first, second = before.get(name), after[name]
            if first is not None and second is not None and name not in blocked:
                ends = [placed.at(float(s.proportion)) for s in (first, second)]
                sheet.line(ends, [place.y - 8, place.y + 8], "soft", 1.5)
            if first is not None:
                _share_mark(sheet, placed, place.y - 8, first, hollow=True, thick=9)
            if second is not None:
                _share_mark(sheet, placed, place.y + 8, second, thick=9)

    items = []
    for name in after:
        values = {
            "before": f"{names[0]} {share_text(before.get(name), lang)}",
            "after": f"{names[1]} {share_text(after[name], lang)}",
        }
        item = texts.label("chart.paired_alt", lang, name=name, **values)
        reason = blocked.get(name)
        items.append(f"{item} ({reason})" if reason else item)
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [rows[c.name].height() for c in CANVASES], evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=table.own_calculation,
    )


def possible_beside_observed(
    ranges: Sequence[CountRange],
    values: Mapping[str, Share | None],
    *,
    base: Base,
    names: tuple[str, str],
    id: str,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show what published claims allow above what a wave shows, on one axis of percentages.

    Parameters
    ----------
    ranges : sequence of CountRange
        Possible counts, out of ``base``, in the order in which they are drawn.
    values : mapping of str to (Share or None)
        Shares of the wave by the label of the range; None or a label that is missing is written as
        «sin dato».
    base : Base
        What the ranges are out of, with its size.
    names : (str, str)
        Name of the published study and of the wave.
    id, table, title, caption, lang
        As in :func:`possible_counts`.

    Raises
    ------
    ValueError
        When the base has no size or a range does not fit in it.
    """
    n = base.n
    if n is None or any(item.high > n for item in ranges):
        raise ValueError(f"«{id}»: hay un rango que no cabe en la base ({n}).")
    shown = [values.get(item.label) for item in ranges]
    evidence = [EvidenceClass.BOUNDED, *classes(shown)]

    def observed(share: Share | None) -> str:
        return share.text(lang) if share is not None else texts.label("chart.no_value", lang)

    def note(item: CountRange, share: Share | None) -> str:
        allowed = texts.label(
            "chart.of_base", lang, value=item.text(lang), base=texts.number(n, lang)
        )
        return texts.label("chart.beside", lang, before=allowed, after=observed(share))

    labels = [
        RowLabel(item.label, item.stratum, note(item, share), item.group, item.tone)
        for item, share in zip(ranges, shown, strict=True)
    ]
    rows = rows_by_canvas(labels, mark=40, top=30)
    present = {item.label: share for item, share in zip(ranges, shown, strict=True) if share}

    def paint(sheet: Sheet) -> None:
        placed = rows[sheet.canvas.name]
        sheet.mark(6, 12, EvidenceClass.BOUNDED, size=8)
        sheet.text(18, 12, names[0], bold=True)
        x = 18 + text_width(names[0], bold=True) + 22
        for item in classes(present):
            sheet.mark(x, 12, item)
            x += 15
        sheet.text(x - 3, 12, names[1], bold=True)
        placed.axis(sheet, _percent_axis(lang))
        placed.write(sheet)
        for place, item, share in zip(placed.places, ranges, shown, strict=True):
            left, right = placed.at(item.low / n), placed.at(item.high / n)
            if item.low == 0 and item.high == n:
                sheet.line([left, right], [place.y - 9, place.y - 9], "ochre", 1.2, ":")
            else:
                sheet.band(left - 5, place.y - 9, right - left + 10, 9, EvidenceClass.BOUNDED)
            if share is not None:
                _share_mark(sheet, placed, place.y + 8, share, thick=9)

    items = [
        texts.label(
            "chart.paired_alt",
            lang,
            name=item.label,
            before=f"{names[0]} {item.text(lang)}",
            after=f"{names[1]} {share_text(share, lang)}",
        )
        for item, share in zip(ranges, shown, strict=True)
    ]
    return Chart(
        id=id,
        title=title,
        alt=alternative(title, items, lang),
        svg=draw_sheet(paint, id, [rows[c.name].height() for c in CANVASES], evidence, lang),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=True,
    )


def _key(
    sheet: Sheet,
    names: tuple[str, str],
    before: Mapping[str, Share | None],
    after: Mapping[str, Share | None],
    evidence: Sequence[EvidenceClass],
) -> None:
    """Name the two waves beside their marks, above the rows."""
    x = 6.0
    for name, wave, hollow in zip(names, (before, after), (True, False), strict=True):
        found = classes(wave) or list(evidence)
        for item in found:
            sheet.mark(x, 12, item, hollow=hollow)
            x += 15
        sheet.text(x - 3, 12, name, bold=True)
        x += text_width(name, bold=True) + 22
