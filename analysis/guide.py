"""What the notebooks for JupyterLab, 00_inicio and codificar, show to who arrives there."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analysis import texts
from analysis.datapackage import read_descriptor
from analysis.paths import Project, find_project
from analysis.provenance import Quantity, Share
from analysis.published import PACKAGE, Study
from analysis.publishing import parameters as declared_parameters

if TYPE_CHECKING:
    from analysis.coding.widget import CodingWidget

CORPUS_VARIABLE = "CUADERNOS_CORPUS"
CODER_VARIABLE = "CUADERNOS_CODER"
COMPARE_VARIABLE = "CUADERNOS_COMPARE"
"""What ``cuadernos code`` was given, for the notebook that it opens."""


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


def coding(
    corpus: str = "",
    coder: str = "",
    *,
    compare: Sequence[str] = (),
    lang: str = texts.DEFAULT_LANGUAGE,
) -> CodingWidget | pd.DataFrame:
    """Open a corpus to code it; without corpus or coder, list what there is to choose from.

    Parameters
    ----------
    corpus, coder : str
        Corpus and who codes; by default what ``cuadernos code`` was given.
    compare : sequence of str
        Two coders to compare; by default what ``cuadernos code --compare`` was given.
    lang : str
        Language.
    """
    from analysis.coding.corpus import corpus_ids, read_corpus

    corpus = corpus or os.environ.get(CORPUS_VARIABLE, "")
    coder = coder or os.environ.get(CODER_VARIABLE, "")
    compare = list(compare) or os.environ.get(COMPARE_VARIABLE, "").split()
    project = find_project()
    if corpus and coder:
        from analysis.coding.session import CodingSession
        from analysis.coding.widget import CodingWidget

        return CodingWidget(CodingSession(corpus, coder, project, compare=compare), lang)
    print("Escriba en la celda de parámetros el corpus y quién codifica, y ejecute todo otra vez.")
    found = {name: read_corpus(project, name)[0] for name in corpus_ids(project)}
    rows = [
        (name, c.label[lang], len(c.documents), ", ".join(c.coders)) for name, c in found.items()
    ]
    return _frame(rows, ["corpus", "Título", "Documentos", "Ya codificaron"])


def _frame(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    """Return a table for the screen of JupyterLab, text in full."""
    pd.set_option("display.max_colwidth", None)
    return pd.DataFrame(rows, columns=columns)
