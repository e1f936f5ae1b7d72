"""The page that a programme officer opens first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import display, texts
from analysis.paths import Project
from analysis.provenance import EvidenceClass
from analysis.published import load_study
from analysis.publishing.edition import read_edition
from analysis.publishing.page import CSP, stylesheet


def render_index(project: Project, cards: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Render the index.

    Parameters
    ----------
    project : Project
        For the study and the edition.
    cards : sequence of mapping
        What the page of each cuaderno says of itself (see :func:`analysis.publishing.page.export`).
    lang : str
        Language.
    """
    study, edition = load_study(project), read_edition(project.root)
    say = display.speaker(lang)
    title = say("index.title")
    return (
        display.environment()
        .get_template("index.html.j2")
        .render(
            lang=lang,
            say=say,
            csp=CSP,
            style=stylesheet(),
            title=title,
            lead=say("index.lead", citation=study.citation),
            citation=study.citation,
            site=f"{say('page.series')} · {study.citation}",
            edition=edition.text(lang),
            cards=cards,
            classes=[str(item) for item in EvidenceClass],
            names=display.evidence_names(lang),
            meanings={str(i): say(f"evidence.{i}.meaning") for i in EvidenceClass},
            cite=edition.citation(title, study.citation, lang),
            about_source=say(
                "page.about_source",
                title=study.title,
                citation=study.citation,
                publishers=texts.listing(study.publishers, lang),
                year=str(study.year),
            ),
        )
    )
