"""Small executed notebooks, and a reader of the pages that are made of them."""

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analysis.cuaderno import Cuaderno
from analysis.display import Block
from analysis.provenance import Base, EvidenceClass, Origin, Quantity, Share
from analysis.published import Study
from analysis.publishing.edition import Edition
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, Tag

EDITION = Edition("1.2.3", date(2026, 5, 4), ("Grupo Uno", "Grupo Dos"))
ORIGINS = (Origin("Estudio", "claims", ("cif_001",), "2.1"),)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}

PASSAGES = {
    "kicker": "Una prueba",
    "title": "Las cifras & sus <bases> «raras»",
    "finding": "Una base de {{ base }} basta",
    "date": "{{ year }}",
    "lead": "El {{ share }} de las ciudades; véase [el estudio](https://example.org/estudio).",
    "findings": "- Un {{ share }} observado.",
    "cautions": "- Nada es seguro.",
    "first": "## Qué se publicó\n\nUn texto con {{ base }}.",
    "second": "## ¿Y después?\n\nOtro **texto**.\n\n## Qué se publicó\n\nRepetido.",
    "method": "Se contó todo.",
    "sources": "Las del estudio.",
}


def quantity(value: int, evidence: EvidenceClass = EvidenceClass.BOUNDED) -> Quantity:
    return Quantity(value=value, evidence=evidence, origins=ORIGINS, method="audit")


def share(count: int, n: int, evidence: EvidenceClass = EvidenceClass.OBSERVED) -> Share:
    return Share(
        evidence=evidence,
        origins=ORIGINS,
        base=Base("city", n),
        rounding=RoundingRule.HALF_UP,
        method="count_over_base",
        interval=None,
        no_interval="complete_list",
        count=count,
    )


def table(*classes: EvidenceClass, **more: Any) -> Table:
    classes = classes or (EvidenceClass.PUBLISHED,)
    given: dict[str, Any] = {
        "caption": "Ciudades & <recuentos>",
        "columns": (
            Column("city", "Ciudad"),
            Column("n", "Recuento", numeric=True),
            Column("verdict", "Veredicto"),
        ),
        "rows": (
            {
                "city": "<script>alert(1)</script>",
                "n": quantity(7, classes[0]),
                "verdict": Tag("possible", "posible <i>"),
            },
        ),
        "evidence": frozenset(classes),
        "origins": ORIGINS,
        "own_calculation": True,
        **more,
    }
    return Table(**given)


class Reader(HTMLParser):
    """Collect the elements, the text and the text by element of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.stack: list[int] = []
        self.content: dict[int, str] = {}
        self.problems: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(attrs) != len(dict(attrs)):
            self.problems.append(f"<{tag}> repeats an attribute")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.stack.append(len(self.elements) - 1)
            self.content[len(self.elements) - 1] = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.elements[self.stack[-1]][0] != tag:
            self.problems.append(f"</{tag}> closes nothing")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        last = self.stack[-1:]
        hidden = last and self.elements[last[0]][0] in ("script", "style")
        for number in last if hidden else self.stack:
            self.content[number] += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Return the attributes of the elements with a tag and some attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [a for t, a in self.elements if t == tag and wanted.items() <= a.items()]

    def text(self, tag: str, **attributes: str) -> list[str]:
        """Return the text inside the elements with a tag and some attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            " ".join(self.content[number].split())
            for number, (t, a) in enumerate(self.elements)
            if t == tag and wanted.items() <= a.items()
        ]

    def raw(self, tag: str) -> list[str]:
        """Return what is inside the elements with a tag, as it is."""
        return [self.content[n] for n, (t, _) in enumerate(self.elements) if t == tag]

    def spans(self, name: str) -> list[str]:
        """Return the text of the spans that have a class among theirs."""
        found = zip(self.all("span"), self.text("span"), strict=True)
        return [text for a, text in found if name in a.get("class", "").split()]

    def visible(self) -> str:
        """Return all text but that of the stylesheet and the scripts."""
        return self.text("body")[0]


def shown(block: Block, tags: tuple[str, ...] = ()) -> NotebookNode:
    """Return an executed cell that shows a block of ours."""
    bundle = block._repr_mimebundle_()
    return code("cuaderno.mostrar()", nbformat.v4.new_output("execute_result", bundle), tags=tags)


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    cell = nbformat.v4.new_code_cell(source, execution_count=1, metadata=metadata)
    cell.outputs = [json_round(output) for output in outputs]
    return cell


def json_round(node: NotebookNode) -> NotebookNode:
    """Return what is left of an output once it was written to a file and read again."""
    return nbformat.from_dict(json.loads(json.dumps(node)))


def prose(source: str, *tags: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {})


def notebook(*cells: NotebookNode) -> NotebookNode:
    made = nbformat.v4.new_notebook(cells=list(cells))
    made.metadata["kernelspec"] = {"display_name": "P", "language": "python", "name": "python3"}
    return made


def small(name: str, lang: str, study: Study, *cells: NotebookNode) -> NotebookNode:
    """Return an executed notebook with head, findings, some cells, and the end."""
    cuaderno = Cuaderno(name, lang)
    cuaderno.let(base=quantity(40), share=share(3, 4), year="2017", name=name)
    return notebook(
        shown(cuaderno.head(study)),
        shown(cuaderno.findings()),
        *cells,
        shown(cuaderno.closing()),
    )


def keep(made: NotebookNode, out: Path, name: str, lang: str = "es") -> Path:
    """Leave an executed notebook where a build leaves it."""
    path = out / "executed" / lang / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path
