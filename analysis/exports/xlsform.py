"""The questionnaire as an XLSForm, for KoboToolbox, ODK and whatever else reads one."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from analysis import texts
from analysis.instrument.model import GROUP, Instrument, Item

_ITEM_FIELDS = ("label", "hint", "constraint_message")


class XlsFormError(ValueError):
    """pyxform refuses the form, or warns; the message gives its reason."""


def xlsform(instrument: Instrument) -> bytes:
    """Write the questionnaire as an XLSForm workbook and have pyxform convert it.

    Labels, hints and messages are in every language. «otro» is a choice and its text a question
    of its own, asked only when it is chosen; «ninguna» and the like are kept alone by the
    constraint. The version is that of the instrument, so that a collecting server tells answers
    of two versions apart.

    Raises
    ------
    XlsFormError
        When pyxform refuses the form or has a warning about it.
    """
    from pyxform.xls2xform import convert

    book = _workbook(instrument)
    warnings: list[str] = []
    try:
        convert(io.BytesIO(book), warnings=warnings, file_type=".xlsx", form_name="data")
    except Exception as error:  # pyxform raises several kinds, all of them about the form
        raise XlsFormError(f"pyxform rechaza el formulario: {error}") from error
    if warnings:
        raise XlsFormError("pyxform advierte: " + "; ".join(warnings))
    return book


def language(lang: str) -> str:
    """Name a language as XLSForm wants it, e.g. ``Español (es)``."""
    return f"{texts.locale(lang).get_display_name(lang).split(' (')[0].capitalize()} ({lang})"


def _workbook(instrument: Instrument) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format({"bold": True, "bg_color": "#ECE8DB", "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheets = {
        "survey": _survey(instrument),
        "choices": _choices(instrument),
        "settings": _settings(instrument),
    }
    for name, (columns, rows) in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 44 if "::" in column else 22, wrap)
            sheet.write_string(0, at, column, head)
        for line, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, at, cell, wrap)
    book.close()
    return stream.getvalue()


def _survey(instrument: Instrument) -> tuple[list[str], list[list[str]]]:
    languages = instrument.languages
    columns = ["type", "name"]
    columns += [f"{field}::{language(lang)}" for field in _ITEM_FIELDS for lang in languages]
    columns += ["required", "relevant", "constraint", "appearance"]
    return columns, list(_survey_rows(instrument))


def _survey_rows(instrument: Instrument) -> Iterator[list[str]]:
    inside: Sequence[str] = ()
    for item in instrument.items:
        while inside and tuple(inside) != item.groups[: len(inside)]:
            yield ["end_group", inside[-1]]
            inside = inside[:-1]
        yield _item_row(item, instrument.languages)
        if item.type == GROUP:
            inside = (*item.groups, item.code)
    for group in reversed(inside):
        yield ["end_group", group]


def _item_row(item: Item, languages: Sequence[str]) -> list[str]:
    kind = f"{item.type} {item.list_name}" if item.list_name else item.type
    said = [getattr(item, field).get(lang, "") for field in _ITEM_FIELDS for lang in languages]
    required = "yes" if item.required else ""
    rest = [required, item.relevant or "", item.constraint or "", item.appearance or ""]
    return [kind, item.code, *said, *rest]


def _choices(instrument: Instrument) -> tuple[list[str], list[list[str]]]:
    columns = ["list_name", "name", *(f"label::{language(x)}" for x in instrument.languages)]
    lists = {item.list_name: item.choices for item in instrument.questions if item.list_name}
    rows = [
        [str(name), choice.code, *(choice.label[lang] for lang in instrument.languages)]
        for name, choices in lists.items()
        for choice in choices
    ]
    return columns, rows


def _settings(instrument: Instrument) -> tuple[list[str], list[list[str]]]:
    lang = instrument.settings["default_language"]["es"]
    settings = {
        "form_title": instrument.title[lang],
        "form_id": instrument.settings["form_id"][lang],
        "version": instrument.version,
        "default_language": language(lang),
    }
    return list(settings), [list(settings.values())]
