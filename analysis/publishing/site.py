"""The whole of what is published: pages, index, search, and what stands around each page.

Everything is drawn again from the executed notebooks that are in the folder of reports, also
those of earlier builds, so that neighbours, index and search always agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from analysis import display, texts
from analysis.files import write_whole
from analysis.paths import Project
from analysis.prose import to_text
from analysis.provenance import EvidenceClass
from analysis.published import Study, load_study
from analysis.publishing.crate import how_made
from analysis.publishing.document import Document, document
from analysis.publishing.edition import Edition, read_edition
from analysis.publishing.glossary import terms
from analysis.publishing.page import Link, Surroundings, common, environment, render_page
from analysis.publishing.variants import notebook_name, variant_name

PROVENANCE = "provenance/ro-crate-metadata.json"
_MARKER = re.compile(r"^\s*(?:(?:#+|[-*+])\s+)?")


@dataclass(frozen=True)
class Sheet:
    """One cuaderno in one language, ready to be drawn.

    Parameters
    ----------
    executed : Path
        The executed notebook.
    doc : Document
        What it says.
    around : Surroundings
        What stands around its page.
    out : Path
        Folder of the reports.
    """

    executed: Path
    doc: Document
    around: Surroundings
    out: Path

    @property
    def page(self) -> Path:
        """Where the page goes."""
        return self.out / self.doc.lang / f"{self.doc.name}.html"

    @property
    def pdf(self) -> Path:
        """Where the PDF goes."""
        return self.out / self.doc.lang / f"{self.doc.name}.pdf"


def forget_removed(project: Project, out: Path) -> None:
    """Delete what was made of notebooks that no longer exist, failures too."""
    kept = [path for room in ("executed", "failed") for path in (out / room).glob("*/*.ipynb")]
    for executed in sorted(kept):
        if (project.notebooks / f"{notebook_name(executed.stem)}.ipynb").is_file():
            continue
        lang, name = executed.parent.name, executed.stem
        for path in (
            executed,
            out / lang / f"{name}.html",
            out / lang / f"{name}.pdf",
            out / "provenance" / lang / f"{name}.json",
        ):
            path.unlink(missing_ok=True)


def documents(out: Path, lang: str) -> dict[str, tuple[Path, Document]]:
    """Read every executed notebook of a language, by name; one that cannot be read is left out."""
    found = {}
    kept = (out / "executed" / lang).glob("*.ipynb")
    for path in sorted(kept, key=lambda path: path.stem):  # a variant follows its notebook
        try:
            found[path.stem] = (path, document(nbformat.read(path, as_version=4), path.stem))
        except ValueError:
            continue
    return found


def languages(out: Path) -> list[str]:
    """List the languages that have executed notebooks, in their fixed order."""
    return [lang for lang in texts.LOCALES if any((out / "executed" / lang).glob("*.ipynb"))]


def sheets(project: Project, out: Path, *, pdf: bool) -> list[Sheet]:
    """Prepare every cuaderno of a folder of reports."""
    edition = read_edition(project.root)
    every = {lang: documents(out, lang) for lang in languages(out)}
    found = []
    for lang, docs in every.items():
        names = list(docs)
        for number, (name, (path, doc)) in enumerate(docs.items()):
            found.append(
                Sheet(
                    executed=path,
                    doc=doc,
                    around=Surroundings(
                        edition=edition,
                        home="index.html",
                        languages=_versions(every, lang, name),
                        pdf=f"{name}.pdf" if pdf else "",
                        previous=_link(docs, names[number - 1]) if number else None,
                        following=_link(docs, names[number + 1])
                        if number + 1 < len(names)
                        else None,
                        provenance=f"../{PROVENANCE}",
                        made=how_made(project, path, lang),
                    ),
                    out=out,
                )
            )
    return found


def _link(docs: Mapping[str, tuple[Path, Document]], name: str) -> Link:
    return Link(f"{name}.html", docs[name][1].head["title"])


def _versions(every: Mapping[str, Mapping[str, Any]], lang: str, name: str) -> list[Link]:
    """Link the same page in the other languages."""
    return [
        Link(
            "" if other == lang else f"../{other}/{name}.html",
            texts.label("page.language", other),
            other,
        )
        for other, docs in every.items()
        if name in docs
    ]


def draw(sheet: Sheet) -> list[Path]:
    """Write the page of a cuaderno, and its PDF when the page links one."""
    notebook = nbformat.read(sheet.executed, as_version=4)
    write_whole(sheet.page, render_page(notebook, sheet.doc.name, sheet.around))
    made = [sheet.page]
    if sheet.around.pdf:
        from analysis.publishing.pdf import render_pdf  # Typst is loaded only where it is used

        blocks = [sheet.doc.head, *sheet.doc.blocks]
        pdf = render_pdf(
            blocks, edition=sheet.around.edition, lang=sheet.doc.lang, brief=sheet.doc.brief
        )
        write_whole(sheet.pdf, pdf)
        made.append(sheet.pdf)
    return made


def write_indexes(project: Project, out: Path) -> Path:
    """Write the index of each language, and ``index.html`` in the first of them."""
    study, edition = load_study(project), read_edition(project.root)
    langs = languages(out) or [texts.DEFAULT_LANGUAGE]
    for lang in langs:
        docs = [doc for _, doc in documents(out, lang).values()]
        others = [
            Link("" if o == lang else f"../{o}/index.html", texts.label("page.language", o), o)
            for o in langs
        ]
        html = render_index(project, study, edition, docs, lang, others, "", "../")
        write_whole(out / lang / "index.html", html)
        if lang == langs[0]:
            others = [
                Link("" if o == lang else f"{o}/index.html", texts.label("page.language", o), o)
                for o in langs
            ]
            html = render_index(project, study, edition, docs, lang, others, f"{lang}/", "")
            write_whole(out / "index.html", html)
    return out / "index.html"


def render_index(
    project: Project,
    study: Study,
    edition: Edition,
    docs: Sequence[Document],
    lang: str,
    others: Sequence[Link],
    pages: str,
    root: str,
) -> str:
    """Render an index.

    Parameters
    ----------
    docs : sequence of Document
        The cuadernos, in order.
    others : sequence of Link
        The index in each language.
    pages, root : str
        Ways from the index to the pages of the language and to the folder of the reports.
    """
    say = display.speaker(lang)
    title = say("index.title")
    about = {
        "title": study.title,
        "citation": study.citation,
        "publishers": list(study.publishers),
        "year": str(study.year),
    }
    cards = [
        {**doc.summary(), "href": f"{pages}{doc.name}.html", "variant": variant_name(doc.name)}
        for doc in docs
    ]
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            page=common(lang, about, edition, title),
            home="index.html",
            languages=others,
            pdf="",
            title=title,
            lead=say("index.lead", citation=study.citation),
            citation=study.citation,
            cards=cards,
            demo=any("demo" in card["evidence"] for card in cards),
            classes=[str(item) for item in EvidenceClass],
            glossary=terms(lang),
            made=how_made(project, None, lang),
            provenance=f"{root}{PROVENANCE}",
            entries=[entry for doc in docs for entry in _entries(doc, f"{pages}{doc.name}.html")],
        )
    )


def _entries(doc: Document, href: str) -> list[dict[str, str]]:
    """List what can be searched in a cuaderno: its head, its sections, its figures and tables."""
    title = doc.head["title"]
    lead = doc.head["lead"]
    headings = dict(doc.contents)
    here = ""  # the section that a passage without a heading goes on with
    found = [_entry(title, "", href, _plain(lead))]
    for block in doc.blocks:
        if block["kind"] == "findings":
            words = f"{_plain(block['findings'])} {_plain(block['cautions'])}"
            found.append(
                _entry(title, texts.label("page.findings", doc.lang), f"{href}#hallazgos", words)
            )
        elif block["kind"] == "prose":
            for anchor, words in _by_heading(block):
                here = anchor or here
                found.append(_entry(title, headings.get(here, ""), _at(href, here), words))
        elif block["kind"] == "closing":
            for part in block["parts"]:
                where = _at(href, part["anchor"])
                found.append(_entry(title, part["heading"], where, _plain(part)))
        elif block["kind"] in ("figure", "table"):
            table = block.get("table", block)
            words = [
                str(c.get("label", c.get("text", ""))) for r in table["rows"] for c in r.values()
            ]
            name = block.get("title") or block["caption"]
            anchor = f"fig-{block['id']}" if block["kind"] == "figure" else f"tabla-{block['n']}"
            found.append(_entry(title, name, f"{href}#{anchor}", " ".join(words)))
    return found


def _at(href: str, anchor: str) -> str:
    return f"{href}#{anchor}" if anchor else href


def _by_heading(block: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Split a passage at its headings: the anchor of each part (the first may have none), words."""
    parts: list[list[str]] = [[]]
    for line in block["markdown"].splitlines():
        if line.startswith("## "):
            parts.append([])
        parts[-1].append(line)
    anchors = ["", *block["anchors"]]
    split = [
        (anchor, _plain({**block, "markdown": "\n".join(lines)}))
        for anchor, lines in zip(anchors, parts, strict=True)
    ]
    return [(anchor, words) for anchor, words in split if words]


def _entry(title: str, section: str, href: str, text: str) -> dict[str, str]:
    return {"title": title, "section": section, "href": href, "text": " ".join(text.split())}


def _plain(passage: Mapping[str, Any]) -> str:
    numbers = [number["text"] for number in passage["numbers"]]
    lines = [_MARKER.sub("", line) for line in passage["markdown"].splitlines()]
    return to_text(" ".join(line for line in lines if line), numbers)


def numbers_of(doc: Document) -> list[dict[str, Any]]:
    """List every number that a cuaderno shows, with all that stands behind it."""
    found: list[dict[str, Any]] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("kind") == "number":
                found.append({k: value[k] for k in ("text", "evidence", "details")})
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk([dict(doc.head), *doc.blocks])
    return found


def write_numbers(out: Path, doc: Document) -> Path:
    """Write the numbers of a cuaderno as JSON."""
    path = out / "provenance" / doc.lang / f"{doc.name}.json"
    data = {**doc.summary(), "numbers": numbers_of(doc)}
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return path
