"""What a notebook shows: blocks that JupyterLab and the published page draw from the same data.

A block is plain data (JSON) under its own MIME type, so that an executed notebook can be turned
into a page, a PDF or anything else without running again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from zlib import crc32

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis import texts
from analysis.charts import Chart
from analysis.prose import Passage, to_html
from analysis.provenance import EvidenceClass, Interval, Quantity, Share, source_line
from analysis.tables import Cell, Column, Table, Tag

MIME = "application/vnd.cuadernos.block+json"


class Block:
    """Something shown, as data; JupyterLab gets the same look as the page."""

    def __init__(self, data: dict[str, Any], lang: str) -> None:
        self.data = {**data, "lang": lang}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        html = f"<style>{style('screen')}</style><div class='cuaderno'>{fragment(self.data)}</div>"
        return {MIME: self.data, "text/html": html, "text/plain": f"<{self.data['kind']}>"}


# From values to data ---------------------------------------------------------------------------


def number_data(value: Share | Quantity, lang: str) -> dict[str, Any]:
    """Turn a number into data: its text and all that stands behind it."""
    details = value.details(lang)
    return {
        "kind": "number",
        "text": value.text(lang),
        "evidence": str(value.evidence),
        "details": [list(pair) for pair in details],
        "sort": None if value.sort_key is None else float(value.sort_key),
        "card": texts.label("page.number_details", lang),
    }


def _cell_data(value: Cell, lang: str) -> dict[str, Any]:
    match value:
        case Share() | Quantity():
            return number_data(value, lang)
        case Interval():
            return {"kind": "text", "text": texts.label("share.bounds", lang, **_ends(value, lang))}
        case Tag():
            return {"kind": "tag", "key": value.key, "label": value.label}
        case texts.Foreign() if value.lang and value.lang != lang:
            return {"kind": "text", "text": str(value), "lang": value.lang}
        case _:
            return {"kind": "text", "text": value}


def _ends(interval: Interval, lang: str) -> dict[str, str]:
    ends = {"low": interval.lower, "high": interval.upper}
    return {name: texts.number(round(100 * end, 1), lang, 1) for name, end in ends.items()}


def _look(column: Column) -> str:
    return "numeric" if column.numeric else "wide" if column.wide else ""


def evidence_data(evidence: frozenset[EvidenceClass]) -> list[str]:
    """List classes in their fixed order."""
    return [str(item) for item in EvidenceClass if item in evidence]


def table_data(table: Table, lang: str, *, folded: bool = False) -> dict[str, Any]:
    """Turn a table into data."""
    columns = [{"key": c.key, "label": c.label, "look": _look(c)} for c in table.columns]
    return {
        "kind": "table",
        "caption": table.caption,
        "columns": columns,
        "rows": [
            {c.key: _cell_data(row[c.key], lang) for c in table.columns} for row in table.rows
        ],
        "evidence": evidence_data(table.evidence),
        "source": source_line(table.origins, lang, own_calculation=table.own_calculation),
        "note": table.note,
        "folded": folded,
    }


def figure_data(chart: Chart, lang: str) -> dict[str, Any]:
    """Turn a chart into data."""
    return {
        "kind": "figure",
        "id": chart.id,
        "title": chart.title,
        "alt": chart.alt,
        "svg": dict(chart.svg),
        "caption": chart.caption,
        "table": table_data(chart.table, lang),
        "evidence": evidence_data(chart.evidence),
        "source": source_line(chart.origins, lang, own_calculation=chart.own_calculation),
    }


def passage_data(passage: Passage, lang: str) -> dict[str, Any]:
    """Turn a passage into data."""
    numbers = [number_data(value, lang) for value in passage.numbers]
    return {"markdown": passage.markdown, "numbers": numbers}


# From data to HTML -----------------------------------------------------------------------------


class Place(NamedTuple):
    """The identifier of a card, and whether the card stands beside its number."""

    id: str
    here: bool


class Identifiers:
    """Identifiers for the numbers of one page, the same in every run."""

    def __init__(self, prefix: str = "n") -> None:
        self._count: Iterator[int] = itertools.count(1)
        self._prefix = prefix

    def next(self) -> str:
        """Return the next one."""
        return f"{self._prefix}{next(self._count)}"

    def place(self, item: Mapping[str, Any]) -> Place:
        """Return where the card of a number is: here, beside the number."""
        return Place(self.next(), here=True)


def _prose_filter(
    data: Mapping[str, Any],
    ids: Identifiers,
    number: Callable[..., Markup],
    explain: Callable[[str], Markup] | None,
) -> Markup:
    return to_html(data["markdown"], [number(item, ids) for item in data["numbers"]], explain)


@cache
def environment() -> Environment:
    """Return the templates; everything that they print is escaped."""
    env = Environment(
        loader=PackageLoader("analysis", "templates"), autoescape=True, undefined=StrictUndefined
    )
    env.filters["glued"] = texts.glued
    env.filters["prose"] = _prose_filter
    env.filters["svg"] = lambda svg: Markup(svg)
    return env


@cache
def style(name: str) -> str:
    """Return a stylesheet of the templates."""
    return files("analysis").joinpath("templates", f"{name}.css").read_text("utf-8")


def evidence_names(lang: str) -> dict[str, str]:
    """Name every class of evidence."""
    return {str(item): texts.label(f"evidence.{item}.name", lang) for item in EvidenceClass}


def speaker(lang: str) -> Callable[..., str]:
    """Return the function that templates use for short texts."""

    def say(key: str, **values: object) -> str:
        if "n" in values:
            values["n"] = texts.number(int(values["n"]), lang)  # type: ignore[call-overload]
        return texts.label(key, lang, **values)

    return say


def fragment(data: Mapping[str, Any]) -> Markup:
    """Draw one block by itself, as JupyterLab shows it."""
    lang = data["lang"]
    template = environment().get_template("fragment.html.j2")
    return Markup(
        template.render(
            block=data,
            ids=Identifiers(f"c{crc32(repr(data).encode()):08x}-"),
            say=speaker(lang),
            names=evidence_names(lang),
        )
    )
