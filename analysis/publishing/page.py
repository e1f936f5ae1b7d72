"""From a document to one self-contained page, through nbconvert and our template."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from analysis import display, texts
from analysis.display import Identifiers, Place
from analysis.provenance import EvidenceClass
from analysis.publishing import downloads
from analysis.publishing.document import Document, document
from analysis.publishing.edition import Edition
from analysis.publishing.glossary import Explainer, Term


class Cards(Identifiers):
    """The cards of a page: numbers that say the same open the same one, at the end of the page.

    A page with large tables would otherwise repeat the origin of each number in every cell.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ids: dict[str, str] = {}
        self._items: list[tuple[str, Mapping[str, Any]]] = []

    def place(self, item: Mapping[str, Any]) -> Place:
        """Return the card of a number, new when nothing before it said the same."""
        said = json.dumps([item["text"], item["evidence"], item["details"]])
        if said not in self._ids:
            self._ids[said] = self.next()
            self._items.append((self._ids[said], item))
        return Place(self._ids[said], here=False)

    def cards(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return identifier and number of each card, in order."""
        return self._items


@dataclass(frozen=True)
class Link:
    """A link to another page: where, what it is called, in which language it is."""

    href: str
    label: str
    lang: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What stands around a page: edition, index, other languages, PDF, neighbours.

    Parameters
    ----------
    edition : Edition
        Version, date and authors.
    home : str
        Link to the index.
    languages : sequence of Link
        The same page in each language; the present one has an empty ``href``.
    pdf : str
        Link to the PDF, empty when there is none.
    previous, following : Link or None
        Neighbours in the order of the notebooks.
    provenance : str
        Link to the machine-readable provenance, empty when there is none.
    made : sequence of (str, str)
        How it was made, as pairs of label and text.
    """

    edition: Edition = field(default_factory=lambda: Edition("", None, ("Cuadernos",)))
    home: str = "index.html"
    languages: Sequence[Link] = ()
    pdf: str = ""
    previous: Link | None = None
    following: Link | None = None
    provenance: str = ""
    made: Sequence[tuple[str, str]] = ()


_FACES = (
    ("Source Serif 4", "normal", "SourceSerif4"),
    ("Source Serif 4", "italic", "SourceSerif4-Italic"),
    ("Source Sans 3", "normal", "SourceSans3"),
)
_FORMULAS = ("STIX Two Math", "normal", "STIXTwoMath")


@cache
def stylesheet(*, formulas: bool = False) -> str:
    """Return the whole stylesheet, fonts inside; that of formulas only where there are some."""
    faces = []
    for family, slope, file in (*_FACES, _FORMULAS) if formulas else _FACES:
        data = files("analysis").joinpath("fonts", f"{file}.woff2").read_bytes()
        encoded = base64.b64encode(data).decode("ascii")
        faces.append(
            f'@font-face{{font-family:"{family}";font-style:{slope};font-weight:400 700;'
            f'font-display:block;src:url(data:font/woff2;base64,{encoded}) format("woff2")}}'
        )
    sheet = display.style("screen") + display.style("page")
    return "".join(faces) + re.sub(r"\s*\n\s*", " ", sheet)


@cache
def script() -> str:
    """Return the script of the pages."""
    return files("analysis").joinpath("templates", "reader.js").read_text("utf-8")


@cache
def policy() -> str:
    """Return the Content-Security-Policy: our script and nothing else, nothing from a network."""
    digest = base64.b64encode(hashlib.sha256(script().encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def environment() -> Environment:
    """Return the templates of the pages."""
    env = display.environment().overlay()
    env.filters["anchored"] = _anchored
    env.filters["downloads"] = lambda block, name: downloads.links(block, name)
    return env


def _anchored(html: Markup, anchors: Sequence[str]) -> Markup:
    """Give the headings of a passage their anchors."""
    left = iter(anchors)
    return Markup(re.sub(r"<h2>", lambda _: f'<h2 id="{next(left)}">', str(html)))


def _explainer(lang: str, ids: Identifiers) -> Explainer:
    macro = environment().get_template("blocks.html.j2").module.term  # type: ignore[attr-defined]

    def draw(word: str, term: Term) -> Markup:
        return macro(word, term, ids.next())

    return Explainer(lang, draw)


def common(lang: str, study: Mapping[str, Any], edition: Edition, title: str) -> dict[str, Any]:
    """Return what every page of a language needs, the index too."""
    say = display.speaker(lang)
    return {
        "lang": lang,
        "say": say,
        "names": display.evidence_names(lang),
        "meanings": {str(item): say(f"evidence.{item}.meaning") for item in EvidenceClass},
        "site": f"{say('page.series')} · {study['citation']}",
        "edition": edition.text(lang),
        "citation": edition.citation(title, study["citation"], lang),
        "about_source": _about_source(study, lang),
        "authors": texts.listing(edition.authors, lang),
        "style": stylesheet(),
        "script": script(),
        "csp": policy(),
    }


def _about_source(study: Mapping[str, Any], lang: str) -> Markup:
    """Cite the source study; its title is in Spanish in every language."""
    mark = "\ue000"
    publishers = texts.listing(study["publishers"], lang)
    text = texts.label(
        "page.about_source",
        lang,
        title=mark,
        citation=study["citation"],
        publishers=publishers,
        year=study["year"],
    )
    title = Markup('<cite lang="es">{}</cite>').format(study["title"])
    return Markup(str(escape(text)).replace(mark, str(title)))


def page_context(doc: Document, around: Surroundings) -> dict[str, Any]:
    """Return what the template of a page needs."""
    ids = Cards()
    return {
        **common(doc.lang, doc.head["study"], around.edition, doc.head["title"]),
        "style": stylesheet(formulas=doc.has_formulas),
        "doc": doc,
        "head": doc.head,
        "around": around,
        "ids": ids,
        "explain": _explainer(doc.lang, Identifiers("t")),  # nbconvert copies `ids`
        "demo": "demo" in doc.evidence,
    }


class CuadernoExporter(TemplateExporter):
    """nbconvert exporter of a cuaderno: one HTML file that needs nothing else.

    ``resources["surroundings"]`` takes a :class:`Surroundings`.
    """

    export_from_notebook = "Cuaderno (HTML)"
    file_extension = ".html"
    output_mimetype = "text/html"

    def _load_template(self) -> Template:
        # our own environment instead of nbconvert's: everything that a template prints is escaped
        return environment().get_template("cuaderno/index.html.j2")

    def from_notebook_node(
        self, nb: NotebookNode, resources: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Turn an executed notebook into a page.

        Raises
        ------
        PageError
            When it shows no head.
        """
        prepared: dict[str, Any] = dict(resources or {})
        around = prepared.get("surroundings") or Surroundings()
        name = prepared.get("name", "")
        prepared["page"] = page_context(document(nb, name), around)
        return super().from_notebook_node(nb, prepared, **kwargs)


def render_page(notebook: NotebookNode, name: str, around: Surroundings) -> str:
    """Return the page of an executed notebook."""
    resources = {"surroundings": around, "name": name}
    return CuadernoExporter().from_notebook_node(notebook, resources)[0]
