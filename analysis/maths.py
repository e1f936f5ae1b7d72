"""Formulas of a text: TeX between dollar signs, turned into MathML and into data for paper.

``$p$`` stands in a line and ``$$p$$`` on one of its own. What cannot be turned into a formula stops
the build; nothing of the raw TeX ever reaches a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, tostring

import nh3
from defusedxml.ElementTree import fromstring
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

FORMULA = re.compile(
    r"(?<![\w$\\])(?:\$\$\s*(?P<block>[^$\ue000]+?)\s*\$\$"
    r"|\$(?![\s$]|\d[\d.,]*\s)(?P<inline>[^$\n\ue000]*[^$\s\\\ue000])\$(?![\w$]))"
)
"""A formula and no amount of money: ``$20 y $30``, ``US$ 5`` and a number with origin are none."""

#: Elements that a formula may have, with the number of parts of those that have a fixed one.
_PARTS: dict[str, int | None] = {
    **dict.fromkeys(("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt")),
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_ATTRIBUTES = {"display", "stretchy", "fence", "form", "accent", "width", "lspace", "rspace"}
_SIGNS = {"^": "^", "\u00af": "¯", "~": "~"}


class MathsError(ValueError):
    """What stands between dollar signs cannot be a formula."""


@dataclass(frozen=True)
class Formula:
    """A formula, ready for every output.

    Parameters
    ----------
    mathml : Markup
        For a page.
    tree : dict
        Plain data, for paper.
    words : str
        One line of text, for what can show nothing else, and as the alternative on paper.
    block : bool
        Whether it stands on a line of its own.
    """

    mathml: Markup
    tree: dict[str, Any]
    words: str
    block: bool


@cache
def formula(tex: str, *, block: bool = False) -> Formula:
    """Turn TeX into a formula; ``MathsError`` says in a sentence why it cannot be one."""
    try:
        root = fromstring(convert(tex, display="block" if block else "inline"))
    except Exception as error:  # the parser raises a dozen kinds, some of them bare
        raise _refused(tex, "no se entiende; revise llaves y órdenes") from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        text = node.text or ""
        if node.tag not in _PARTS or set(node.attrib) - _ATTRIBUTES:
            raise _refused(tex, "usa algo que no se publica")
        if "\\" in text:
            raise _refused(tex, f"la orden «{text}» no existe")
        if "%" in text:
            raise _refused(tex, "un porcentaje no es una fórmula; páselo como Share")
        if _PARTS[node.tag] not in (None, len(node)):
            raise _refused(tex, "falta una parte")
        if node.tag == "mi" and not text.isalpha():
            node.tag = "mo"  # ± and the like, which the parser takes for names
    if not any(node.tag == "mi" for node in root.iter()):
        raise _refused(tex, "no tiene ninguna letra; un número se pasa desde el cuaderno")
    clean = nh3.clean(
        tostring(root, encoding="unicode"),
        tags=set(_PARTS),
        attributes=dict.fromkeys(_PARTS, _ATTRIBUTES),
    )
    return Formula(Markup(clean), _tree(root), _words(root), block)


def _refused(tex: str, why: str) -> MathsError:
    return MathsError(f"La fórmula «{tex}» no se puede publicar: {why}.")


def _tree(node: Element) -> dict[str, Any]:
    """Turn an element into data for the template of the PDF."""
    parts = [_tree(child) for child in node]
    match node.tag:
        case "mi" | "mn" | "mo" | "mtext":
            return {"m": node.tag, "s": (node.text or "").replace("\xa0", " ")}
        case "mspace":
            return {"m": "mspace"}
        case "mfrac" | "mroot":
            return {"m": node.tag, "c": parts}
        case "mover" if node[1].text in _SIGNS:
            return {"m": "accent", "c": parts[:1], "s": _SIGNS[node[1].text]}
        case "msub" | "munder":
            return {"m": "attach", "c": parts[:1], "b": parts[1], "t": None}
        case "msup" | "mover":
            return {"m": "attach", "c": parts[:1], "b": None, "t": parts[1]}
        case "msubsup" | "munderover":
            return {"m": "attach", "c": parts[:1], "b": parts[1], "t": parts[2]}
    stretched = len(node) > 1 and node[0].get("form") == "prefix"
    kind = "msqrt" if node.tag == "msqrt" else "lr" if stretched else "mrow"
    return {"m": kind, "c": parts}


def _words(node: Element) -> str:
    """Write an element in one line."""
    parts = [_words(child) for child in node]
    match node.tag:
        case "mspace":
            return " "
        case "mo" if node.text and node.text in "=±−+×<>≤≥≈≠·":
            return f" {node.text} "
        case "mi" | "mn" | "mo" | "mtext":
            return (node.text or "").replace("\xa0", " ")
        case "mfrac":
            return " / ".join(map(_grouped, parts))
        case "msqrt":
            return f"√({''.join(parts)})"
        case "mroot":
            return f"({parts[0]})^(1 / {parts[1]})"
        case "mover" if node[1].text in _SIGNS:
            return parts[0] + {"^": "\u0302", "¯": "\u0304", "~": "\u0303"}[node[1].text]
        case "msub" | "munder":
            return f"{parts[0]}_{_grouped(parts[1])}"
        case "msup" | "mover":
            return f"{parts[0]}^{_grouped(parts[1])}"
        case "msubsup" | "munderover":
            return f"{parts[0]}_{_grouped(parts[1])}^{_grouped(parts[2])}"
    return re.sub(" +", " ", "".join(parts)).strip()


def _grouped(words: str) -> str:
    return words if len(words.strip()) < 2 or words.isdigit() else f"({words.strip()})"


# In Markdown -----------------------------------------------------------------------------------


def formulas(text: str) -> Iterable[Formula]:
    """Turn every formula of a text."""
    for found in FORMULA.finditer(text):
        yield _found(found)


def _found(found: re.Match[str]) -> Formula:
    block = found["block"] is not None
    return formula(" ".join((found["block"] if block else found["inline"]).split()), block=block)


def in_markdown(parser: MarkdownIt) -> MarkdownIt:
    """Teach a Markdown parser formulas: tokens ``formula``, which hold theirs in ``meta``."""

    def rule(state: StateInline, silent: bool) -> bool:
        found = FORMULA.match(state.src, state.pos)
        if found is None:
            return False
        if not silent:
            token = state.push("formula", "", 0)
            made = _found(found)
            token.content, token.meta = made.words, {"formula": made}
        state.pos = found.end()
        return True

    parser.inline.ruler.before("escape", "formula", rule)
    parser.add_render_rule("formula", lambda _self, tokens, i, _o, _e: drawn(tokens[i].meta))
    return parser


def drawn(meta: dict[str, Any]) -> str:
    """Draw the formula of a token on a page."""
    made: Formula = meta["formula"]
    if not made.block:
        return Markup('<span class="formula">{}</span>').format(made.mathml)
    # on a phone it may scroll, which the keyboard must reach
    return Markup(
        '<span class="formula block" role="group" tabindex="0" aria-label="{}">{}</span>'
    ).format(made.words, made.mathml)
