"""The questionnaire, and the answers to it, in the formats of other tools; one module a format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.files import write_whole
from analysis.instrument.model import Instrument
from analysis.waves.sidecar import ENDING

if TYPE_CHECKING:
    from analysis.responses import Wave

FORMATS: Mapping[str, tuple[str, ...]] = {
    "xlsform": (".xlsx",),
    "sav": (".sav",),
    "dta": (".dta",),
    "ddi": (".xml",),
    "jsonld": (".jsonld", ".json"),
    "codebook": (".html",),
    "print": (".html", ".pdf"),
    "template": (".xlsx",),
}
"""Formats, each with the endings of its file."""
FILLED = ("sav", "dta", "ddi", "jsonld", "codebook")
"""Formats that also hold the answers to a wave, or counts of them."""


class ExportError(ValueError):
    """An export that is refused; the message says why and what to do."""


def export(
    instrument: Instrument,
    form: str,
    out: Path,
    *,
    lang: str = "es",
    wave: Wave | None = None,
    force: bool = False,
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write the questionnaire, or the answers of a wave, in the format of another tool.

    Parameters
    ----------
    instrument : Instrument
        Questionnaire; that of the wave when one is given.
    form : str
        One of ``FORMATS``.
    out : Path
        File to write. SPSS and Stata files get a sidecar beside them (``salida.sav.json``).
    lang : str
        Language of what is written in one language; XLSForm, DDI and JSON-LD hold all.
    wave : Wave, optional
        Answers, for the formats of ``FILLED``.
    force : bool
        Write over files that exist.

    Returns
    -------
    (tuple of Path, tuple of str)
        Files written, and what the format does not hold, in Spanish.

    Raises
    ------
    ExportError
        When the format, the ending or the wave does not serve, or the file exists.
    """
    _check(form, out, wave)
    files = (out, out.with_name(out.name + ENDING)) if form in ("sav", "dta") else (out,)
    there = [path for path in files if path.exists()]
    if there and not force:
        names = ", ".join(str(path) for path in there)
        raise ExportError(f"Ya existe {names}; escriba otro nombre o añada --force para cambiarlo.")
    contents, losses = _contents(instrument, form, out.suffix.lower(), lang, wave)
    for path, content in zip(files, contents, strict=True):
        write_whole(path, content)
    return files, losses


def _check(form: str, out: Path, wave: Wave | None) -> None:
    if form not in FORMATS:
        raise ExportError(f"No hay formato «{form}»; hay: {', '.join(FORMATS)}.")
    if out.is_dir():
        raise ExportError(f"{out} es una carpeta; escriba el nombre de un archivo.")
    if out.suffix.lower() not in FORMATS[form]:
        endings = " o ".join(FORMATS[form])
        raise ExportError(
            f"El archivo {out.name} debe terminar en {endings} para el formato {form}."
        )
    if wave is not None and form not in FILLED:
        raise ExportError(
            f"El formato {form} no lleva respuestas; quite --wave o elija: {', '.join(FILLED)}."
        )


def _contents(
    instrument: Instrument, form: str, ending: str, lang: str, wave: Wave | None
) -> tuple[tuple[str | bytes, ...], tuple[str, ...]]:
    match form:
        case "xlsform":
            from analysis.exports.xlsform import xlsform

            return (xlsform(instrument),), ()
        case "sav" | "dta":
            from analysis.exports.labelled import labelled

            made = labelled(instrument, form, lang, wave)
            return (made.data, made.sidecar), made.losses
        case "ddi":
            from analysis.exports.ddi import ddi

            return (ddi(instrument, wave),), ()
        case "jsonld":
            from analysis.exports.jsonld import jsonld

            return (jsonld(instrument, wave),), ()
        case "codebook":
            from analysis.exports.pages import codebook_page

            return (codebook_page(instrument, lang, wave),), ()
        case "print":
            from analysis.exports.pages import form_page, form_pdf

            return ((form_pdf if ending == ".pdf" else form_page)(instrument, lang),), ()
    from analysis.exports.template import template

    return (template(instrument, lang),), ()
