"""Cuadernos, made-up blocks and readers of PDF for the tests of what is printed."""

import ast
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pymupdf
import pytest
from nbformat import NotebookNode
from outloud import check
from outloud.findings import Result
from pikepdf import Array, Dictionary, Pdf

from analysis import texts
from analysis.display import MIME, Block
from analysis.paths import ROOT_VARIABLE
from analysis.publishing.pdf import render_pdf
from tests.samples import EDITION

ROOT = Path(__file__).resolve().parents[1]
MILLIMETRE = 72 / 25.4
REAL = [(name, lang) for name in ("01_auditoria", "04_medicion") for lang in texts.LOCALES]
FAMILIES = {"SourceSerif4", "SourceSans3", "DejaVuSansMono", "NewCMMath"}
MATHS = "NewCMMath-Book"
"""The font of formulas, whose parts stand over one another."""
HOSTILE = [
    '#import "@preview/cetz:0.3.0": *',
    '#read("/etc/passwd")',
    '#image("/etc/hostname")',
    "#panic()",
    "#{while true {}}",
    "$ x^2 $",
    "$",
    "*a* _b_ `c`",
    "\\",
    "\\u{1F600}",
    "] [ ) ( } {",
    "<label>",
    "@ref",
    "= Título",
    "- item",
    "+ item",
    "/ term: x",
    "// nada",
    "/* nada */",
    "~ -- --- ...",
    "https://example.org/#x",
    "\"comillas\" 'y' «más»",
    "</svg><script>",
    "中文 😀 \u202e\u0000\u0007\ufeff",
    '"}]}\n{"kind":',
]

every_real = pytest.mark.parametrize(("name", "lang"), REAL)


# What is shown ---------------------------------------------------------------------------------


@cache
def executed(name: str, lang: str) -> NotebookNode:
    """Run the cells of a notebook here, and keep its blocks as an executed notebook does."""
    source = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    cells, space = [], {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ROOT_VARIABLE, str(ROOT))
        for cell in source.cells:
            if cell.cell_type != "code":
                cells.append(cell)
                continue
            shown: list[Block] = []
            space["display"] = shown.append
            body = ast.parse(cell.source).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), name, "exec"), space)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), name, "eval"), space)
                shown += [value] if isinstance(value, Block) else []
            if "parameters" in cell.metadata.get("tags", []):
                space["lang"] = lang
            outputs = [
                nbformat.v4.new_output("display_data", {MIME: json.loads(json.dumps(block.data))})
                for block in shown
            ]
            cells.append(nbformat.v4.new_code_cell(cell.source, outputs=outputs))
    return nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)


def blocks_of(notebook: NotebookNode) -> list[dict[str, Any]]:
    return [output.data[MIME] for cell in notebook.cells for output in cell.get("outputs", [])]


@cache
def real(name: str, lang: str) -> bytes:
    return render_pdf(executed(name, lang), edition=EDITION)


def number(text: str, evidence: str = "published", origin: str = "fila 1") -> dict[str, Any]:
    details = [["Clase", evidence], ["Método", "impreso en la fuente"], ["Origen", origin]]
    hint = " · ".join(value for _, value in details)
    return {
        "kind": "number",
        "text": text,
        "evidence": evidence,
        "details": details,
        "hint": hint,
        "card": "Detalle",
    }


def passage(markdown: str, *numbers: dict[str, Any]) -> dict[str, Any]:
    """Write a passage; ``{0}`` stands for the place of a number."""
    marked = re.sub(r"\{(\d+)\}", "\ue000\\1\ue001", markdown)
    return {"markdown": marked, "numbers": list(numbers)}


def prose(markdown: str, *numbers: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "prose", "lang": "es", **passage(markdown, *numbers)}


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="680" viewBox="0 0 510 60" version="1.1">'
    '<path d="M 5 5 L 505 5 L 505 40 z" style="fill: var(--teal, #0b5563)"/>'
    '<text x="5" y="55" style="font-size: 10px; font-family: \'Source Sans 3\'">eje</text></svg>'
)


