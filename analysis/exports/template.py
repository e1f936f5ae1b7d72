"""An Excel workbook to write answers in: drop-downs, a guide, one row a respondent."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from analysis import texts
from analysis.exports.words import bounds, in_words
from analysis.instrument.model import (
    NUMBER_TYPES,
    OTHER_SUFFIX,
    SELECT_MULTIPLE,
    SELECT_ONE,
    Choice,
    Instrument,
    Item,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ROWS = 200  # respondents that have drop-downs; more can be written below
RESPONDENT = "respondente"
"""Column with a code for each city, by which two waves are compared."""
_GREATEST = 10**12
_BANDS = ("#E3EEF0", "#ECE8DB")


def template(instrument: Instrument, lang: str = "es") -> bytes:
    """Write the workbook.

    The first sheet explains how to fill it in and lists every question with its choices; the
    second has a row for each respondent and, in its first line, the codes under which
    ``cuadernos wave`` reads it back: a column a question, and one a choice of ``select_multiple``
    (``acc_diseno/dis_01``), where 1 is written when it applies. Selecting a cell shows its
    question; ``select_one`` is chosen from a list.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": instrument.title[lang], "comments": instrument.statement[lang]})
    guide = book.add_worksheet(_say("guide", lang))
    answers = book.add_worksheet(_say("answers", lang))
    lists = book.add_worksheet(_say("lists", lang))
    ranges = _write_lists(lists, instrument, lang)
    _write_answers(book, answers, instrument, lang, ranges)
    _write_guide(book, guide, instrument, lang)
    lists.hide()
    book.close()
    return stream.getvalue()


def columns(instrument: Instrument) -> list[tuple[str, Item, Choice | None]]:
    """Columns of the sheet of answers after that of the respondent: header, question, choice."""
    found: list[tuple[str, Item, Choice | None]] = []
    for item in instrument.questions:
        if item.type == SELECT_MULTIPLE:
            found += [(f"{item.code}/{choice.code}", item, choice) for choice in item.choices]
        else:
            found.append((item.code, item, None))
    return found


def _say(key: str, lang: str, **values: object) -> str:
    return texts.label(f"instrument.template.{key}", lang, **values)


def _write_lists(sheet: Worksheet, instrument: Instrument, lang: str) -> dict[str, str]:
    """Write each list down a column; return where it is."""
    from xlsxwriter.utility import xl_range_abs

    ranges: dict[str, str] = {}
    for item in instrument.questions:
        if item.type == SELECT_ONE and item.list_name not in ranges:
            column = len(ranges)
            sheet.write_string(0, column, str(item.list_name))
            for line, choice in enumerate(item.choices, start=1):
                sheet.write_string(line, column, choice.label[lang])
            area = xl_range_abs(1, column, len(item.choices), column)
            ranges[str(item.list_name)] = f"='{sheet.get_name()}'!{area}"
    return ranges


def _write_answers(
    book: Any, sheet: Worksheet, instrument: Instrument, lang: str, ranges: dict[str, str]
) -> None:
    heads = [
        book.add_format(
            {"bold": True, "bg_color": band, "text_wrap": True, "valign": "top", "bottom": 1}
        )
        for band in _BANDS
    ]
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    plain = book.add_format({"valign": "top"})
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 48)
    band, former = 0, ""
    sheet.write_string(0, 0, RESPONDENT, heads[0])
    sheet.write_comment(0, 0, _say("respondent", lang), {"x_scale": 2})
    sheet.set_column(0, 0, 17, text)
    for column, (header, item, choice) in enumerate(columns(instrument), start=1):
        owner = item.code.removesuffix(OTHER_SUFFIX)
        if owner != former:
            band, former = 1 - band, owner
        shown = choice.label[lang] if choice else item.label[lang]
        sheet.write_string(0, column, header, heads[band])
        sheet.write_comment(0, column, shown, {"x_scale": 2})
        form = {"date": day, "text": text}.get(item.type, plain)
        sheet.set_column(column, column, 30 if item.multiline else 17, form)
        rule = _validation(item, choice, lang, ranges)
        sheet.data_validation(1, column, ROWS, column, rule)


def _validation(
    item: Item, choice: Choice | None, lang: str, ranges: dict[str, str]
) -> dict[str, Any]:
    """Give the rule of a cell, with its question as the message that is shown on selecting it."""
    message = item.label[lang] + (f"\n→ {choice.label[lang]}" if choice else "")
    hint = _say("mark", lang) if choice else item.hint.get(lang, "")
    rule: dict[str, Any] = {
        "ignore_blank": True,
        "input_title": _cut(item.code, 32),
        "input_message": _cut(f"{message}\n{hint}".strip(), 255),
        "error_title": _say("error", lang),
    }
    if choice:
        return rule | {"validate": "list", "source": ["1", "0"], "error_message": hint}
    if item.type == SELECT_ONE:
        said = _say("choose", lang)
        return rule | {
            "validate": "list",
            "source": ranges[str(item.list_name)],
            "error_message": said,
        }
    if item.type in NUMBER_TYPES:
        least, greatest = bounds(item.constraint)
        said = item.constraint_message.get(lang, "") or _say("number", lang)
        return rule | {
            "validate": item.type,
            "criteria": "between",
            "minimum": int(least) if least is not None else 0,
            "maximum": int(greatest) if greatest is not None else _GREATEST,
            "error_message": _cut(said, 255),
        }
    return rule | {"validate": "any"}


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def _write_guide(book: Any, sheet: Worksheet, instrument: Instrument, lang: str) -> None:
    title = book.add_format({"bold": True, "font_size": 16, "text_wrap": True, "valign": "top"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": _BANDS[1], "bottom": 1, "text_wrap": True})
    group = book.add_format({"bold": True, "font_size": 13, "top": 1})
    strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for column, width in enumerate((26, 52, 62, 12, 46)):
        sheet.set_column(column, column, width, body)
    paragraphs = [
        (instrument.title[lang], title, 44),
        (instrument.statement[lang], body, 48),
        (_say("how", lang), body, 80),
        (instrument.settings["consent"][lang], body, 34),
    ]
    line = 0
    for text, form, height in paragraphs:
        sheet.merge_range(line, 0, line, 4, text, form)
        sheet.set_row(line, height)
        line += 1
    line += 1
    for column, key in enumerate(("code", "question", "allowed", "required", "when")):
        sheet.write_string(line, column, _say(key, lang), head)
    line += 1
    sheet.write_string(line, 0, RESPONDENT, strong)
    sheet.write_string(line, 1, _say("respondent", lang), body)
    sheet.write_string(line, 3, _say("no", lang), body)
    line += 1
    for item in instrument.items:
        if item.type == "begin_group":
            sheet.write_string(line, 0, item.label[lang], group)
            line += 1
        if not item.is_question:
            continue
        when = in_words(instrument.conditions(item.code), instrument, lang, str)
        cells = (
            item.code,
            "\n".join(filter(None, (item.label[lang], item.hint.get(lang)))),
            _allowed(item, lang),
            _say("yes" if item.required else "no", lang),
            _say("only_if", lang, when=when) if when else "",
        )
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, cell, strong if column == 0 else body)
        line += 1
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _allowed(item: Item, lang: str) -> str:
    if item.choices:
        return "\n".join(f"{choice.code}: {choice.label[lang]}" for choice in item.choices)
    said = texts.label(f"instrument.type.{item.type}", lang)
    message = item.constraint_message.get(lang)
    return f"{said}. {message}" if message else said
