"""Terms explained where a page first uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from markupsafe import Markup, escape

from analysis.prose import CLOSING, OPENING, kept
from analysis.texts import locale


@dataclass(frozen=True)
class Term:
    """A term, the forms in which prose uses it, and its definition."""

    name: str
    forms: tuple[str, ...]
    definition: str


@cache
def terms(lang: str) -> tuple[Term, ...]:
    """Read the glossary of a language, in alphabetical order."""
    locale(lang)
    text = files("analysis.texts").joinpath(lang, "glossary.yml").read_text("utf-8")
    found = [
        Term(entry["term"], tuple(entry.get("forms", [entry["term"]])), entry["definition"])
        for entry in yaml.safe_load(text)
    ]
    return tuple(sorted(found, key=lambda term: term.name.casefold()))


class Explainer:
    """Explains each term once in a page, at its first use in running text."""

    def __init__(self, lang: str, draw: Callable[[str, Term], Markup]) -> None:
        self._draw = draw
        self._left = {form.casefold(): term for term in terms(lang) for form in term.forms}
        forms = sorted(self._left, key=len, reverse=True)
        words = "|".join(map(re.escape, forms))
        self._pattern = re.compile(rf"({OPENING}*)(?<!\w)({words})(?!\w)({CLOSING}*)", re.I)

    def __call__(self, text: str) -> Markup:
        """Return the HTML of a run of text."""
        parts, last = [], 0
        for match in self._pattern.finditer(text):
            term = self._left.get(match[2].casefold())
            if term is None:
                continue
            self._left = {form: t for form, t in self._left.items() if t is not term}
            drawn = kept(match[1], self._draw(match[2], term), match[3])
            parts += [escape(text[last : match.start()]), drawn]
            last = match.end()
        return Markup("").join([*parts, escape(text[last:])])
