"""The questionnaire: tables by version, checked, with what changed between versions."""

from analysis.instrument.comparison import (
    COMPARABLE,
    NOT_COMPARABLE,
    WITH_RECODE,
    common_choices,
    compare,
    load_crosswalk,
)
from analysis.instrument.expressions import (
    Answer,
    Expression,
    ExpressionError,
    evaluate,
    evaluate_all,
    parse,
)
from analysis.instrument.load import InstrumentError, load_instrument
from analysis.instrument.model import Choice, Instrument, Item, UnknownItemError
from analysis.instrument.tables import DEFAULT_VERSION, versions

__all__ = [
    "COMPARABLE",
    "DEFAULT_VERSION",
    "NOT_COMPARABLE",
    "WITH_RECODE",
    "Answer",
    "Choice",
    "Expression",
    "ExpressionError",
    "Instrument",
    "InstrumentError",
    "Item",
    "UnknownItemError",
    "common_choices",
    "compare",
    "evaluate",
    "evaluate_all",
    "load_crosswalk",
    "load_instrument",
    "parse",
    "versions",
]
