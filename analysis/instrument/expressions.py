"""The part of XLSForm's expressions that questionnaires need, with three truth values.

``selected(${item}, 'code')``, ``count-selected(${item})``, ``=``, ``!=``, ``<``, ``<=``, ``>``,
``>=``, ``and``, ``or``, ``not(…)``, ``true()``, ``false()``, ``${item}``, ``.``, numbers and texts
in quotes. An item whose answer is not known gives neither true nor false but None, by the rules of
Kleene: ``false and unknown`` is false, ``true and unknown`` is unknown.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

Answer = str | int | float | Collection[str] | None
"""Answer of an item: text, number or codes; "" when it is known to be blank; None when unknown."""

CURRENT = "."
_TOKEN = re.compile(
    r"\s*(?:(?P<item>\$\{[^}]*\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>!=|<=|>=|[=<>().,-]))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARGUMENTS = {"selected": 2, "count-selected": 1, "not": 1, "true": 0, "false": 0}


class ExpressionError(ValueError):
    """An expression that is not understood; the message says where, in Spanish."""


@dataclass(frozen=True)
class Expression:
    """A node of an expression.

    Parameters
    ----------
    kind : str
        ``text``, ``number``, ``item`` (``.`` is the item named so), the name of a function, or a
        sign of comparison, ``and`` or ``or``.
    value : str or float, optional
        Literal value or name of the item.
    parts : tuple of Expression
        Operands or arguments.
    """

    kind: str
    value: str | float | None = None
    parts: tuple[Expression, ...] = ()

    def walk(self) -> Iterator[Expression]:
        """Yield the node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def items(self) -> frozenset[str]:
        """Items that the expression names, without ``.``."""
        named = {str(node.value) for node in self.walk() if node.kind == "item"}
        return frozenset(named - {CURRENT})

    @property
    def choices(self) -> frozenset[tuple[str, str]]:
        """Pairs (item, code) that the expression compares; the item may be ``.``."""
        found = set()
        for node in self.walk():
            if node.kind in ("selected", "=", "!="):
                items = [part for part in node.parts if part.kind == "item"]
                codes = [part for part in node.parts if part.kind == "text"]
                if len(items) == len(codes) == 1:
                    found.add((str(items[0].value), str(codes[0].value)))
        return frozenset(found)


@cache
def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    ExpressionError
        When it is not of the part of XLSForm that is understood.

    Examples
    --------
    >>> sorted(parse("selected(${redes}, 'otro') and ${personal} > 0").items)
    ['personal', 'redes']
    """
    return _Parser(text).whole()


class _Parser:
    """Recursive descent, one method a level of precedence (that of XPath 1.0)."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, [], 0
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if not match:
                raise ExpressionError(f"no se entiende desde «{text[position:end].strip()}»")
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            position = match.end()

    def whole(self) -> Expression:
        if not self.tokens:
            raise ExpressionError("la expresión está vacía")
        try:
            found = self.either()
        except RecursionError:
            raise ExpressionError("tiene demasiados paréntesis") from None
        if self.at < len(self.tokens):
            raise ExpressionError(f"sobra «{self.tokens[self.at][1]}»")
        return found

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise ExpressionError(f"falta {f'«{wanted}»' if wanted else 'algo'} al final")
        kind, token = self.tokens[self.at]
        if wanted and token != wanted:
            raise ExpressionError(f"se esperaba «{wanted}» y está «{token}»")
        self.at += 1
        return kind, token

    def chain(self, signs: Collection[str], below: Callable[[], Expression]) -> Expression:
        left = below()
        while self.peek() in signs:
            _, sign = self.take()
            left = Expression(sign, parts=(left, below()))
        return left

    def either(self) -> Expression:
        return self.chain(("or",), self.both)

    def both(self) -> Expression:
        return self.chain(("and",), self.equality)

    def equality(self) -> Expression:
        return self.chain(("=", "!="), self.order)

    def order(self) -> Expression:
        return self.chain(("<", "<=", ">", ">="), self.primary)

    def primary(self) -> Expression:
        kind, token = self.take()
        match kind:
            case "item":
                return Expression("item", token[2:-1].strip())
            case "text":
                return Expression("text", token[1:-1])
            case "number":
                return Expression("number", float(token))
            case "name":
                return self.call(token)
        if token == CURRENT:
            return Expression("item", CURRENT)
        if token == "-" and self.at < len(self.tokens) and self.tokens[self.at][0] == "number":
            return Expression("number", -float(self.take()[1]))
        if token == "(":
            inside = self.either()
            self.take(")")
            return inside
        raise ExpressionError(f"«{token}» no puede ir ahí")

    def call(self, name: str) -> Expression:
        if name not in _ARGUMENTS:
            known = ", ".join(_ARGUMENTS)
            raise ExpressionError(f"no se conoce «{name}»; se admite: {known}, and, or")
        self.take("(")
        parts: list[Expression] = []
        while self.peek() != ")":
            if parts:
                self.take(",")
            parts.append(self.either())
        self.take(")")
        if len(parts) != _ARGUMENTS[name]:
            raise ExpressionError(f"{name}() lleva {_ARGUMENTS[name]} valores y tiene {len(parts)}")
        if name in ("selected", "count-selected") and parts[0].kind != "item":
            raise ExpressionError(f"{name}() empieza con una pregunta, como ${{redes}}, o con «.»")
        return Expression(name, parts=tuple(parts))


