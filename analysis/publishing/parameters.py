"""Parameters of a notebook: declared in one cell, checked before anything runs.

The cell tagged ``parameters`` holds one literal a line, annotated and commented::

    max_base: int = 120  # Base más grande que se examina [50..1000]
    rounding: str = "half-up"  # Regla de redondeo {half-up, half-even}

The comment is the help; at its end, ``[low..high]`` bounds a number and ``{a, b}`` lists the only
values allowed. papermill only warns about an unknown parameter; here it is an error.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from analysis.publishing import notebook as notebook_file

_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_TYPE_NAMES = {int: "un número entero", float: "un número", str: "un texto", bool: "true o false"}
_UNREADABLE = (SyntaxError, TypeError, ValueError, MemoryError, RecursionError)  # of a literal
_CHOICES = re.compile(r"\s*\{([^}]*)\}\s*$")
_BOUNDS = re.compile(r"\s*\[\s*(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)\s*\]\s*$")


class ParameterError(ValueError):
    """A parameter is unknown, ill-typed or out of bounds."""


class DeclarationError(ParameterError):
    """The notebook does not declare its parameters as it should."""


@dataclass(frozen=True)
class Parameter:
    """A declared parameter.

    Parameters
    ----------
    name : str
        Name of the variable.
    kind : type
        ``int``, ``float``, ``str`` or ``bool``.
    default : object
        Literal of the cell.
    help : str
        Comment of the line.
    choices : tuple of str
        The only values allowed; empty when any will do.
    bounds : tuple of float, optional
        Least and greatest value allowed.
    """

    name: str
    kind: type
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None

    @property
    def allowed(self) -> str:
        """Say which values are allowed."""
        if self.choices:
            return "uno de: " + ", ".join(self.choices)
        if self.bounds:
            low, high = (f"{bound:g}" for bound in self.bounds)
            return f"{_TYPE_NAMES[self.kind]} entre {low} y {high}"
        return _TYPE_NAMES[self.kind]

    def check(self, value: object) -> Any:
        """Return the value, typed; text from a command line is read as a literal of the type.

        Raises
        ------
        ParameterError
            When it is not allowed.
        """
        typed = _typed(self.kind, value)
        fits = typed is not None
        if fits and self.choices:
            fits = str(typed) in self.choices
        if fits and self.bounds:
            fits = self.bounds[0] <= typed <= self.bounds[1]
        if not fits:
            raise ParameterError(f"{self.name}: «{value}» no vale; debe ser {self.allowed}.")
        return typed


def _typed(kind: type, value: object) -> Any:
    """Return the value as the type, or None when it is not of it."""
    if isinstance(value, str) and kind is not str:
        text = value.strip().lower()
        if kind is bool:
            return {"true": True, "false": False}.get(text)
        try:
            value = ast.literal_eval(text)
        except _UNREADABLE:
            return None
    if isinstance(value, bool) and kind is not bool:
        return None
    if kind is float and isinstance(value, int):
        return float(value)
    return value if isinstance(value, kind) else None


def declared(notebook: Path) -> dict[str, Parameter]:
    """Read the parameters that a notebook declares.

    Raises
    ------
    NotebookError
        When the file is not a notebook.
    DeclarationError
        When the notebook has not exactly one such cell, or a line is not a typed, commented
        literal.
    """
    cells = [
        cell
        for cell in notebook_file.read(notebook)["cells"]
        if "parameters" in notebook_file.tags(cell)
    ]
    if len(cells) != 1:
        raise DeclarationError(
            f"{notebook.name}: debe tener una celda con la etiqueta «parameters»; "
            f"tiene {len(cells)}."
        )
    return read_cell(notebook_file.source(cells[0]), notebook.name)


def read_cell(source: str, name: str) -> dict[str, Parameter]:
    """Read the parameters of the source of a cell; ``name`` names the notebook in errors."""
    try:
        tree = ast.parse(source)
    except _UNREADABLE as error:
        line = f", línea {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise DeclarationError(
            f"{name}, celda de parámetros{line}: no es Python válido ({error})."
        ) from error
    comments = _comments(source)
    found = {}
    for node in tree.body:
        where = f"{name}, celda de parámetros, línea {node.lineno}"
        if not (
            isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
        ):
            raise DeclarationError(f"{where}: cada línea debe ser nombre: tipo = valor  # ayuda")
        annotation = ast.unparse(node.annotation)
        if annotation not in _TYPES:
            raise DeclarationError(f"{where}: el tipo debe ser uno de {', '.join(_TYPES)}.")
        try:
            default = ast.literal_eval(node.value)
        except _UNREADABLE:
            raise DeclarationError(f"{where}: el valor debe ser un literal.") from None
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        comment = " ".join(comments[line] for line in lines if line in comments)
        if not comment:
            raise DeclarationError(f"{where}: falta el comentario que explica «{node.target.id}».")
        parameter = _parameter(node.target.id, _TYPES[annotation], default, comment, where)
        try:
            parameter.check(default)
        except ParameterError as error:
            raise DeclarationError(f"{where}: {error}") from error
        found[parameter.name] = parameter
    return found


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameter(name: str, kind: type, default: object, comment: str, where: str) -> Parameter:
    if match := _CHOICES.search(comment):
        choices = tuple(choice.strip() for choice in match[1].split(","))
        return Parameter(name, kind, default, comment[: match.start()].strip(), choices)
    if match := _BOUNDS.search(comment):
        try:
            bounds = (float(match[1]), float(match[2]))
        except ValueError:
            raise DeclarationError(
                f"{where}: los límites «{match[0].strip()}» no son números."
            ) from None
        if kind not in (int, float):
            raise DeclarationError(f"{where}: los límites [a..b] son para números.")
        return Parameter(name, kind, default, comment[: match.start()].strip(), (), bounds)
    return Parameter(name, kind, default, comment.strip())


def check(notebook: Path, given: Mapping[str, object]) -> dict[str, Any]:
    """Check the parameters given to a notebook against those that it declares.

    Returns
    -------
    dict
        The given parameters, typed.

    Raises
    ------
    NotebookError, DeclarationError
        When it is the notebook that is wrong.
    ParameterError
        With every parameter that is unknown or not allowed, and what is valid instead.
    """
    known = declared(notebook)
    checked, problems = {}, []
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" ¿Quiso decir «{near[0]}»?" if near else ""
            valid = ", ".join(known) or "ninguno"
            problems.append(f"{name}: no es un parámetro.{hint} Los que hay: {valid}.")
            continue
        try:
            checked[name] = known[name].check(value)
        except ParameterError as error:
            problems.append(str(error))
    if problems:
        raise ParameterError(f"{notebook.stem}: " + "\n".join(problems))
    return checked
