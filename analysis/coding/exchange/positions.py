"""Find out how a project counts positions, by trying each way against the texts.

REFI-QDA counts Unicode code points and the end is that of the last character plus one, but
programs differ: those written in Java, C# or JavaScript count UTF-16 units, some count CRLF as two
or the byte order mark as one. What the marked passages show decides: spans that lie in the text,
start and end between words, and agree with the passage that their name quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from analysis.coding.text import PositionMap, Units, canonical


@dataclass(frozen=True)
class Marked:
    """A span of a source as the file says it, with what may quote it (name, description)."""

    source: str
    start: int
    end: int
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Units of a project, with the evidence."""

    units: Units
    evidence: str


def find_units(raw: dict[str, str], marked: Sequence[Marked]) -> Found:
    """Choose the units in which the spans of a project make most sense.

    Parameters
    ----------
    raw : dict of str to str
        Decoded texts by source, with their byte order marks and line ends.
    marked : sequence of Marked
        All spans.

    Returns
    -------
    Found
        The standard's own units unless another way fits better.
    """
    used = {span.source for span in marked}
    raw = {source: text for source, text in raw.items() if source in used}
    texts = list(raw.values())
    astral = any(character > "\uffff" for text in texts for character in text)
    lines = any("\n" in text for text in texts)
    mark = any(text.startswith("\ufeff") for text in texts)
    breaks = (2, 1) if any("\r\n" in text for text in texts) else (1, 2) if lines else (1,)
    candidates = [
        Units(utf16=utf16, breaks=count, mark=first, inclusive=inclusive)
        for inclusive, utf16, count, first in product(
            (False, True), (False, True) if astral else (False,), breaks,
            (True, False) if mark else (False,),
        )
    ]  # fmt: skip
    best, best_score = candidates[0], _score(raw, marked, candidates[0])
    first_score = best_score
    for units in candidates[1:]:
        score = _score(raw, marked, units)
        needed = max(4, len(marked) // 2) if units.inclusive and not best.inclusive else 1
        if score[0] >= best_score[0] + needed:
            best, best_score = units, score
    _, inside, between, quoted = best_score
    total = len(marked)
    evidence = f"{_name(best)}: {inside} de {total} fragmentos caben en su texto, {between} "
    evidence += "empiezan y terminan entre palabras"
    if quoted:
        evidence += f" y {quoted} coinciden con el pasaje que citan"
    if best != candidates[0]:
        evidence += f" (del modo corriente caben {first_score[1]}, entre palabras {first_score[2]})"
    return Found(best, evidence if total else "sin fragmentos")


def _name(units: Units) -> str:
    parts = ["unidades UTF-16" if units.utf16 else "puntos de código Unicode"]
    parts.append("fin inclusivo" if units.inclusive else "fin exclusivo")
    if units.breaks == 2:
        parts.append("cada salto de línea cuenta dos")
    if units.mark:
        parts.append("la marca inicial (BOM) cuenta uno")
    return "posiciones en " + ", ".join(parts)


def _score(
    raw: dict[str, str], marked: Iterable[Marked], units: Units
) -> tuple[int, int, int, int]:
    maps = {source: PositionMap(text, units) for source, text in raw.items()}
    score = inside = between = quoted = 0
    for span in marked:
        positions = maps[span.source]
        place = positions.span(span.start, span.end)
        if place is None:
            score -= 5
            continue
        inside += 1
        text = positions.text
        edges = _edge(text, place[0]) + _edge(text, place[1])
        score += edges
        between += edges == 2
        if _quotes(text[slice(*place)], span.quotes):
            score += 5
            quoted += 1
    return score, inside, between, quoted


def _edge(text: str, position: int) -> bool:
    """Say whether a position is not inside a word, nor after a blank that starts a passage."""
    around = text[max(0, position - 1) : position + 1]
    return position in (0, len(text)) or not around.isalnum()


def _quotes(passage: str, quotes: Iterable[str]) -> bool:
    plain = " ".join(passage.split())
    for quote in quotes:
        short = " ".join(canonical(quote).split()).rstrip("….").strip()
        if len(short) >= 3 and (plain == short or (len(short) >= 10 and plain.startswith(short))):
            return True
    return False
