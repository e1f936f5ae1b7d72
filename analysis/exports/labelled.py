"""SPSS and Stata files, with labels, and a sidecar for what neither format can hold."""

from __future__ import annotations

import json
import tempfile
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.exports.columns import (
    Variable,
    coded_values,
    state_of,
    text_values,
    variables,
)
from analysis.exports.spss_sets import DichotomousSet, with_sets
from analysis.instrument.model import SELECT_MULTIPLE, Instrument

if TYPE_CHECKING:
    import pandas as pd

    from analysis.responses import Wave

RESPONDENT = "respondent"
_LETTERS = {"unasked": "a", "dont_know": "b", "refused": "c"}
"""Extended missing value of Stata for each reason: ``.a``, ``.b``, ``.c``."""
_TITLE_BYTES = {"sav": 64, "dta": 80}
_LABEL_BYTES = {"sav": 255, "dta": 80}
_VALUE_LABEL_BYTES = {"sav": 120, "dta": 32_000}


@dataclass(frozen=True)
class LabelledFile:
    """A file of SPSS or Stata and its sidecar.

    Parameters
    ----------
    data : bytes
        The file.
    sidecar : str
        JSON: questions, codes, reasons for missing, sets, and what was shortened.
    losses : tuple of str
        What the format itself does not hold and the sidecar does, in Spanish.
    """

    data: bytes
    sidecar: str
    losses: tuple[str, ...]


def labelled(
    instrument: Instrument, form: str, lang: str = "es", wave: Wave | None = None
) -> LabelledFile:
    """Write an SPSS (``sav``) or Stata (``dta``) file of a questionnaire, empty or filled.

    A ``select_one`` is a number with value labels, a ``select_multiple`` one variable 0/1 a choice.
    *Unasked*, *does not know* and *refused* are codes declared missing (Stata: ``.a``, ``.b``,
    ``.c``); a blank is system-missing. Texts are exact, and hold no reason for missing: the sidecar
    holds it, by respondent.

    Parameters
    ----------
    instrument : Instrument
        Questionnaire; that of the wave when one is given.
    form : str
        ``sav`` or ``dta``.
    lang : str
        Language of the labels; the sidecar holds all.
    wave : Wave, optional
        Answers; without it the file has variables and no rows.
    """
    columns = variables(instrument)
    losses: list[str] = []
    frame = _frame(columns, form, wave)
    short = {v.name: _cut(v.label(lang), _LABEL_BYTES[form]) for v in columns}
    cut = [v.name for v in columns if short[v.name] != v.label(lang)]
    if cut:
        losses.append(f"{len(cut)} etiquetas de variable se acortaron a {_LABEL_BYTES[form]} bytes")
    if form == "dta" and any(v.item.type == SELECT_MULTIPLE for v in columns):
        losses.append("los conjuntos de respuesta múltiple no caben en el archivo")
    if wave is not None:
        losses.append("la razón por la que falta un texto o una fecha no cabe en el archivo")
        if form == "sav" and (names := _with_end_spaces(frame, columns)):
            losses.append(f"los espacios del final de los textos de {', '.join(names)}")
    longest = _VALUE_LABEL_BYTES[form]
    if cut := [
        v.name
        for v in columns
        if any(len(text.encode()) > longest for text in v.value_labels(lang).values())
    ]:
        losses.append(f"las etiquetas de opciones de {', '.join(cut)} se acortaron")
    labels = {
        v.name: {
            _value(v, number, form): _cut(label, _VALUE_LABEL_BYTES[form])
            for number, label in v.value_labels(lang).items()
        }
        for v in columns
        if v.numeric
    }
    short[RESPONDENT] = {"es": "Respondente", "en": "Respondent"}[lang]
    title = _cut(instrument.title[lang], _TITLE_BYTES[form])
    if title != instrument.title[lang]:
        losses.append(f"el título se acortó a {_TITLE_BYTES[form]} bytes")
    data = _write(form, frame, columns, title, short, labels, instrument.statement[lang])
    if form == "sav":
        data = with_sets(data, _sets(columns, lang))
    sidecar = _sidecar(instrument, columns, form, losses, wave)
    return LabelledFile(
        data, json.dumps(sidecar, ensure_ascii=False, indent=2) + "\n", tuple(losses)
    )


def _value(variable: Variable, number: int, form: str) -> Any:
    """Value that a label stands for: a number, or in Stata the letter of a missing one."""
    reasons = {code: reason for reason, code in variable.missing_codes.items()}
    return _LETTERS[reasons[number]] if form == "dta" and number in reasons else number


def _cut(text: str, size: int) -> str:
    """Shorten a text to a number of UTF-8 bytes, at a character."""
    if len(text.encode("utf-8")) <= size:
        return text
    return text.encode("utf-8")[: size - 3].decode("utf-8", "ignore").rstrip() + "…"


