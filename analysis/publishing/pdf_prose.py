"""Passages for paper: Markdown as a tree of plain data, with a note for each new provenance.

Nothing here is markup of Typst: text stays text until the template shows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from analysis.maths import Formula
from analysis.prose import headings, parser
from analysis.provenance import EvidenceClass
from analysis.publishing.document import passages

Node = str | dict[str, Any]
Passage = Mapping[str, Any]

_MARK = re.compile("\ue000(\\d+)\ue001")  # place of a number in a passage (analysis.prose)
_LINKS = ("http://", "https://", "mailto:")


class PdfError(ValueError):
    """A cuaderno cannot become an accessible PDF."""


def needed(text: str | None, problem: str) -> str:
    """Return a text that cannot be empty; ``PdfError`` names the problem when it is."""
    if not text or not text.strip():
        raise PdfError(f"No se puede hacer un PDF accesible: {problem}.")
    return text


def checked_classes(evidence: Iterable[str]) -> list[str]:
    """Return classes of evidence; ``PdfError`` when there is none or one that does not exist."""
    found = list(evidence)
    unknown = sorted(set(found) - set(EvidenceClass))
    if unknown or not found:
        raise PdfError(f"Clase de evidencia desconocida: {', '.join(unknown) or 'ninguna'}.")
    return found


def loose(text: str, limit: int) -> str:
    """Let a very long word break, which would otherwise leave its column."""
    return re.sub(rf"(\S{{{limit}}})(?=\S)", "\\1\u200b", text)


class ProseWriter:
    """Turns the passages of one document into nodes, in order.

    The first number of each provenance (its details, all equal) carries them as a note. One in a
    heading leaves the note to the text, unless no text repeats its provenance.

    Parameters
    ----------
    blocks : sequence of mapping
        Every block of the document.
    """

    def __init__(self, blocks: Sequence[Mapping[str, Any]]) -> None:
        self._noted: set[str] = set()
        self._in_text = {
            _provenance(passage["numbers"][int(index)])
            for block in blocks
            for passage in passages(block)
            for index in _MARK.findall(_outside_headings(passage["markdown"]))
            if int(index) < len(passage["numbers"])
        }
        self._numbers: Sequence[Mapping[str, Any]] = ()
        self._in_heading = False

    def nodes(self, passage: Passage) -> list[Node]:
        """Turn a passage into nodes."""
        self._numbers = passage["numbers"]
        self._levels = iter([heading.level for heading in headings(passage["markdown"])])
        return self._blocks(SyntaxTreeNode(parser().parse(passage["markdown"])).children)

    def _blocks(self, nodes: Iterable[SyntaxTreeNode]) -> list[Node]:
        return [made for node in nodes for made in self._parts(node)]

    def _parts(self, node: SyntaxTreeNode) -> Iterator[Node]:
        """Set a formula of its own line apart from the paragraph that holds it."""
        if node.type != "paragraph":
            yield self._block(node)
            return
        for alone, run in groupby(self._inline(node), key=_stands_alone):
            if alone:
                yield from run
            elif (content := list(run)) != [" "]:
                yield {"t": "plain" if node.hidden else "p", "c": content}

    def _block(self, node: SyntaxTreeNode) -> Node:
        match node.type:
            case "heading":
                return self._heading(node)
            case "bullet_list":
                return {"t": "ul", "c": [self._blocks(item.children) for item in node.children]}
            case "ordered_list":
                items = [self._blocks(item.children) for item in node.children]
                return {"t": "ol", "start": int(node.attrs.get("start", 1)), "c": items}
            case "blockquote":
                return {"t": "quote", "c": self._blocks(node.children)}
            case "fence" | "code_block":
                return {"t": "pre", "s": loose(self._plain(node.content.rstrip("\n")), 64)}
            case "table":
                return self._table(node)
            case "hr":
                return {"t": "rule"}
        raise PdfError(f"El PDF no sabe componer «{node.type}» en un pasaje.")

    def _heading(self, node: SyntaxTreeNode) -> Node:
        self._in_heading = True
        content = self._inline(node)
        self._in_heading = False
        if not content:
            raise PdfError("No se puede hacer un PDF accesible: un título está vacío.")
        return {"t": "h", "level": next(self._levels) - 1, "c": content}

    def _table(self, node: SyntaxTreeNode) -> Node:
        head, *body = node.children
        cells = head.children[0].children
        heads = [self._inline(cell) for cell in cells]
        if not all(heads):
            raise PdfError("No se puede hacer un PDF accesible: falta un encabezado de columna.")
        sides = [str(cell.attrs.get("style", "")).removeprefix("text-align:") for cell in cells]
        rows = [
            [{"c": self._inline(cell)} for cell in row.children]
            for part in body
            for row in part.children
        ]
        return {"t": "table", "head": heads, "align": sides, "rows": rows}

    def _inline(self, node: SyntaxTreeNode) -> list[Node]:
        found: list[Node] = []
        for child in node.children:
            match child.type:
                case "inline" | "image":  # no image is loaded: its text remains
                    found += self._inline(child)
                case "text":
                    found += self._text(child.content)
                case "softbreak":
                    found.append(" ")
                case "hardbreak":
                    found.append({"t": "br"})
                case "code_inline":
                    found.append({"t": "code", "s": loose(self._plain(child.content), 32)})
                case "formula":
                    found.append(_formula(child.meta["formula"]))
                case "strong" | "em":
                    found.append({"t": child.type, "c": self._inline(child)})
                case "link":
                    found += self._link(child)
                case other:
                    raise PdfError(f"El PDF no sabe componer «{other}» en un pasaje.")
        return found

    def _link(self, node: SyntaxTreeNode) -> list[Node]:
        href, content = str(node.attrs["href"]), self._inline(node)
        if all(isinstance(part, str) and not part.strip() for part in content):
            raise PdfError(
                f"No se puede hacer un PDF accesible: el enlace «{href}» no tiene texto."
            )
        return [{"t": "link", "href": href, "c": content}] if href.startswith(_LINKS) else content

    def _text(self, text: str) -> list[Node]:
        found: list[Node] = []
        for position, part in enumerate(_MARK.split(text)):  # text and index by turns
            if position % 2:
                found.append(self._number(self._known(part)))
            elif part:
                found.append(loose(part, 32))
        return found

    def _plain(self, text: str) -> str:
        return _MARK.sub(lambda mark: str(self._known(mark[1])["text"]), text)

    def _known(self, index: str) -> Mapping[str, Any]:
        if int(index) >= len(self._numbers):
            raise PdfError(f"Un pasaje nombra el número {index}, que no tiene.")
        return self._numbers[int(index)]

    def _number(self, item: Mapping[str, Any]) -> Node:
        (evidence,) = checked_classes([item["evidence"]])
        node: dict[str, Any] = {"t": "number", "text": item["text"], "evidence": evidence}
        key = _provenance(item)
        if key not in self._noted and not (self._in_heading and key in self._in_text):
            self._noted.add(key)
            node["note"] = [list(pair) for pair in item["details"]]
        return node


def _formula(made: Formula) -> Node:
    return {"t": "formula", "block": made.block, "words": made.words, "tree": made.tree}


def _stands_alone(node: Node) -> bool:
    return not isinstance(node, str) and node["t"] == "formula" and node["block"]


def _outside_headings(markdown: str) -> str:
    """Return the text of a passage without its headings."""
    tokens = parser().parse(markdown)
    before = ["", *(token.type for token in tokens)]
    return "\n".join(
        token.content for token, kind in zip(tokens, before, strict=False) if kind != "heading_open"
    )


def _provenance(item: Mapping[str, Any]) -> str:
    return json.dumps(item["details"], ensure_ascii=False)
