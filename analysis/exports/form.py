"""The questionnaire laid out for paper: numbered questions, boxes, and skips in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from analysis import texts
from analysis.exports.words import in_words
from analysis.instrument.model import (
    GROUP,
    NOTE,
    OTHER_SUFFIX,
    SELECT_MULTIPLE,
    SELECT_ONE,
    Instrument,
    Item,
)

_COLUMNS_FROM = 12  # choices: a longer list stands in columns
_SHORT = 24  # characters: the longest label of a list in columns


def paper(instrument: Instrument, lang: str) -> dict[str, Any]:
    """Lay the questionnaire out for paper, as plain data for HTML and Typst.

    Returns
    -------
    dict
        ``title``, ``statement``, ``consent``, ``closing``, ``notes`` (before the first section)
        and ``sections``, each with ``title``, ``hint``, ``when`` and ``runs``: consecutive
        questions that are asked under the same condition, ``when``, said once. A question has
        ``number``, ``code``, ``label``, ``hint``, ``kind`` (``one``, ``many``, ``lines``, ``line``
        , ``digits``, ``date``), ``choices`` (``label``, ``write``: a line to write on) and
        ``columns``.
    """
    numbers = {item.code: at for at, item in enumerate(_printed(instrument), start=1)}

    def refer(code: str) -> str:
        return texts.label("instrument.paper.question", lang, n=str(numbers.get(code, code)))

    sections = [
        {
            "title": group.label[lang],
            "hint": group.hint.get(lang, ""),
            "when": _part(
                in_words(instrument.conditions(group.code), instrument, lang, refer), lang
            ),
            "runs": _runs(instrument, group, numbers, lang, refer),
        }
        for group in instrument.items
        if group.type == GROUP
    ]
    loose = [item for item in _printed(instrument) if not item.groups]
    if loose:
        runs = _runs_of(instrument, loose, (), numbers, lang, refer)
        sections.insert(0, {"title": "", "hint": "", "when": "", "runs": runs})
    return {
        "lang": lang,
        "title": instrument.title[lang],
        "version": instrument.version,
        "statement": instrument.statement[lang],
        "consent": instrument.settings["consent"][lang],
        "closing": instrument.settings.get("closing", {}).get(lang, ""),
        "notes": [item.label[lang] for item in instrument.items if item.type == NOTE],
        "sections": [section for section in sections if section["runs"]],
        "say": {
            key: texts.label(f"instrument.paper.{key}", lang)
            for key in (
                "how",
                "one",
                "many",
                "number",
                "required",
                "version",
                "page",
                "day",
                "month",
                "year",
            )
        },
    }


def _part(when: str, lang: str) -> str:
    return texts.label("instrument.paper.section", lang, when=when) if when else ""


def _printed(instrument: Instrument) -> Iterator[Item]:
    """Yield the questions with a number on paper; the text of «otro» is a line of its choice."""
    inline = {
        item.code + OTHER_SUFFIX
        for item in instrument.questions
        if any(choice.other for choice in item.choices)
    }
    return (item for item in instrument.questions if item.code not in inline)


def _runs(
    instrument: Instrument, group: Item, numbers: dict[str, int], lang: str, refer: Any
) -> list[dict[str, Any]]:
    inside = (*group.groups, group.code)
    items = [item for item in _printed(instrument) if item.groups == inside]
    known = instrument.conditions(group.code)
    return _runs_of(instrument, items, known, numbers, lang, refer)


def _runs_of(
    instrument: Instrument,
    items: Sequence[Item],
    known: tuple[str, ...],
    numbers: dict[str, int],
    lang: str,
    refer: Any,
) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    for item in items:
        own = instrument.conditions(item.code)[len(known) :]
        when = in_words(own, instrument, lang, refer)
        if not runs or runs[-1]["condition"] != own:
            runs.append({"condition": own, "reason": when, "questions": []})
        runs[-1]["questions"].append(_question(item, numbers[item.code], lang))
    for run in runs:
        first, last = (run["questions"][end]["number"] for end in (0, -1))
        key = "only" if first == last else "only_from"
        run["when"] = (
            texts.label(f"instrument.paper.{key}", lang, a=first, b=last, when=run["reason"])
            if run["reason"]
            else ""
        )
        del run["condition"], run["reason"]
    return runs


def _question(item: Item, number: int, lang: str) -> dict[str, Any]:
    kinds = {SELECT_ONE: "one", SELECT_MULTIPLE: "many", "date": "date", "text": "line"}
    kind = "lines" if item.multiline else kinds.get(item.type, "digits")
    shown = [choice.label[lang] for choice in item.choices]
    many = len(shown) >= _COLUMNS_FROM and max(map(len, shown)) <= _SHORT
    return {
        "number": number,
        "code": item.code,
        "label": item.label[lang],
        "hint": item.hint.get(lang, ""),
        "kind": kind,
        "required": item.required,
        "columns": 3 if many else 1,
        "choices": [
            {
                "label": choice.label[lang],
                "write": choice.other,
                "apart": choice.exclusive and item.type == SELECT_MULTIPLE,
            }
            for choice in item.choices
        ],
    }
