"""HTML pages and PDFs of the questionnaire: codebook and printable form."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from analysis import texts
from analysis.exports.columns import variables
from analysis.exports.counts import count
from analysis.exports.form import paper
from analysis.exports.words import in_words
from analysis.instrument.model import GROUP, NOTE, Instrument, Item

if TYPE_CHECKING:
    from jinja2 import Environment

    from analysis.responses import Wave

_CSP = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"


class FormError(ValueError):
    """The form could not be set in type; the message gives Typst's reason."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("analysis", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["say"] = texts.label
    return made


@cache
def _style(*sheets: str) -> str:
    folder = files("analysis")
    faces = []
    for family, file in (("Source Serif 4", "SourceSerif4"), ("Source Sans 3", "SourceSans3")):
        data = base64.b64encode(folder.joinpath("fonts", f"{file}.woff2").read_bytes()).decode()
        faces.append(
            f'@font-face{{font-family:"{family}";font-weight:200 900;font-display:swap;'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
        )
    found = [folder.joinpath("templates", f"{sheet}.css").read_text("utf-8") for sheet in sheets]
    return re.sub(r"\s*\n\s*", "\n", "".join([*faces, *found]))


def form_page(instrument: Instrument, lang: str = "es") -> str:
    """Write the printable questionnaire as one self-contained HTML page."""
    return (
        _environment()
        .get_template("instrument/form.html.j2")
        .render(form=paper(instrument, lang), lang=lang, style=_style("instrument/form"), csp=_CSP)
    )


def form_pdf(instrument: Instrument, lang: str = "es") -> bytes:
    """Set the printable questionnaire in type as a PDF/UA-1, with Typst.

    Raises
    ------
    FormError
        When Typst refuses it.
    """
    import typst

    template = files("analysis").joinpath("templates", "instrument", "form.typ").read_bytes()
    data = json.dumps(paper(instrument, lang), ensure_ascii=False).encode("utf-8")
    with as_file(files("analysis").joinpath("fonts")) as folder:
        try:
            return typst.compile(
                {"main.typ": template, "data.json": data},
                root=folder,  # otherwise the template could read the working folder
                font_paths=typst.Fonts(include_system_fonts=False, font_paths=[folder]),
                ignore_system_fonts=True,
                pdf_standards="ua-1",
                timestamp=0,
            )
        except typst.TypstError as error:
            raise FormError(f"Typst no pudo componer el cuestionario: {error.message}") from error


def codebook_page(instrument: Instrument, lang: str = "es", wave: Wave | None = None) -> str:
    """Write the codebook as one self-contained HTML page, with counts when a wave is given.

    Counts stand with their base and no percentage; the page of a demonstration wave says on its
    top that its respondents are fictitious.
    """
    return (
        _environment()
        .get_template("instrument/codebook.html.j2")
        .render(
            book=_book(instrument, lang, wave),
            lang=lang,
            style=_style("screen", "page", "instrument/codebook"),
            csp=_CSP,
        )
    )


def _book(instrument: Instrument, lang: str, wave: Wave | None) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for variable in variables(instrument):
        names.setdefault(variable.item.code, []).append(variable.name)
    groups: list[dict[str, Any]] = [{"title": "", "code": "", "items": []}]
    for item in instrument.items:
        if item.type == GROUP:
            groups.append({"title": item.label[lang], "code": item.code, "items": []})
        elif item.type != NOTE:
            groups[-1]["items"].append(_entry(item, instrument, lang, wave, names[item.code]))
    demo = wave is not None and str(wave.evidence) == "demo"
    return {
        "title": instrument.title[lang],
        "version": instrument.version,
        "statement": instrument.statement[lang],
        "consent": instrument.settings["consent"][lang],
        "groups": [group for group in groups if group["items"]],
        "questions": texts.number(len(instrument.questions), lang),
        "wave": None if wave is None else wave.id,
        "respondents": None if wave is None else texts.number(len(wave.respondents), lang),
        "demo": demo,
        "demo_name": texts.label("evidence.demo.name", lang),
        "demo_meaning": texts.label("evidence.demo.meaning", lang),
    }


def _entry(
    item: Item, instrument: Instrument, lang: str, wave: Wave | None, names: list[str]
) -> dict[str, Any]:
    def said(key: str, value: str | None) -> str:
        return texts.label(f"instrument.{key}.{value}", lang) if value else ""

    counted = count(wave, item) if wave is not None else None
    where = in_words(
        instrument.conditions(item.code),
        instrument,
        lang,
        lambda code: texts.label("instrument.quoted", lang, text=instrument.item(code).label[lang]),
    )
    conditions = " and ".join(instrument.conditions(item.code))
    facts = [
        ("type", said("type", item.type)),
        ("required", texts.label(f"instrument.template.{'yes' if item.required else 'no'}", lang)),
        ("when", texts.label("instrument.template.only_if", lang, when=where) if where else ""),
        ("condition", conditions),
        ("limits", item.constraint_message.get(lang, "")),
        ("stage", said("stage", item.stage)),
        ("dimension", said("dimension", item.dimension)),
        ("sensitivity", said("sensitivity", item.sensitivity)),
        ("section", item.origin or ""),
        ("basis", said("basis", item.basis)),
        ("variable", names[0] if len(names) == 1 and names[0] != item.code else ""),
    ]
    kept = iter(names)
    choices = [
        {
            "code": choice.code,
            "label": choice.label[lang],
            "variable": "" if choice.missing or len(names) == 1 else next(kept),
            "marks": [
                *([said("intensity", choice.intensity)] if choice.intensity else []),
                *([said("mark", "exclusive")] if choice.exclusive else []),
                *([said("missing", choice.missing)] if choice.missing else []),
                *([said("mark", "other")] if choice.other else []),
            ],
            "count": None
            if counted is None
            else counted.states.get(choice.missing, 0)
            if choice.missing
            else counted.choices[choice.code],
        }
        for choice in item.choices
    ]
    return {
        "code": item.code,
        "label": item.label[lang],
        "hint": item.hint.get(lang, ""),
        "facts": [(texts.label(f"instrument.fact.{key}", lang), v) for key, v in facts if v],
        "choices": choices,
        "many": len(names) > 1,
        "base": None if counted is None else texts.number(counted.base, lang),
        "range": None
        if counted is None or counted.least is None
        else [texts.number(_tidy(v), lang) for v in (counted.least, counted.greatest)],
        "reasons": []
        if counted is None
        else [(said("missing", reason), n) for reason, n in counted.states.items()],
    }


def _tidy(value: float | None) -> int | float:
    number = float(value or 0)
    return int(number) if number.is_integer() else number
