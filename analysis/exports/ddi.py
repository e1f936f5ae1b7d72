"""The questionnaire as a DDI-Codebook 2.5, which data archives read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.exports.columns import Variable, variables
from analysis.exports.counts import Counts, count
from analysis.instrument.model import NUMBER_TYPES, Instrument

if TYPE_CHECKING:
    from lxml.etree import _Element

    from analysis.responses import Wave

NAMESPACE = "ddi:codebook:2_5"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_INTERVAL = {"scale": "contin", "nominal": "discrete"}


def ddi(instrument: Instrument, wave: Wave | None = None) -> bytes:
    """Write a DDI-Codebook 2.5 with every language, and counts when a wave is given.

    The variables are those of the SPSS and Stata files, under the same names; each
    ``select_multiple`` is a group of variables of the type ``multipleResp``. Relevance stands as
    the universe of a variable, its section of the Cuaderno and its tags as notes.
    """
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}codeBook", nsmap={None: NAMESPACE}, version="2.5")
    root.set(_LANG, instrument.settings["default_language"]["es"])
    _study(root, instrument, wave)
    data = _add(root, "dataDscr")
    columns = variables(instrument)
    _groups(data, instrument, columns)
    counted: dict[str, Counts] = {}
    for variable in columns:
        code = variable.item.code
        if wave is not None and code not in counted:
            counted[code] = count(wave, variable.item)
        _variable(data, variable, instrument, counted.get(code))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(
    parent: _Element, tag: str, text: str = "", lang: str = "", /, **attributes: str
) -> _Element:
    from lxml import etree

    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", **attributes)
    if lang:
        child.set(_LANG, lang)
    if text:
        child.text = text
    return child


def _say(parent: _Element, tag: str, labels: Mapping[str, str]) -> None:
    for lang, text in labels.items():
        _add(parent, tag, text, lang)


def _study(root: _Element, instrument: Instrument, wave: Wave | None) -> None:
    study = _add(root, "stdyDscr")
    titles = _add(_add(study, "citation"), "titlStmt")
    (first, title), *others = instrument.title.items()
    _add(titles, "titl", title, first)
    for lang, text in others:
        _add(titles, "parTitl", text, lang)
    _add(titles, "IDNo", instrument.settings["form_id"]["es"])
    info = _add(study, "stdyInfo")
    _say(info, "abstract", instrument.statement)
    if wave is not None:
        _add(_add(info, "sumDscr"), "universe", f"{wave.id} ({wave.evidence})")
    _say(_add(study, "dataAccs"), "notes", instrument.settings["consent"])


def _groups(data: _Element, instrument: Instrument, columns: tuple[Variable, ...]) -> None:
    members: dict[str, list[str]] = {}
    for variable in columns:
        if variable.choice:
            members.setdefault(variable.item.code, []).append(f"V_{variable.name}")
    for code, names in members.items():
        group = _add(
            data,
            "varGrp",
            ID=f"G_{code}",
            type="multipleResp",
            name=code,
            var=" ".join(names),
        )
        _say(group, "labl", instrument.item(code).label)


def _variable(
    data: _Element, variable: Variable, instrument: Instrument, counts: Counts | None
) -> None:
    item, languages = variable.item, instrument.languages
    element = _add(
        data,
        "var",
        ID=f"V_{variable.name}",
        name=variable.name,
        intrvl=_INTERVAL[variable.measure],
    )
    _say(element, "labl", {lang: variable.label(lang) for lang in languages})
    if item.sensitivity != "ordinary":
        _add(element, "security", item.sensitivity)
    question = _add(element, "qstn")
    _say(question, "qstnLit", item.label)
    _say(question, "ivuInstr", item.hint)
    conditions = instrument.conditions(item.code)
    if conditions:
        _add(element, "universe", " and ".join(f"({text})" for text in conditions))
    if counts is not None:
        _add(element, "TotlResp", str(counts.base))
        for kind, value in (("min", counts.least), ("max", counts.greatest)):
            if value is not None:
                _add(element, "sumStat", f"{value:g}", type=kind)
    labels = {lang: variable.value_labels(lang) for lang in languages}
    reasons = {number: reason for reason, number in variable.missing_codes.items()}
    for number in labels[languages[0]]:
        more: dict[str, Any] = {"missing": "Y"} if number in reasons else {}
        category = _add(element, "catgry", **more)
        _add(category, "catValu", str(number))
        _say(category, "labl", {lang: labels[lang][number] for lang in languages})
        if counts is not None:
            found = _frequency(variable, number, reasons, counts)
            _add(category, "catStat", str(found), type="freq")
    kind = "numeric" if variable.numeric else "character"
    _add(element, "varFormat", type=kind, schema="other")
    for subject, value in (
        ("item", item.code),
        ("choice", variable.choice.code if variable.choice else None),
        ("action", variable.choice.action if variable.choice else None),
        ("intensity", variable.choice.intensity if variable.choice else None),
        ("stage", item.stage),
        ("dimension", item.dimension),
        ("section", item.origin),
        ("basis", item.basis),
        ("constraint", item.constraint),
    ):
        if value:
            _add(element, "notes", value, subject=subject)


def _frequency(variable: Variable, number: int, reasons: Mapping[int, str], counts: Counts) -> int:
    if number in reasons:
        return counts.states.get(reasons[number], 0)
    if variable.choice:
        chosen = counts.choices[variable.choice.code]
        return chosen if number == 1 else counts.base - chosen
    if variable.item.type in NUMBER_TYPES:
        return 0
    return counts.choices[variable.codes()[number]]
