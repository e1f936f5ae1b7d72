"""Which reader a file needs: decided by its first bytes, never by its name alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from analysis.readers.draft import Draft, Records
from analysis.readers.errors import ReadError
from analysis.readers.table import ReadOptions

_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENTS: Final = (b"%pdf", b"<html", b"<!doctype html", b"{\\rtf")
_BINARY: Final = frozenset(
    (".xlsx", ".xlsm", ".ods", ".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt")
)
_ACCEPTED: Final = (
    "CSV, TSV, XLSX, ODS, SPSS (.sav, .zsav, .por), Stata (.dta) o SAS (.sas7bdat, .xpt)"
)


def open_draft(path: Path, options: ReadOptions) -> Draft:
    """Open a file with the reader of its format.

    Raises
    ------
    ReadError
        When no reader knows the format.
    """
    from analysis.readers import surveys

    records = _records(path, options)
    if options.structure is not None:
        suffix = options.structure.suffix.lower()
        fits = {".lss": isinstance(records, Records), ".sas7bcat": records.facts["format"] == "SAS"}
        if not fits.get(suffix, False):
            raise ReadError(
                path.name,
                f"no se describe con {options.structure.name}",
                "--structure es el .lss de unas respuestas de LimeSurvey (CSV, XLSX) o el "
                ".sas7bcat de un .sas7bdat",
            )
    return records if isinstance(records, Draft) else surveys.arrange(path, records, options)


def _records(path: Path, options: ReadOptions) -> Records | Draft:
    with path.open("rb") as stream:
        head = stream.read(512)
    suffix = path.suffix.lower()
    if not head:
        raise ReadError(path.name, "está vacío", "expórtelo de nuevo con sus respuestas")
    if head.startswith(b"PK"):
        from analysis.readers import sheets

        return sheets.read(path, options)
    if head.startswith(_OLD_EXCEL):
        raise ReadError(
            path.name,
            "es un Excel antiguo (.xls) o tiene contraseña",
            "ábralo y guárdelo como .xlsx sin contraseña",
        )
    from analysis.readers import statfiles

    statistical = statfiles.recognise(head, suffix)
    if statistical:
        return statfiles.read(path, options, statistical)
    if suffix in _BINARY:
        raise ReadError(
            path.name,
            f"no es un {suffix} (está dañado o es otro tipo de archivo con ese nombre)",
            "ábralo con su programa y guárdelo de nuevo",
        )
    if head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower().startswith(_DOCUMENTS):
        raise ReadError(
            path.name, "es un documento y no una tabla", f"exporte las respuestas como {_ACCEPTED}"
        )
    return _text(path, options)


def _text(path: Path, options: ReadOptions) -> Records:
    from analysis.readers import delimited

    return delimited.read(path, options)
