"""What the notebook 00_inicio shows to someone who arrives in JupyterLab."""

from __future__ import annotations

import json

import pandas as pd

from analysis import texts
from analysis.datapackage import read_descriptor
from analysis.paths import Project, find_project
from analysis.provenance import Quantity, Share
from analysis.published import PACKAGE, Study
from analysis.publishing import parameters as declared_parameters


def notebooks(project: Project) -> pd.DataFrame:
    """List the notebooks with the first lines of their first cell."""
    rows = []
    for path in sorted(project.notebooks.glob("*.ipynb")):
        first = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
        title, _, rest = first.partition("\n")
        purpose = rest.strip().split("\n\n")[0].replace("\n", " ")
        rows.append((path.name, title.lstrip("# ").strip(), purpose))
    return _frame(rows, ["Archivo", "Título", "Para qué"])


def tables(study: Study) -> pd.DataFrame:
    """List the published tables."""
    descriptor = read_descriptor(find_project().raw / PACKAGE)
    titles = {resource["name"]: resource["title"] for resource in descriptor["resources"]}
    rows = [(name, titles[name], len(frame)) for name, frame in study.tables.items()]
    return _frame(rows, ["Tabla", "Contenido", "Filas"])


def parameters(project: Project, name: str) -> pd.DataFrame:
    """List the parameters of a notebook."""
    found = declared_parameters.declared(project.notebooks / f"{name}.ipynb")
    rows = [(p.name, p.default, p.allowed, p.help) for p in found.values()]
    return _frame(rows, ["Parámetro", "Por omisión", "Admite", "Para qué"])


def details(value: Share | Quantity, lang: str = texts.DEFAULT_LANGUAGE) -> pd.DataFrame:
    """List everything that stands behind a number."""
    return _frame([("Valor", value.text(lang)), *value.details(lang)], ["Qué", "Cuál"])


def _frame(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    """Return a table for the screen of JupyterLab, text in full."""
    pd.set_option("display.max_colwidth", None)
    return pd.DataFrame(rows, columns=columns)