def evaluate(
    expression: str | Expression, answers: Mapping[str, Answer], current: Answer = None
) -> bool | None:
    """Evaluate an expression over the answers of one respondent.

    Parameters
    ----------
    expression : str or Expression
        Expression, or its text.
    answers : mapping of str to answer
        By item code. Codes of a ``select_multiple`` are a collection or a text separated by
        spaces. ``""`` and an empty collection are blanks, which are known: nothing is selected and
        no number is greater, smaller or equal, as in XLSForm. None, or an item that is not there,
        is unknown.
    current : answer, optional
        What ``.`` stands for.

    Returns
    -------
    bool or None
        None when the known answers do not decide it.

    Examples
    --------
    >>> rule = "selected(${redes}, 'otro') or ${personal} > 3"
    >>> evaluate(rule, {"redes": ["ucci", "otro"]})
    True
    >>> evaluate(rule, {"redes": ["ucci"]}) is None
    True
    >>> evaluate(rule, {"redes": ["ucci"], "personal": ""})
    False
    """
    node = parse(expression) if isinstance(expression, str) else expression
    return _truth(_value(node, answers, current))


def evaluate_all(expressions: Collection[str], answers: Mapping[str, Answer]) -> bool | None:
    """Tell whether all expressions hold, e.g. the conditions of an item and of its groups."""
    values = [evaluate(expression, answers) for expression in expressions]
    return False if False in values else None if None in values else True


def _value(node: Expression, answers: Mapping[str, Answer], current: Answer) -> Any:
    match node.kind:
        case "text" | "number":
            return node.value
        case "item":
            return current if node.value == CURRENT else answers.get(str(node.value))
        case "true" | "false":
            return node.kind == "true"
    if node.kind in ("and", "or"):
        decisive = node.kind == "or"
        values = [_truth(_value(part, answers, current)) for part in node.parts]
        return decisive if decisive in values else None if None in values else not decisive
    values = [_value(part, answers, current) for part in node.parts]
    if any(value is None for value in values):
        return None
    match node.kind:
        case "not":
            return not _truth(values[0])
        case "selected":
            return _text(values[1]) in _codes(values[0])
        case "count-selected":
            return float(len(_codes(values[0])))
    return _compare(node.kind, *values)


def _truth(value: Any) -> bool | None:
    """Truth of a value by XPath: a text is true when it is not empty, a number when not zero."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return not (value == 0 or math.isnan(value))
    return len(value) > 0


def _compare(sign: str, left: Any, right: Any) -> bool:
    compare = _COMPARE[sign]
    if isinstance(left, bool) or isinstance(right, bool):
        if sign in ("=", "!="):
            return compare(_truth(left), _truth(right))
    elif sign in ("=", "!=") and not any(isinstance(v, (int, float)) for v in (left, right)):
        return compare(_text(left), _text(right))
    return compare(_number(left), _number(right))


def _codes(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [_text(part) for part in _parts(value)]


def _parts(value: Any) -> list[Any]:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return list(value) if isinstance(value, Collection) else [value]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else " ".join(map(str, _parts(value)))


def _number(value: Any) -> float:
    """Read a number; a text that is not one is NaN, which equals and orders with nothing."""
    if isinstance(value, (int, float)):
        return float(value)
    text = _text(value).strip()
    return float(text) if re.fullmatch(r"-?\d+(\.\d*)?|-?\.\d+", text) else math.nan
