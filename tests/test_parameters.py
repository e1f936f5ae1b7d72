"""Tests of the parameters of a notebook: how they are declared, typed and checked."""

from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.publishing.notebook import NotebookError
from analysis.publishing.parameters import (
    DeclarationError,
    Parameter,
    ParameterError,
    check,
    declared,
    read_cell,
)

CELL = """\
lang: str = "es"  # Idioma de la página {es, en}
max_base: int = 120  # Base más grande que se examina [20..1000]
level: float = 0.95  # Nivel de confianza [0.5..0.999]
strict: bool = False  # Si se detiene en el primer error
title: str = "a # b"  # Título de la página
"""


def write_notebook(folder: Path, *cells: str, name: str = "99_prueba") -> Path:
    """Write a notebook whose cells tagged ``parameters`` have the given sources."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("1 + 1")]
    for source in cells:
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]}))
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return write_notebook(tmp_path, CELL)


def problem_of(folder: Path, *cells: str) -> str:
    """Return the message with which a declaration is refused."""
    with pytest.raises(ParameterError) as caught:
        declared(write_notebook(folder, *cells))
    return str(caught.value)


def parameter(kind: type, **more: object) -> Parameter:
    return Parameter("x", kind, None, "Ayuda", **more)


# Declaration -----------------------------------------------------------------------------------


def test_a_declaration_gives_name_type_default_and_help(notebook: Path) -> None:
    found = declared(notebook)
    assert list(found) == ["lang", "max_base", "level", "strict", "title"]
    assert [p.kind for p in found.values()] == [str, int, float, bool, str]
    assert [p.default for p in found.values()] == ["es", 120, 0.95, False, "a # b"]
    assert [p.help for p in found.values()] == [
        "Idioma de la página",
        "Base más grande que se examina",
        "Nivel de confianza",
        "Si se detiene en el primer error",
        "Título de la página",
    ]


def test_choices_and_bounds_are_read_from_the_end_of_the_comment(notebook: Path) -> None:
    found = declared(notebook)
    assert found["lang"].choices == ("es", "en")
    assert found["max_base"].bounds == (20, 1000)
    assert found["level"].bounds == (0.5, 0.999)
    assert found["strict"].choices == () and found["strict"].bounds is None


def test_bounds_can_be_negative_and_choices_can_be_numbers(tmp_path: Path) -> None:
    cell = "shift: float = -1.5  # Desplazamiento [ -2 .. -0.5 ]\nfew: int = 2  # Cuántos {1, 2}\n"
    found = declared(write_notebook(tmp_path, cell))
    assert found["shift"].bounds == (-2, -0.5)
    assert found["few"].check("1") == 1
    with pytest.raises(ParameterError, match="uno de: 1, 2"):
        found["few"].check(3)


def test_what_is_allowed_is_said_in_spanish(notebook: Path) -> None:
    assert {name: p.allowed for name, p in declared(notebook).items()} == {
        "lang": "uno de: es, en",
        "max_base": "un número entero entre 20 y 1000",
        "level": "un número entre 0.5 y 0.999",
        "strict": "true o false",
        "title": "un texto",
    }


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path: Path) -> None:
    message = problem_of(tmp_path)
    assert "99_prueba.ipynb" in message
    assert "«parameters»; tiene 0" in message


def test_a_notebook_with_two_parameters_cells_is_refused(tmp_path: Path) -> None:
    assert "tiene 2" in problem_of(tmp_path, CELL, "other: int = 1  # Otro\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("base: int = 20 + x  # Base", "el valor debe ser un literal"),
        ("base: int = int(3)  # Base", "el valor debe ser un literal"),
        ("base: int = 20", "falta el comentario que explica «base»"),
        ("base: int = 20  #", "falta el comentario que explica «base»"),
        ("base = 20  # Base", "nombre: tipo = valor"),
        ("base: int  # Base", "nombre: tipo = valor"),
        ("import os  # Base", "nombre: tipo = valor"),
        ("base.x: int = 20  # Base", "nombre: tipo = valor"),
        ("base: list = []  # Base", "el tipo debe ser uno de int, float, str, bool"),
        ("base: 'int' = 20  # Base", "el tipo debe ser uno de int, float, str, bool"),
    ],
)
def test_an_ill_declared_line_is_refused_with_its_number(
    tmp_path: Path, line: str, problem: str
) -> None:
    message = problem_of(tmp_path, f"first: int = 1  # Primero\n{line}\n")
    assert message.startswith("99_prueba.ipynb, celda de parámetros, línea 2")
    assert problem in message


def test_a_cell_that_is_not_python_is_refused_with_its_line(tmp_path: Path) -> None:
    message = problem_of(tmp_path, "first: int = 1  # Primero\nbase: int = = 2  # Base\n")
    assert message.startswith("99_prueba.ipynb, celda de parámetros, línea 2")


@pytest.mark.parametrize(
    "line",
    [
        'base: int = "veinte"  # Base [1..10]',
        "base: int = 11  # Base [1..10]",
        "base: int = True  # Base",
        "base: int = 2.0  # Base",
        'lang: str = "pt"  # Idioma {es, en}',
        "lang: str = 3  # Idioma",
        "strict: bool = 1  # Estricto",
    ],
)
def test_a_default_that_is_not_allowed_is_refused(tmp_path: Path, line: str) -> None:
    assert f"{line.split(':')[0]}: «" in problem_of(tmp_path, line + "\n")


def test_the_comment_of_another_line_does_not_explain_a_parameter(tmp_path: Path) -> None:
    assert "falta el comentario" in problem_of(tmp_path, "# Base que se examina\nbase: int = 20\n")


# Values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "typed"),
    [
        (int, "3", 3),
        (int, " -3 ", -3),
        (int, 3, 3),
        (float, "0.9", 0.9),
        (float, "1", 1.0),
        (float, 1, 1.0),
        (float, 0.9, 0.9),
        (bool, "true", True),
        (bool, "False", False),
        (bool, True, True),
        (str, "true", "true"),
        (str, "3", "3"),
        (str, "", ""),
    ],
)
def test_a_value_is_typed_by_its_declaration(kind: type, given: object, typed: object) -> None:
    value = parameter(kind).check(given)
    assert value == typed
    assert type(value) is kind


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (int, True),
        (int, "true"),
        (int, "True"),
        (int, "3.0"),
        (int, 3.0),
        (int, "tres"),
        (int, ""),
        (int, "3 4"),
        (int, "(3"),
        (int, None),
        (float, True),
        (float, "false"),
        (float, "0,9"),
        (float, "nan"),
        (float, "__import__('os')"),
        (bool, "1"),
        (bool, 1),
        (bool, "sí"),
        (bool, ""),
        (str, 3),
        (str, True),
    ],
)
def test_a_value_of_another_type_is_refused(kind: type, given: object) -> None:
    with pytest.raises(ParameterError, match=r"^x: «.*» no vale; debe ser "):
        parameter(kind).check(given)


@pytest.mark.parametrize("inside", ["20", "1000", 20, 1000])
def test_bounds_include_their_ends(inside: object) -> None:
    assert parameter(int, bounds=(20, 1000)).check(inside) == int(str(inside))


@pytest.mark.parametrize("outside", ["19", "1001", 19, 1001, "-20"])
def test_a_value_out_of_bounds_is_refused_with_the_bounds(outside: object) -> None:
    with pytest.raises(ParameterError) as caught:
        parameter(int, bounds=(20, 1000)).check(outside)
    assert str(caught.value) == (
        f"x: «{outside}» no vale; debe ser un número entero entre 20 y 1000."
    )


def test_a_value_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(ParameterError) as caught:
        parameter(str, choices=("half-up", "half-even")).check("half_up")
    assert str(caught.value) == "x: «half_up» no vale; debe ser uno de: half-up, half-even."


@given(st.integers())
def test_every_whole_number_survives_the_command_line(number: int) -> None:
    assert parameter(int).check(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_survives_the_command_line(number: float) -> None:
    assert parameter(float).check(repr(number)) == number


@given(st.text())
def test_every_text_survives_the_command_line(text: str) -> None:
    assert parameter(str).check(text) == text


@given(st.integers(-50, 50), st.integers(-40, 0), st.integers(0, 40))
def test_a_number_is_allowed_when_and_only_when_it_is_within_its_bounds(
    number: int, low: int, high: int
) -> None:
    bounded = parameter(int, bounds=(low, high))
    if low <= number <= high:
        assert bounded.check(str(number)) == number
    else:
        with pytest.raises(ParameterError):
            bounded.check(str(number))


# Check of everything that is given -------------------------------------------------------------


def test_what_is_given_comes_back_typed_and_nothing_else(notebook: Path) -> None:
    checked = check(notebook, {"max_base": "200", "strict": "true", "level": "0.9"})
    assert checked == {"max_base": 200, "strict": True, "level": 0.9}
    assert [type(value) for value in checked.values()] == [int, bool, float]
    assert check(notebook, {}) == {}


def test_an_unknown_parameter_names_the_valid_ones_and_the_nearest(notebook: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        check(notebook, {"max_bse": "200"})
    assert str(caught.value) == (
        "99_prueba: max_bse: no es un parámetro. ¿Quiso decir «max_base»? "
        "Los que hay: lang, max_base, level, strict, title."
    )


def test_a_parameter_like_no_other_gets_no_suggestion(notebook: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        check(notebook, {"zzzz": "200"})
    assert "Quiso decir" not in str(caught.value)
    assert "Los que hay: lang, max_base, level, strict, title." in str(caught.value)


def test_all_problems_are_said_at_once(notebook: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        check(notebook, {"langg": "es", "max_base": "7", "level": "alto", "strict": "true"})
    langg, max_base, level = str(caught.value).splitlines()
    assert "¿Quiso decir «lang»?" in langg
    assert max_base == "max_base: «7» no vale; debe ser un número entero entre 20 y 1000."
    assert level == "level: «alto» no vale; debe ser un número entre 0.5 y 0.999."


def test_the_names_of_a_notebook_without_parameters_are_none(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Los que hay: ninguno"):
        check(write_notebook(tmp_path, "# nada que cambiar\n"), {"x": "1"})


# Anything may be typed -------------------------------------------------------------------------

NASTY = st.sampled_from(
    [
        *("{[]:1}", "(" * 200, "[" * 5000, "9" * 5000, "-" * 3000 + "1", "1e999", "nan", "\0"),
        *("0x", "1_0", "{1}", "None", "1+2j", "'a", "[1]*9", "f'{1}'", "\ud800"),
    ]
)
PIECES = st.text(alphabet="{}[]()'\"\\:,.+-*eE0123456789nTrue#\n\0 ñ", max_size=30)


@given(text=NASTY | PIECES | st.text(max_size=20), kind=st.sampled_from([int, float, str, bool]))
def test_a_text_of_the_command_line_is_a_value_or_a_sentence(text: str, kind: type) -> None:
    try:
        value = parameter(kind).check(text)
    except ParameterError as error:
        assert str(error).startswith("x: «") and "debe ser" in str(error)
    else:
        assert type(value) is kind


def test_a_dictionary_with_a_list_as_its_key_is_said(notebook: Path) -> None:
    with pytest.raises(ParameterError, match=r"max_base: «\{\[\]:1\}» no vale; debe ser un número"):
        check(notebook, {"max_base": "{[]:1}"})


@given(value=NASTY | PIECES, kind=st.sampled_from(["int", "str", "list", "x.y"]), more=PIECES)
def test_any_cell_of_parameters_is_read_or_refused_in_words(
    value: str, kind: str, more: str
) -> None:
    for source in (f"a: {kind} = {value}  # {more}", value, f"a: int = 1  # x [{more}..{more}]"):
        try:
            read_cell(source, "99_prueba")
        except DeclarationError as error:
            assert str(error).startswith("99_prueba, celda de parámetros")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('a: str = "b"  # Algo [1..3]', "los límites [a..b] son para números"),
        ("a: int = 1  # Algo [1.2.3..4]", "los límites «[1.2.3..4]» no son números"),
        ("a: int = {[]: 1}  # Algo", "el valor debe ser un literal"),
        ("a: int = 9  # Algo [1..3]", "a: «9» no vale; debe ser un número entero entre 1 y 3"),
    ],
)
def test_a_line_that_declares_nothing_sensible_is_named(
    tmp_path: Path, line: str, said: str
) -> None:
    message = problem_of(tmp_path, line)
    assert message.startswith("99_prueba.ipynb, celda de parámetros, línea 1")
    assert said in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "el archivo está vacío"),
        (b" \n", "el archivo está vacío"),
        (b'{"cells": [', "línea 1: no es JSON válido"),
        (b"[" * 100_000, "no es JSON válido"),
        ('{"año": 1}'.encode("latin-1"), "no está en UTF-8 (byte 3)"),
        (b"[]", "no es un cuaderno de Jupyter de formato 4"),
        (b'{"nbformat": 3, "worksheets": []}', "no es un cuaderno de Jupyter de formato 4"),
        (b'{"nbformat": 4}', "no tiene una lista de celdas"),
        (b'{"nbformat": 4, "cells": [1]}', "no tiene una lista de celdas"),
    ],
)
def test_a_file_that_is_no_notebook_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "99 año.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        declared(path)
    assert str(caught.value).startswith("99 año.ipynb")
    assert said in str(caught.value)


def test_a_notebook_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "99.ipynb").mkdir()
    with pytest.raises(NotebookError, match="hay una carpeta donde debería haber un archivo"):
        declared(tmp_path / "99.ipynb")
