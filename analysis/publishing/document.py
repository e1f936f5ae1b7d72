"""What an executed notebook says: its blocks, in order, numbered and with anchors.

Pages, PDF, index and search are all drawn from a :class:`Document`; none of them runs anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from slugify import slugify

from analysis import texts
from analysis.display import MIME
from analysis.maths import FORMULA, MathsError
from analysis.prose import SECTION, headings, parser, to_text
from analysis.provenance import EvidenceClass
from analysis.publishing.parameters import read_cell
from analysis.publishing.variants import declared, notebook_name, variant_name

LAB_ONLY = "lab"
"""Tag of a cell that is for JupyterLab and stays out of what is published."""


class PageError(ValueError):
    """An executed notebook cannot be published."""


@dataclass(frozen=True)
class Document:
    """A cuaderno in one language.

    Parameters
    ----------
    name, lang : str
        Notebook and language.
    head : mapping
        Block of kind ``head``.
    blocks : list of dict
        The other blocks: figures and tables with their number ``n``, headings with ``anchors``.
    evidence : list of str
        Classes of evidence of everything shown.
    contents : list of (str, str)
        Anchor and title of every section.
    changed : dict
        Parameters that differ from those of the notebook, the language apart; a reader must know.
    brief : bool
        Whether its PDF has no title page, no contents and its notes at the end, as the metadata
        of its notebook say: ``{"cuadernos": {"brief": true}}``.
    """

    name: str
    lang: str
    head: Mapping[str, Any]
    blocks: list[dict[str, Any]]
    evidence: list[str]
    contents: list[tuple[str, str]] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)
    brief: bool = False

    @property
    def has_formulas(self) -> bool:
        """Whether a passage shows a formula."""
        return any(
            FORMULA.search(passage["markdown"])
            for block in (self.head, *self.blocks)
            for passage in passages(block)
        )

    def summary(self) -> dict[str, Any]:
        """Return what the index says of the cuaderno."""
        keys = ("kicker", "title", "finding", "date", "study")
        return {
            **{key: self.head[key] for key in keys},
            "name": self.name,
            "lang": self.lang,
            "evidence": self.evidence,
        }


def read_document(path: Path, name: str = "") -> Document:
    """Read an executed notebook; its name is that of the file unless given."""
    return document(nbformat.read(path, as_version=4), name or path.stem)


def passages(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the passages of a block, whatever its kind."""
    inner = [block.get(key) for key in ("lead", "findings", "cautions")] + block.get("parts", [])
    return [part for part in [block, *inner] if part and "numbers" in part]


def head_of(blocks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the head; ``PageError`` when there is none."""
    for block in blocks:
        if block["kind"] == "head":
            return dict(block)
    raise PageError(
        "El cuaderno no muestra su encabezado: falta una celda con cuaderno.head(estudio)."
    )


def _check_markdown_cells(notebook: NotebookNode) -> None:
    """Refuse typed percentages, which carry neither base nor origin, and broken formulas."""
    number = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        number += "injected-parameters" not in tags
        if cell.cell_type != "markdown" or LAB_ONLY in tags:
            continue
        for line in cell.source.splitlines():
            if texts.naked_percentage(line):
                raise PageError(
                    "Hay un porcentaje escrito a mano, sin recuento, base ni origen, en la celda "
                    f"{number}: «{line.strip()}». Muéstrelo con cuaderno.text y un Share, o ponga "
                    "a la celda la etiqueta «lab»."
                )
        try:
            parser().parse(cell.source)
        except MathsError as error:
            raise PageError(f"En la celda {number}: {error}") from error


def document(notebook: NotebookNode, name: str = "") -> Document:
    """Collect what an executed notebook shows.

    Raises
    ------
    PageError
        When it shows no head.
    """
    _check_markdown_cells(notebook)
    found = list(blocks_of(notebook))
    lang = next((block["lang"] for block in found if "lang" in block), texts.DEFAULT_LANGUAGE)
    head = head_of(found)
    blocks = [block for block in found if block["kind"] != "head"]
    count = {"figure": 0, "table": 0}
    notebook_stem = notebook_name(name)
    if name and head["name"] != notebook_stem:
        raise PageError(
            f"El cuaderno {notebook_stem} muestra los textos de otro: cambie "
            f'Cuaderno("{head["name"]}", lang) por Cuaderno("{notebook_stem}", lang).'
        )
    name = name or head["name"]
    for block in found:
        _say_where(
            block, texts.label("page.computed_in", lang, name=name, cell=block["cell"]), lang
        )
        if block["kind"] in count:
            count[block["kind"]] += 1
            block["n"] = count[block["kind"]]
    about = notebook.metadata.get("cuadernos", {})
    return Document(
        name=name,
        lang=lang,
        head=head,
        blocks=blocks,
        evidence=classes_of(found),
        contents=_contents(blocks),
        changed=_changed(notebook, name),
        brief=isinstance(about, Mapping) and bool(about.get("brief")),
    )


def _changed(notebook: NotebookNode, name: str) -> dict[str, Any]:
    """Compare the parameters that were given with those that the notebook declares."""
    ordinary = declared(notebook.metadata).get(variant_name(name), {})
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    source = "\n".join(
        cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])
    )
    known = read_cell(source, "") if source else {}
    return {
        name: value
        for name, value in given.items()
        if name != "lang" and name in known and ordinary.get(name, known[name].default) != value
    }


def blocks_of(notebook: NotebookNode) -> Iterator[dict[str, Any]]:
    """Yield the blocks of every cell but those for JupyterLab.

    Markdown cells and outputs that are not ours are kept as plain, escaped text; code, warnings
    and errors are left out.
    """
    number = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        number += "injected-parameters" not in tags  # papermill's own cell is not in the notebook
        if LAB_ONLY in tags:
            continue
        if cell.cell_type == "markdown":
            yield {"kind": "prose", "markdown": cell.source, "numbers": [], "cell": number}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                yield {**deepcopy(data[MIME]), "cell": number}
            elif output.output_type == "stream" and output.name == "stdout":
                yield {"kind": "output", "text": output.text, "cell": number}
            elif "text/plain" in data:
                yield {"kind": "output", "text": data["text/plain"], "cell": number}


def _walk(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)


def _say_where(block: dict[str, Any], where: str, lang: str) -> None:
    """Add to every number of a block the notebook and cell that computed it."""
    label = texts.label("share.computed", lang)
    for item in _walk(block):
        if item.get("kind") == "number":
            item["details"] = [*item["details"], [label, where]]


def classes_of(blocks: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the classes of evidence of everything that blocks show, numbers in prose too."""
    shown: set[str] = set()
    for item in _walk([dict(block) for block in blocks]):
        own = item.get("evidence", [])
        shown.update([own] if isinstance(own, str) else own)
    return [str(item) for item in EvidenceClass if str(item) in shown]


def _contents(blocks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """List the headings of second level and give each its anchor, unique in the page."""
    used: set[str] = {"contenido", "hallazgos", "cautelas", "citar", "hecho"}
    found = []

    def anchor(title: str) -> str:
        base = slugify(title) or "seccion"
        name, number = base, 2
        while name in used:
            name, number = f"{base}-{number}", number + 1
        used.add(name)
        found.append((name, title))
        return name

    for block in blocks:
        if block["kind"] == "prose":
            numbers = [number["text"] for number in block["numbers"]]
            block["anchors"] = [
                anchor(to_text(heading.markdown, numbers))
                for heading in headings(block["markdown"])
                if heading.level == SECTION
            ]
        for part in block.get("parts", []):
            part["anchor"] = anchor(part["heading"])
    return [(name, title) for name, title in found if title]
