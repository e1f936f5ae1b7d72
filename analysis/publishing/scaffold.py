"""A new cuaderno that builds at once: a notebook and its texts in every language."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis import texts
from analysis.files import write_whole
from analysis.paths import Project

_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class ScaffoldError(ValueError):
    """A new cuaderno cannot be made with this name."""


def _cells(name: str) -> list[tuple[str, str, list[str]]]:
    """Return kind, source and tags of each cell."""
    return [
        ("markdown", f"# {name}\n\nQué pregunta responde este cuaderno.", ["lab"]),
        (
            "code",
            "from analysis.cuaderno import Cuaderno\n"
            "from analysis.provenance import EvidenceClass\n"
            "from analysis.published import load_study\n"
            "from analysis.tables import Column, Table",
            [],
        ),
        ("code", 'lang: str = "es"  # Idioma de la página {es, en}', ["parameters"]),
        ("markdown", "## Cargar", ["lab"]),
        ("code", f'study = load_study()\ncuaderno = Cuaderno("{name}", lang)', []),
        ("markdown", "## Analizar", ["lab"]),
        (
            "code",
            'share = study.share("cif_097")\n'
            'respondents = study.quantity("cif_123")\n'
            'year = study.claim("cif_012").value[:4]\n'
            "cuaderno.let(share=share, respondents=respondents, study=study.citation, year=year)",
            [],
        ),
        ("markdown", "## Mostrar", ["lab"]),
        ("code", "cuaderno.head(study)", []),
        ("code", "cuaderno.findings()", []),
        ("code", 'cuaderno.text("example")', []),
        (
            "code",
            "cuaderno.table(\n"
            "    Table(\n"
            '        caption=cuaderno.write("table_example"),\n'
            "        columns=(\n"
            '            Column("what", cuaderno.write("column_what")),\n'
            '            Column("value", cuaderno.write("column_value"), numeric=True),\n'
            "        ),\n"
            "        rows=(\n"
            '            {"what": study.claim("cif_097").measure[lang], "value": share},\n'
            '            {"what": study.claim("cif_123").measure[lang], "value": respondents},\n'
            "        ),\n"
            "        evidence=frozenset({EvidenceClass.PUBLISHED, EvidenceClass.BOUNDED}),\n"
            "        origins=(*share.origins, *respondents.origins),\n"
            "        own_calculation=False,\n"
            "    )\n"
            ")",
            [],
        ),
        ("code", "cuaderno.closing()", []),
    ]


def texts_folder() -> Path:
    """Return the folder of the texts of the installed package."""
    return Path(str(files("analysis.texts")))


def create(project: Project, name: str) -> list[Path]:
    """Make a notebook and its texts.

    Parameters
    ----------
    project : Project
        Where to make it; its package must be the installed one, which reads the texts.
    name : str
        Lower-case letters, digits and underscores, e.g. ``20_mi_tema``.

    Returns
    -------
    list of Path
        Files made.

    Raises
    ------
    ScaffoldError
        When the name does not do or something with it exists already.
    """
    if not _NAME.fullmatch(name):
        raise ScaffoldError(
            f"«{name}» no vale como nombre: use minúsculas sin tildes, cifras y guiones bajos, "
            "por ejemplo 20_mi_tema."
        )
    folder = texts_folder()
    if not folder.resolve().is_relative_to(project.root.resolve()):
        raise ScaffoldError(
            f"El paquete instalado está en {folder} y no en este proyecto; active el entorno del "
            "proyecto (source .venv/bin/activate) y vuelva a intentarlo."
        )
    notebook = project.notebooks / f"{name}.ipynb"
    passages = [folder / lang / f"{name}.md" for lang in texts.LOCALES]
    for path in (notebook, *passages):
        if path.exists():
            raise ScaffoldError(f"Ya existe {project.relative(path)}; elija otro nombre.")
    for path in passages:
        template = folder / path.parent.name / "_new.md"
        write_whole(path, template.read_text("utf-8").replace("NAME", name))
    cells = []
    for number, (kind, source, tags) in enumerate(_cells(name)):
        cell = (new_markdown_cell if kind == "markdown" else new_code_cell)(source)
        cell.id = f"cell-{number:02d}"
        if tags:
            cell.metadata["tags"] = tags
        cells.append(cell)
    write_whole(notebook, nbformat.writes(new_notebook(cells=cells, metadata=_METADATA)) + "\n")
    return [notebook, *passages]
