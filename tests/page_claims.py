"""What a page claims without saying where it comes from; no browser is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import html

from analysis import texts

CLASSES = ("published", "bounded", "observed", "demo")
_PERCENTAGE = re.compile(r"\d[\d.,]*[\s\u00a0\u202f]?%")
_SHARE = re.compile(r"(?:\d+ \w+ \d+ \()?(\d+)(?:[.,]\d+)?[\s\u00a0\u202f]?%\)?")
"""A percentage alone, or of a count. A range, a printed «cerca de» and a sum are quantities."""
_RANGE = re.compile(r"[\d.,]+ \S+ [\d.,]+[\s\u00a0\u202f]?%")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*")
_REFERENCE = re.compile(
    r"\b(?:19|20)\d\d\b|\w*[^\W\d]\d\w*|(?:N\.º|No\.)\s?\d+|\d{1,2} (?:de )?[a-zA-Z]+ (?=de 2|2)"
    r"|(?:Anexo|Annex|Tabla|Table|Gráfica|Chart|Figura|Figure|secci[oó]n|section|apartado)"
    r"\s\d[\d.]*"
)
"""Years, dates, codes of respondents and rows, and places of the source: they count nothing."""
_STATED = ("share.evidence", "share.method", "share.origin")
_OF_A_SHARE = ("share.count", "share.base", "share.rounding", "share.interval")


def faults(page: str, lang: str, parameters: frozenset[str] = frozenset()) -> list[str]:
    """List what is shown without class, base or origin.

    Parameters
    ----------
    page : str
        HTML of a page.
    lang : str
        Its language.
    parameters : frozenset of str
        Numbers that the page was asked for (a threshold, a level) and does not claim.
    """
    root = html.fromstring(page)
    return [
        *_numbers(root, lang),
        *_blocks(root),
        *_words(root, parameters),
        *_sentences(root, parameters),
        *_demo(root),
    ]


def index_faults(index: str, pages: Mapping[str, str]) -> list[str]:
    """List the numbers of the index that the page it leads to does not show as a number.

    Parameters
    ----------
    index : str
        HTML of the index, which repeats titles and findings.
    pages : mapping of str to str
        HTML of each page, by the address that the index gives it.
    """
    root = html.fromstring(index)
    every = {name: _shown(html.fromstring(page)) for name, page in pages.items()}
    found = []
    for place in root.xpath("//main//li[.//a[@href]]"):
        name = place.xpath(".//a/@href")[0].partition("#")[0]
        if name in every:
            found += _left(place, every[name], "index")
    anywhere = set().union(*every.values())
    for place in root.xpath("//main//li[not(.//a)]"):
        found += _left(place, anywhere, "index")
    return found


def _having(root: html.HtmlElement, name: str, tag: str = "*") -> list[html.HtmlElement]:
    return root.xpath(f".//{tag}[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]")


def _lines(card: html.HtmlElement) -> list[str]:
    """Read a card line by line."""
    said = "".join(
        node if isinstance(node, str) else "\n" for node in card.xpath(".//text()|.//br")
    )
    return [" ".join(line.split()) for line in said.split("\n")]


def _numbers(root: html.HtmlElement, lang: str) -> list[str]:
    """Check that every number opens a card that says all that stands behind it."""
    found = []
    cards = {card.get("id"): card for card in _having(root, "card")}
    for number in _having(root, "number", "span"):
        button = number.find("button")
        text = "" if button is None else button.text_content()
        kinds = set(number.get("class").split()) & set(CLASSES)
        card = cards.get(button.get("popovertarget")) if button is not None else None
        if len(kinds) != 1:
            found.append(f"number {text!r}: classes {sorted(kinds)}")
        if card is None:
            found.append(f"number {text!r}: no card")
            continue
        if not kinds <= set(card.get("class").split()):
            found.append(f"number {text!r}: its card is of another class")
        share = _SHARE.fullmatch(text.strip())
        wanted = _STATED + (_OF_A_SHARE if share and int(share[1]) <= 100 else ())
        lines = _lines(card)
        for key in wanted:
            name = f"{texts.label(key, lang)}:"
            if not any(line.startswith(name) and len(line) > len(name) for line in lines):
                found.append(f"number {text!r}: its card does not say {name}")
    return found


def _blocks(root: html.HtmlElement) -> list[str]:
    """Check that every figure and table has its class, its mark and its source."""
    found = []
    for block in _having(root, "block"):
        for table in block.xpath(".//table"):
            holder = next(
                a for a in table.iterancestors() if a.tag in ("details", "section", "div")
            )
            while holder is not None and not _having(holder, "source"):
                holder = holder.getparent()
            _source(holder, f"table {table.findtext('caption')!r}", found)
        for figure in block.xpath("./figure"):
            _source(block, f"figure {figure.findtext('h3')!r}", found)
        kinds = {k for badge in _having(block, "badge") for k in badge.get("class").split()}
        if ("demo" in kinds) != ("demo" in block.get("class").split()):
            found.append(
                f"block {block.get('id')!r}: demonstration and its mark do not go together"
            )
    return found


def _source(holder: html.HtmlElement | None, name: str, found: list[str]) -> None:
    sources = _having(holder, "source", "p") if holder is not None else []
    if not sources:
        found.append(f"{name}: no source")
    elif not (sources[0].text or "").strip():
        found.append(f"{name}: its source says nothing")
    else:
        badges = _having(sources[0], "badge")
        if not badges or any(badge.find("svg") is None for badge in badges):
            found.append(f"{name}: no class with its mark")


def _words(root: html.HtmlElement, parameters: frozenset[str]) -> list[str]:
    """Check that no percentage of a paragraph, an item or a cell is outside of a number."""
    found = []
    for place in root.xpath("//main//p | //main//li | //main//td | //main//tbody//th"):
        kinds = set((place.get("class") or "").split())
        if kinds & {"source", "note"} or place.xpath("../h2[@id='citar']"):
            continue  # computed: what is cited is the title of the page
        if place.tag in ("td", "th") and "wide" in kinds:  # a computed reason, with its table
            continue
        if place.tag == "td" and _RANGE.fullmatch(place.text_content().strip()):
            if not _having(place.getparent(), "number"):  # an interval stands beside its share
                found.append(f"interval without its share: {place.text_content()!r}")
            continue
        for text in place.xpath(".//text()"):
            above = text.getparent() if text.is_text else text.getparent().getparent()
            inside = [above, *above.iterancestors()]
            if any({"number", "card"} & set((a.get("class") or "").split()) for a in inside):
                continue
            told = {re.sub(r"\D", "", said) for said in _PERCENTAGE.findall(text)}
            if told - parameters:
                found.append(f"percentage in words: {' '.join(text.split())!r}")
    return found


def _shown(root: html.HtmlElement) -> set[str]:
    """Return what the numbers of a page say, with the count and the base of their cards."""
    return {
        said
        for number in _having(root, "number")
        for text in number.itertext()
        for said in _TOKEN.findall(text)
    }


def _sentences(root: html.HtmlElement, parameters: frozenset[str]) -> list[str]:
    """Check that a title, a sentence or a caption says no number that is not shown as one.

    It may repeat a number of its page, or of the table of its own block.
    """
    shown = _shown(root) | parameters
    found = []
    for place in root.xpath(
        "//main//h1 | //main//h2 | //main//h3 | //main//figcaption | //main//caption"
        " | //main//p | //main//li"
    ):
        around = [place, *place.iterancestors()]
        kinds = {kind for a in around for kind in (a.get("class") or "").split()}
        if kinds & {"card", "source", "facts", "kicker"} or place.xpath("../h2[@id='citar']"):
            continue
        block = next((a for a in around if "block" in (a.get("class") or "").split()), None)
        cells = block.xpath(".//td | .//tbody//th") if block is not None else []
        own = {said for cell in cells for said in _TOKEN.findall(cell.text_content())}
        found += _left(place, shown | own, place.tag)
    return found


def _left(place: html.HtmlElement, known: set[str], name: str) -> list[str]:
    words = []
    for text in place.xpath(".//text()"):
        above = text.getparent() if text.is_text else text.getparent().getparent()
        inside = [above, *above.iterancestors()]
        kinds = {kind for a in inside for kind in (a.get("class") or "").split()}
        # the digits of a formula are part of a method; prose refuses one that is only a number
        drawn = any(a.tag in ("svg", "script", "style", "math") for a in inside)
        if not drawn and not kinds & {"number", "card", "source", "facts"}:
            words.append(str(text))
    said = " ".join(" ".join(words).split())
    left = [token for token in _TOKEN.findall(_REFERENCE.sub("", said)) if token not in known]
    return [f"{name} says {' '.join(left)} as no number: {said[:160]!r}"] if left else []


def _demo(root: html.HtmlElement) -> list[str]:
    """Check that a page with a demonstration says so on top."""
    shown = bool(root.xpath("//main//*[contains(@class, 'demo')]"))
    return ["demonstration without banner"] if shown and not _having(root, "demo-banner") else []