def table(size: int = 2, evidence: tuple[str, ...] = ("published",), **more: Any) -> dict[str, Any]:
    return {
        "kind": "table",
        "lang": "es",
        "caption": "Ciudades y recuentos",
        "columns": [
            {"key": "city", "label": "Ciudad", "look": ""},
            {"key": "n", "label": "Recuento", "look": "numeric"},
            {"key": "verdict", "label": "Veredicto", "look": ""},
        ],
        "rows": [
            {
                "city": {"kind": "text", "text": f"Ciudad {row}"},
                "n": number(f"{row},5", evidence[0]),
                "verdict": {"kind": "tag", "key": "possible", "label": "posible"},
            }
            for row in range(size)
        ],
        "evidence": list(evidence),
        "source": "Fuente: Estudio, sección 2.",
        "note": "",
        "folded": False,
        **more,
    }


def figure(evidence: tuple[str, ...] = ("published",), **more: Any) -> dict[str, Any]:
    return {
        "kind": "figure",
        "lang": "es",
        "id": "bases",
        "title": "Diez no alcanzan",
        "alt": "Diez no alcanzan: la primera base es cuarenta.",
        "svg": {"wide": SVG, "narrow": SVG},
        "caption": "Bases posibles.",
        "table": table(),
        "evidence": list(evidence),
        "source": "Fuente: Estudio, sección 2; cálculo propio.",
        **more,
    }


def head(**more: Any) -> dict[str, Any]:
    return {
        "kind": "head",
        "lang": "es",
        "name": "99_prueba",
        "kicker": "Una prueba",
        "title": "Las cifras no salen de diez ciudades",
        "finding": "Una base de cuarenta basta.",
        "date": "2017",
        "lead": passage("El {0} de las ciudades mide.", number("48 %")),
        "study": {
            "title": "Hacia una acción internacional",
            "citation": "Cuaderno AL-LAs N.º 8",
            "publishers": ["AL-LAs", "UCCI"],
            "year": "2018",
        },
        **more,
    }


def sample() -> list[dict[str, Any]]:
    """Make one block of each kind, with everything that prose can hold."""
    return [
        head(),
        {
            "kind": "findings",
            "lang": "es",
            "findings": passage("- Un {0} exige {1}.", number("48 %"), number("21", "bounded")),
            "cautions": passage("- Nada es seguro."),
        },
        prose(
            "## Qué se publicó\n\nTexto **fuerte** y *con énfasis*, `código` y "
            "[un enlace](https://example.org/a).\n\n### Más\n\n1. uno\n2. dos\n   - tres\n\n"
            "> Una cita.\n\n```\ncódigo\n```\n\n| A | B |\n|---|--:|\n| x | 1 |\n\n---\n"
        ),
        figure(),
        table(),
        {"kind": "output", "lang": "es", "text": "salida\n  de texto"},
        {
            "kind": "closing",
            "lang": "es",
            "parts": [
                {"heading": "Método", **passage("Se contó {0}.", number("40", "bounded", "fila 2"))}
            ],
        },
    ]


def render(*blocks: dict[str, Any]) -> bytes:
    return render_pdf([head(), *blocks], edition=EDITION)


# What is in a PDF ------------------------------------------------------------------------------


def opened(data: bytes) -> pymupdf.Document:
    return pymupdf.open("pdf", data)


def pages_text(data: bytes) -> list[str]:
    return [" ".join(page.get_text().split()) for page in opened(data)]


def lines(page: pymupdf.Page) -> list[list[dict[str, Any]]]:
    """List the spans of each line of a page."""
    blocks = page.get_text("dict")["blocks"]
    return [line["spans"] for block in blocks for line in block.get("lines", [])]


def squeezed(text: str) -> str:
    """Drop spaces and the marks that hyphenation adds or removes."""
    return re.sub(r"[\s\u00ad\u200b\u00a0-]", "", text)


def elements(node: Any) -> Iterator[Dictionary]:
    if isinstance(node, Array):
        for item in node:
            yield from elements(item)
    elif isinstance(node, Dictionary) and "/S" in node:
        yield node
        yield from elements(node.get("/K"))


def roles(document: Pdf, role: str) -> list[Dictionary]:
    return [item for item in elements(document.Root.StructTreeRoot.K) if str(item.S) == role]


def tags(data: bytes, role: str) -> int:
    with Pdf.open(io.BytesIO(data)) as document:
        return len(roles(document, role))


def checked(data: bytes, folder: Path) -> Result:
    path = folder / "cuaderno.pdf"
    path.write_bytes(data)
    return check(str(path))
