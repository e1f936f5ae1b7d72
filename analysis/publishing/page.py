"""From an executed notebook to one self-contained page, through nbconvert and our template."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Template
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode
from slugify import slugify

from analysis import display, texts
from analysis.display import MIME, Identifiers
from analysis.provenance import EvidenceClass
from analysis.publishing.edition import Edition

LAB_ONLY = "lab"
"""Tag of a cell that is for JupyterLab and stays out of the page."""

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing is loaded from anywhere and no script runs."""


class PageError(ValueError):
    """An executed notebook cannot become a page."""


@cache
def stylesheet() -> str:
    """Return the whole stylesheet, fonts inside."""
    faces = []
    for family, file in (("Source Serif 4", "SourceSerif4"), ("Source Sans 3", "SourceSans3")):
        data = files("analysis").joinpath("fonts", f"{file}.woff2").read_bytes()
        encoded = base64.b64encode(data).decode("ascii")
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:400 700;font-display:block;'
            f'src:url(data:font/woff2;base64,{encoded}) format("woff2")}}'
        )
    sheet = display.style("page") + display.style("screen")
    return "".join(faces) + re.sub(r"\s*\n\s*", " ", sheet)


def blocks_of(notebook: NotebookNode, lang: str) -> list[dict[str, Any]]:
    """Collect what a notebook shows, in order.

    Markdown cells (but for those tagged ``lab``) and outputs that are not ours are kept as plain,
    escaped text; code, warnings and errors are left out.
    """
    found: list[dict[str, Any]] = []
    for cell in notebook.cells:
        if LAB_ONLY in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            found.append({"kind": "prose", "markdown": cell.source, "numbers": [], "lang": lang})
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                found.append(dict(data[MIME]))
            elif output.output_type == "stream" and output.name == "stdout":
                found.append({"kind": "output", "text": output.text, "lang": lang})
            elif "text/plain" in data:
                found.append({"kind": "output", "text": data["text/plain"], "lang": lang})
    return found


def head_of(notebook: NotebookNode, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the head of a cuaderno; every cuaderno has one, and it comes first."""
    for block in blocks:
        if block["kind"] == "head":
            return block
    raise PageError(
        "El cuaderno no muestra su encabezado: falta una celda con cuaderno.head(estudio)."
    )


def classes_of(blocks: list[dict[str, Any]]) -> list[str]:
    """List the classes of evidence of everything that is shown, numbers in prose too."""
    shown = set(_evidence(blocks))
    return [str(item) for item in EvidenceClass if str(item) in shown]


def _evidence(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        own = value.get("evidence", [])
        yield from [own] if isinstance(own, str) else own
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _evidence(item)


class _Anchors:
    """Anchors of headings, unique in a page."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def anchor(self, title: str) -> str:
        base = slugify(title) or "seccion"
        name, number = base, 2
        while name in self.used:
            name, number = f"{base}-{number}", number + 1
        self.used.add(name)
        return name


_HEADING = re.compile(r"<h2>(.*?)</h2>")
_TAG = re.compile(r"<[^>]+>")


def _add_anchors(html: Markup, anchors: _Anchors) -> Markup:
    def replace(match: re.Match[str]) -> str:
        return f'<h2 id="{anchors.anchor(_TAG.sub("", match[1]))}">{match[1]}</h2>'

    return Markup(_HEADING.sub(replace, str(html)))


def _contents(blocks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """List the headings of the prose with the anchors that the page will give them."""
    anchors, found = _Anchors(), []
    for block in blocks:
        if block["kind"] == "prose":
            for line in block["markdown"].splitlines():
                if line.startswith("## "):
                    numbers = [number["text"] for number in block["numbers"]]
                    title = re.sub(
                        "\ue000(\\d+)\ue001", lambda m, n=numbers: n[int(m[1])], line[3:]
                    )
                    title = re.sub(r"\\(.)", r"\1", title).strip()
                    found.append((anchors.anchor(title), title))
        for part in block.get("parts", []):
            part["anchor"] = anchors.anchor(part["heading"])
            found.append((part["anchor"], part["heading"]))
    return found


class CuadernoExporter(TemplateExporter):
    """nbconvert exporter of a cuaderno: one HTML file that needs nothing else.

    ``resources`` takes ``edition`` (:class:`Edition`), ``home`` (link to the index).
    """

    export_from_notebook = "Cuaderno (HTML)"
    file_extension = ".html"
    output_mimetype = "text/html"

    def _load_template(self) -> Template:
        # our own environment instead of nbconvert's: everything that a template prints is escaped
        env = display.environment().overlay()
        env.filters["anchors"] = _add_anchors
        return env.get_template("cuaderno/index.html.j2")

    def from_notebook_node(
        self, nb: NotebookNode, resources: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Turn an executed notebook into a page.

        Raises
        ------
        PageError
            When it has no head.
        """
        prepared: dict[str, Any] = dict(resources or {})
        lang = next(
            (
                o.data[MIME]["lang"]
                for c in nb.cells
                for o in c.get("outputs", [])
                if MIME in o.get("data", {})
            ),
            texts.DEFAULT_LANGUAGE,
        )
        blocks = blocks_of(nb, lang)
        prepared["cuaderno"] = _page(nb, blocks, lang, prepared)
        return super().from_notebook_node(nb, prepared, **kwargs)


def _page(
    notebook: NotebookNode, blocks: list[dict[str, Any]], lang: str, resources: Mapping[str, Any]
) -> dict[str, Any]:
    head = head_of(notebook, blocks)
    edition: Edition = resources.get("edition") or Edition("", None, ("Cuadernos",))
    count = {"figure": 0, "table": 0}
    for block in blocks:
        if block["kind"] in count:
            count[block["kind"]] += 1
            block["n"] = count[block["kind"]]
    study = head["study"]
    return {
        "lang": lang,
        "head": head,
        "blocks": [block for block in blocks if block["kind"] != "head"],
        "evidence": classes_of(blocks),
        "contents": _contents(blocks),
        "anchors": _Anchors(),
        "names": display.evidence_names(lang),
        "meanings": {
            str(item): texts.label(f"evidence.{item}.meaning", lang) for item in EvidenceClass
        },
        "ids": Identifiers(),
        "say": display.speaker(lang),
        "site": f"{texts.label('page.series', lang)} · {study['citation']}",
        "home": resources.get("home", "../index.html"),
        "edition": edition.text(lang),
        "citation": edition.citation(head["title"], study["citation"], lang),
        "about_source": texts.label(
            "page.about_source",
            lang,
            title=study["title"],
            citation=study["citation"],
            publishers=texts.listing(study["publishers"], lang),
            year=study["year"],
        ),
        "style": stylesheet(),
        "csp": CSP,
    }


def export(notebook: NotebookNode, *, edition: Edition, home: str) -> tuple[str, dict[str, Any]]:
    """Return the page of an executed notebook and what the index needs to know of it.

    Returns
    -------
    (str, dict)
        HTML, and ``name``, ``title``, ``finding``, ``kicker``, ``date``, ``evidence``, ``lang``,
        ``study``.
    """
    html, resources = CuadernoExporter().from_notebook_node(
        notebook, {"edition": edition, "home": home}
    )
    page = resources["cuaderno"]
    head = page["head"]
    summary = {key: head[key] for key in ("name", "title", "finding", "kicker", "date", "study")}
    return html, {**summary, "evidence": page["evidence"], "lang": page["lang"]}
