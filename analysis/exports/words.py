"""Conditions of the questionnaire in plain words, for whoever fills it in or reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from analysis import texts
from analysis.instrument.expressions import Expression, parse
from analysis.instrument.model import Instrument, UnknownItemError

Refer = Callable[[str], str]
"""How a question is referred to, e.g. «la pregunta 14»."""


def in_words(conditions: Sequence[str], instrument: Instrument, lang: str, refer: Refer) -> str:
    """Say when something is asked, e.g. «en la pregunta 14 respondió «Sí»»; "" when always.

    Parameters
    ----------
    conditions : sequence of str
        XLSForm expressions that must all hold.
    instrument : Instrument
        Gives the labels of the choices.
    lang : str
        Language.
    refer : callable
        Names a question by its code.
    """
    speaker = _Speaker(instrument, lang, refer)
    return speaker.join([speaker.say(parse(text)) for text in conditions], "and").whole


def bounds(constraint: str | None) -> tuple[float | None, float | None]:
    """Read the least and the greatest number that a constraint allows, where it is that simple.

    Examples
    --------
    >>> bounds(". >= 0 and . <= 5000")
    (0.0, 5000.0)
    >>> bounds(". > 0")  # strictly more is not a bound that a form can state
    (None, None)
    """
    least = greatest = None
    for node in _conjuncts(parse(constraint)) if constraint else ():
        if node.kind in (">=", "<=") and node.parts[0] == Expression("item", "."):
            if node.parts[1].kind != "number":
                continue
            value = float(node.parts[1].value or 0)
            least, greatest = (value, greatest) if node.kind == ">=" else (least, value)
    return least, greatest


def _conjuncts(node: Expression) -> list[Expression]:
    if node.kind == "and":
        return [part for side in node.parts for part in _conjuncts(side)]
    return [node]


class _Clause(NamedTuple):
    """What is said of a question: «en la pregunta 4 » and «marcó «Otra»»."""

    lead: str
    said: str

    @property
    def whole(self) -> str:
        return self.lead + self.said


class _Speaker:
    def __init__(self, instrument: Instrument, lang: str, refer: Refer) -> None:
        self.instrument, self.lang, self.refer = instrument, lang, refer

    def text(self, key: str, **values: object) -> str:
        return texts.label(f"instrument.words.{key}", self.lang, **values)

    def about(self, question: object, key: str, **values: object) -> _Clause:
        lead = self.text("in", q=self.refer(str(question)))
        return _Clause(lead, self.text(key, **values))

    def join(self, parts: Sequence[_Clause], kind: str) -> _Clause:
        """Join clauses; what is said of the same question names it once."""
        if not parts:
            return _Clause("", "")
        word = self.text(kind)
        if len({part.lead for part in parts}) == 1:
            return _Clause(parts[0].lead, word.join(part.said for part in parts))
        return _Clause("", word.join(part.whole for part in parts))

    def say(self, node: Expression, positive: bool = True) -> _Clause:
        if node.kind == "not":
            return self.say(node.parts[0], not positive)
        if node.kind in ("and", "or"):
            kind = node.kind if positive else {"and": "or", "or": "and"}[node.kind]
            return self.join([self.say(part, positive) for part in node.parts], kind)
        if node.kind == "selected":
            question, code = node.parts[0].value, node.parts[1].value
            key = "chose" if positive else "not_chose"
            return self.about(question, key, a=self.answer(str(question), str(code)))
        if node.kind in ("true", "false"):
            return _Clause(
                "", self.text("always" if (node.kind == "true") is positive else "never")
            )
        return self.comparison(node, positive)

    def comparison(self, node: Expression, positive: bool) -> _Clause:
        left, right = node.parts
        kind = node.kind if positive else _OPPOSITE[node.kind]
        if left.kind == "item" and right.kind == "text":
            key = "answered" if kind == "=" else "not_answered"
            return self.about(left.value, key, a=self.answer(str(left.value), str(right.value)))
        if left.kind == "count-selected" and right.kind == "number":
            question = left.parts[0].value
            if (kind, right.value) in ((">", 0.0), (">=", 1.0)):
                return self.about(question, "chose_any")
            return self.about(question, f"count.{_NAMES[kind]}", n=self.number(right))
        if left.kind == "item" and right.kind == "number":
            return self.about(left.value, f"number.{_NAMES[kind]}", n=self.number(right))
        rule = _written(node) if positive else f"not({_written(node)})"
        return _Clause("", self.text("rule", rule=rule))

    def number(self, node: Expression) -> str:
        value = float(node.value or 0)
        return texts.number(int(value) if value.is_integer() else value, self.lang)

    def answer(self, question: str, code: str) -> str:
        try:
            label = self.instrument.item(question).choice(code).label[self.lang]
        except UnknownItemError:
            label = code
        return texts.label("instrument.quoted", self.lang, text=label)


_NAMES = {"=": "eq", "!=": "ne", ">": "gt", ">=": "ge", "<": "lt", "<=": "le"}
_OPPOSITE = {"=": "!=", "!=": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def _written(node: Expression) -> str:
    """Write an expression back, for one that has no words of its own."""
    match node.kind:
        case "item":
            return "." if node.value == "." else f"${{{node.value}}}"
        case "text":
            return f"'{node.value}'"
        case "number":
            return f"{node.value:g}"
    if node.kind in _NAMES or node.kind in ("and", "or"):
        return f" {node.kind} ".join(_written(part) for part in node.parts)
    return f"{node.kind}({', '.join(_written(part) for part in node.parts)})"
