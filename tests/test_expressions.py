"""Tests of the expressions of the questionnaire: XLSForm's meaning, with a third value."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.instrument import ExpressionError, evaluate, evaluate_all, parse

ANSWERS = {
    "redes": ["ucci", "otro"],
    "tipo": "ciudad",
    "personal": "7",
    "presupuesto": 12.5,
    "blanco": "",
    "nada": [],
    "todo": "a b c",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("selected(${redes}, 'otro')", True),
        ("selected(${redes}, 'allas')", False),
        ("selected(${todo}, 'b')", True),
        ("selected(${tipo}, 'ciud')", False),  # a code, not a part of one
        ("${tipo} = 'ciudad'", True),
        ("'ciudad' != ${tipo}", False),
        ("${personal} > 6.5 and ${personal} <= 7", True),
        ("${personal} = 7", True),
        ("${presupuesto} < 12", False),
        ("${presupuesto} > -1", True),
        ("count-selected(${redes}) = 2", True),
        ("count-selected(${nada}) = 0", True),
        ("not(selected(${redes}, 'ucci'))", False),
        ("selected(., 'x') or . = 'x y'", True),
        ("count-selected(.) <= 1", False),
        # XPath: a blank is not a number and is different from any text
        ("${blanco} > 0", False),
        ("${blanco} <= 0", False),
        ("${blanco} = ''", True),
        ("${blanco} != 'x'", True),
        ("true() and not(false())", True),
        # «and» binds more than «or»
        ("true() or false() and false()", True),
        ("(true() or false()) and false()", False),
        # a comparison of order is done before one of equality
        ("1 < 2 = true()", True),
        # unknown, unless the rest decides
        ("${ausente} = 'x'", None),
        ("not(selected(${ausente}, 'x'))", None),
        ("selected(${ausente}, 'x') and selected(${redes}, 'ucci')", None),
        ("selected(${ausente}, 'x') and selected(${redes}, 'allas')", False),
        ("selected(${ausente}, 'x') or selected(${redes}, 'ucci')", True),
        ("selected(${ausente}, 'x') or selected(${redes}, 'allas')", None),
        ("count-selected(${ausente}) > 0", None),
    ],
)
def test_an_expression_has_the_value_of_xlsform(text, value):
    assert evaluate(text, ANSWERS, ["x", "y"]) is value


def test_all_conditions_hold_only_when_each_does():
    yes, no, unknown = "true()", "false()", "${ausente} = 1"
    assert evaluate_all([], {}) is True
    assert evaluate_all([yes, yes], {}) is True
    assert evaluate_all([unknown, no], {}) is False
    assert evaluate_all([yes, unknown], {}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "vacía"),
        ("selected(${a} 'b')", "se esperaba «,»"),
        ("selected(${a}, 'b'", "al final"),
        ("selected('a', 'b')", "empieza con una pregunta"),
        ("regex(., 'x')", "no se conoce «regex»"),
        ("not(true(), true())", "lleva 1 valores y tiene 2"),
        ("${a} = ", "al final"),
        ("${a} ${b}", "sobra"),
        ("${a} & 1", "no se entiende"),
        ("= 1", "no puede ir"),
        ("(" * 5000 + "1", "paréntesis"),
    ],
)
def test_what_is_not_understood_is_said_in_spanish(text, said):
    with pytest.raises(ExpressionError, match=said.replace("(", r"\(")):
        parse(text)


def test_an_expression_tells_its_items_and_choices():
    found = parse("selected(${redes}, 'otro') and (${tipo} != 'red' or selected(., 'z'))")
    assert found.items == {"redes", "tipo"}
    assert found.choices == {("redes", "otro"), ("tipo", "red"), (".", "z")}


# Any expression over three items -----------------------------------------------------------------

atoms = st.sampled_from(
    ["${x} = 'a'", "selected(${y}, 'b')", "count-selected(${y}) > 1", "${z} > 3", "true()"]
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} and {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
        inner.map(lambda e: f"not({e})"),
    ),
    max_leaves=6,
)
COMPLETIONS = {"x": ["a", "c", ""], "y": [[], ["b"], ["b", "c"]], "z": ["", "3", "4"]}


@given(expressions, st.sets(st.sampled_from(["x", "y", "z"])), st.data())
def test_what_is_decided_without_an_answer_stays_so_whatever_the_answer(text, hidden, data):
    answers = {name: data.draw(st.sampled_from(COMPLETIONS[name])) for name in "xyz"}
    known = {name: value for name, value in answers.items() if name not in hidden}
    decided = evaluate(text, known)
    unknown = sorted(hidden)
    for values in itertools.product(*(COMPLETIONS[name] for name in unknown)):
        whole = evaluate(text, {**known, **dict(zip(unknown, values, strict=True))})
        assert whole is not None
        assert decided is None or decided is whole


@given(expressions, expressions)
def test_de_morgan_holds_with_unknowns(one, two):
    for answers in ({}, {"x": "a"}, {"y": ["b", "c"], "z": "4"}):
        left = evaluate(f"not({one} and {two})", answers)
        assert left is evaluate(f"not({one}) or not({two})", answers)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_never_more(text):
    try:
        parse(text)
    except ExpressionError as error:
        assert str(error)
