"""Prose whose numbers are results.

A passage is a Markdown template in ``analysis/texts/<lang>/<notebook>.md``. Its placeholders take
labels and :class:`~analysis.provenance.Share` or :class:`~analysis.provenance.Quantity` values,
never bare numbers, and no digit may be typed in it: a number in a sentence is always a result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.sandbox import SandboxedEnvironment
from markdown_it import MarkdownIt
from markupsafe import Markup
from num2words import num2words

from analysis import maths, texts
from analysis.provenance import Quantity, Share, Shown

_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use marks around the place of a number
MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
"""The place of a number in a passage."""
OPENING, CLOSING = "[«“(¿¡]", "[»”).,;:!?…]"
"""Signs that no line break may part from the number or the term that they touch."""
_TOUCHED = re.compile(f"({OPENING}*){_OPEN}(\\d+){_CLOSE}({CLOSING}*)")
_TERM = re.compile(f"{_OPEN}t(\\d+){_CLOSE}")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|`[^`]*`|\]\([^)]*\)", re.DOTALL)
_TAG_LINE = re.compile(r"^[ \t]*(\{%[^%]*%\})[ \t]*\n", re.MULTILINE)  # it leaves no blank line
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!$])")


class ProseError(ValueError):
    """A passage cannot be written as it stands."""


@dataclass(frozen=True)
class Passage:
    """A passage ready to be shown.

    Parameters
    ----------
    markdown : str
        Markdown with a mark in the place of each number.
    numbers : tuple of Share or Quantity
        The numbers, in order.
    """

    markdown: str
    numbers: tuple[Shown, ...]


def write(notebook: str, key: str, lang: str, /, **values: object) -> Passage:
    """Write a passage with its results.

    Parameters
    ----------
    notebook, key : str
        File of texts and passage.
    lang : str
        Language.
    **values
        Results and labels for the placeholders.

    Raises
    ------
    ProseError
        When the passage is missing, holds a digit typed by hand, or lacks a value; and when a
        value is a bare number.
    """
    found = texts.passages(notebook, lang)
    where = f"analysis/texts/{lang}/{notebook}.md, [{key}]"
    if key not in found:
        raise ProseError(f"Falta el pasaje {where}; hay: {', '.join(found)}.")
    template = found[key]
    try:
        list(maths.formulas(template))
    except maths.MathsError as error:
        raise ProseError(f"{where}: {error}") from error
    own = maths.FORMULA.sub("", template)
    if re.search(r"\d", _PLACEHOLDER.sub("", own)):
        line = next(n for n in own.splitlines() if re.search(r"\d", _PLACEHOLDER.sub("", n)))
        raise ProseError(
            f"{where}: hay una cifra escrita a mano en «{line.strip()}». "
            "Escríbala como {{ nombre }} y páselo desde el cuaderno con su origen."
        )
    numbers: list[Shown] = []

    def finalize(value: object) -> str:
        if isinstance(value, Share | Quantity):
            numbers.append(value)
            return f"{_OPEN}{len(numbers) - 1}{_CLOSE}"
        if isinstance(value, Undefined):
            raise ProseError(f"{where}: falta el valor «{value._undefined_name}».")
        if isinstance(value, str):
            if texts.naked_percentage(value):
                raise ProseError(
                    f"{where}: «{value}» es un porcentaje sin recuento, base ni origen; "
                    "páselo como Share."
                )
            return _SPECIAL.sub(r"\\\1", value)
        raise ProseError(f"{where}: {value!r} no es un resultado con origen ni un texto.")

    environment = SandboxedEnvironment(undefined=StrictUndefined, finalize=finalize)
    environment.filters["words"] = lambda value: in_words(value, lang)
    environment.filters["capitalized"] = lambda value: capitalized(value, lang)
    try:
        markdown = environment.from_string(_TAG_LINE.sub(r"\1", template)).render(values)
    except TemplateError as error:
        raise ProseError(f"{where}: {error.message}.") from error
    return Passage(markdown, tuple(numbers))


def in_words(value: Quantity, lang: str) -> Quantity:
    """Write a small number in words, as prose does; it stays the same traceable number."""
    if value.value is None or value.value > 20:
        return value
    return replace(value, shown=num2words(value.value, lang=lang))


def capitalized(value: Quantity, lang: str) -> Quantity:
    """Write a number with a capital, for the beginning of a sentence."""
    text = value.text(lang)
    return replace(value, shown=text[:1].upper() + text[1:])


@cache
def parser() -> MarkdownIt:
    """Return the parser of passages: no HTML, but tables and formulas."""
    return maths.in_markdown(MarkdownIt("commonmark", {"html": False}).enable("table"))


SECTION = 2
"""Level of the headings of the sections of a cuaderno; its title is the only one above them."""


@dataclass(frozen=True)
class Heading:
    """A heading of a passage, at the level that it has on a page.

    Parameters
    ----------
    level : int
        Two for a section, three and more below it.
    markdown : str
        Its text.
    """

    level: int
    markdown: str


def headings(markdown: str) -> list[Heading]:
    """List the headings of a passage, however they are written and wherever they stand.

    A heading of first level becomes a section, because a page has one title; and a level is never
    skipped, because a screen reader would look for what is not there.
    """
    tokens = parser().parse(markdown)
    found: list[Heading] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            before = found[-1].level if found else SECTION
            level = min(max(int(opening.tag[1]), SECTION), before + 1)
            found.append(Heading(level, inline.content))
    return found


def to_html(
    markdown: str, numbers: list[Markup], explain: Callable[[str], Markup] | None = None
) -> Markup:
    """Turn a passage into safe HTML; raw HTML in it is escaped.

    Parameters
    ----------
    markdown : str
        Passage with its marks.
    numbers : list of Markup
        What stands in the place of each mark.
    explain : callable, optional
        Receives each run of plain text outside headings and links, returns its HTML; explains the
        terms of the glossary where they are first used.
    """
    tokens = parser().parse(markdown)
    levels = [heading.level for heading in headings(markdown) for _ in ("open", "close")]
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{levels.pop(0)}"
    explained: list[Markup] = []
    if explain:
        heading = False
        for token in tokens:
            heading = token.type == "heading_open" or (heading and token.type == "inline")
            links = 0  # a term is not explained inside a link: a button cannot be in it
            for child in token.children or []:
                links += {"link_open": 1, "link_close": -1}.get(child.type, 0)
                if child.type == "text" and not heading and not links:
                    explained.append(explain(child.content))
                    child.content = f"{_OPEN}t{len(explained) - 1}{_CLOSE}"
    html = parser().renderer.render(tokens, parser().options, {})
    html = _TERM.sub(lambda mark: str(explained[int(mark[1])]), html)
    return Markup(
        _TOUCHED.sub(lambda mark: str(kept(mark[1], numbers[int(mark[2])], mark[3])), html)
    )


def kept(before: str, drawn: Markup, after: str) -> Markup:
    """Keep what is drawn on one line with the signs that touch it."""
    if not before and not after:
        return drawn
    return Markup('<span class="keep">{}{}{}</span>').format(before, drawn, after)


def to_text(markdown: str, numbers: list[str]) -> str:
    """Turn a passage into plain text, for titles and summaries."""
    tokens = parser().parseInline(markdown)[0].children or []
    plain = "".join(token.content if token.type != "softbreak" else " " for token in tokens)
    return MARK.sub(lambda mark: numbers[int(mark[1])], plain).strip()