def _frame(columns: tuple[Variable, ...], form: str, wave: Wave | None) -> pd.DataFrame:
    import pandas as pd

    if wave is None:
        empty = {v.name: pd.Series(dtype="float64" if v.numeric else "object") for v in columns}
        return pd.DataFrame({RESPONDENT: pd.Series(dtype="object"), **empty})
    index = wave.respondents.index
    data: dict[str, Any] = {RESPONDENT: [str(name) for name in index]}
    for variable in columns:
        if variable.numeric:
            values: Any = coded_values(wave, variable)
            if form == "dta":
                letters = {
                    float(code): _LETTERS[reason] for reason, code in variable.missing_codes.items()
                }
                values = [
                    None if pd.isna(value) else letters.get(value, float(value)) for value in values
                ]
                lettered = any(isinstance(value, str) for value in values)
                data[variable.name] = pd.Series(values, dtype="object" if lettered else "float64")
            else:
                data[variable.name] = values.astype("float64").to_numpy()
        else:
            data[variable.name] = text_values(wave, variable).fillna("").astype(object).to_numpy()
    return pd.DataFrame(data)


def _with_end_spaces(frame: pd.DataFrame, columns: tuple[Variable, ...]) -> list[str]:
    return [v.name for v in columns if not v.numeric and frame[v.name].str.endswith(" ").any()]


def _sets(columns: tuple[Variable, ...], lang: str) -> list[DichotomousSet]:
    names: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for variable in columns:
        if variable.choice:
            names.setdefault(variable.item.code, []).append(variable.name)
            labels[variable.item.code] = _cut(variable.item.label[lang], _LABEL_BYTES["sav"])
    return [DichotomousSet(code, labels[code], tuple(found)) for code, found in names.items()]


def _write(
    form: str,
    frame: pd.DataFrame,
    columns: tuple[Variable, ...],
    title: str,
    labels: Mapping[str, str],
    value_labels: Mapping[str, Mapping[Any, str]],
    note: str,
) -> bytes:
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{form}"
        common: dict[str, Any] = {
            "file_label": title,
            "column_labels": dict(labels),
            "variable_value_labels": {k: dict(v) for k, v in value_labels.items()},
        }
        if form == "sav":
            pyreadstat.write_sav(
                frame,
                path,
                **common,
                note=textwrap.wrap(note, 60),  # a line of a note holds 80 bytes
                missing_ranges={
                    v.name: list(v.missing_codes.values()) for v in columns if v.missing_codes
                },
                variable_measure={v.name: v.measure for v in columns},
                variable_format={v.name: "F8.0" for v in columns if v.coded},
            )
        else:
            pyreadstat.write_dta(
                frame,
                path,
                **common,
                missing_user_values={
                    v.name: list(_LETTERS.values()) for v in columns if v.missing_codes
                },
            )
        return path.read_bytes()


def _sidecar(
    instrument: Instrument,
    columns: tuple[Variable, ...],
    form: str,
    losses: list[str],
    wave: Wave | None,
) -> dict[str, Any]:
    sets: dict[str, list[str]] = {}
    for variable in columns:
        if variable.choice:
            sets.setdefault(variable.item.code, []).append(variable.name)
    found: dict[str, Any] = {
        "format": form,
        "instrument": instrument.version,
        "title": dict(instrument.title),
        "statement": dict(instrument.statement),
        "not_in_the_file": losses,
        "variables": {v.name: _described(v, form, instrument.languages) for v in columns},
        "multiple_response_sets": {
            code: {
                "label": dict(instrument.item(code).label),
                "kind": "dichotomous",
                "counted": 1,
                "variables": names,
            }
            for code, names in sets.items()
        },
    }
    if wave is not None:
        found["wave"] = wave.id
        found["evidence"] = str(wave.evidence)
        found["missing_texts"] = {v.name: _missing_texts(wave, v) for v in columns if not v.numeric}
    return found


def _missing_texts(wave: Wave, variable: Variable) -> dict[str, str]:
    states = state_of(wave, variable.item)
    return {str(name): str(state) for name, state in states.items() if state != "answered"}


def _described(variable: Variable, form: str, languages: tuple[str, ...]) -> dict[str, Any]:
    item = variable.item
    codes = {"numbers": {str(n): code for n, code in variable.codes().items()}}
    missing = {
        reason: f".{_LETTERS[reason]}" if form == "dta" else number
        for reason, number in variable.missing_codes.items()
    }
    return {
        "item": item.code,
        "choice": variable.choice.code if variable.choice else None,
        "type": item.type,
        "label": {lang: variable.label(lang) for lang in languages},
        "hint": dict(item.hint),
        **(codes if variable.codes() else {}),
        "value_labels": {
            lang: {str(n): label for n, label in variable.value_labels(lang).items()}
            for lang in languages
        },
        "missing": missing,
        "required": item.required,
        "relevant": item.relevant,
        "groups": list(item.groups),
        "constraint": item.constraint,
        "stage": item.stage,
        "dimension": item.dimension,
        "sensitivity": item.sensitivity,
        "section": item.origin,
        "action": variable.choice.action if variable.choice else None,
        "intensity": variable.choice.intensity if variable.choice else None,
    }
