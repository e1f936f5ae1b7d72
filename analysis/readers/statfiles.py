"""SPSS, Stata and SAS through pyreadstat: codes, labels, reasons for missing, sets.

Values are read as codes, never as labels. What the file defines as missing stays a code with its
reason; only the system's own missing value is no cell. Stata's ``.a`` to ``.z`` and SAS's ``.A`` to
``.Z`` and ``._`` are written so, with the point.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from analysis.readers.cells import duration_text, number_text
from analysis.readers.draft import Draft, Row
from analysis.readers.errors import ReadError
from analysis.readers.table import Kind, MultipleSet, RawColumn, ReadOptions

_SPSS_DATES: Final = frozenset(["DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR"])
_SPSS_MOMENTS: Final = frozenset(("DATETIME", "YMDHMS"))
_SPSS_DURATIONS: Final = frozenset(("TIME", "DTIME", "MTIME"))
_SAS_DATES: Final = re.compile(
    r"(WEEKDAT[EX]|MMDDYY[BCDNPS]?|DDMMYY[BCDNPS]?|YYMMDD[BDNPS]?|DATE|(IS8601|E8601|B8601)DA)"
)
_SAS_MOMENTS: Final = re.compile(r"(DATETIME|DATEAMPM|MDYAMPM|(IS8601|E8601|B8601)D[TN])")
_SAS_DURATIONS: Final = re.compile(r"(TIME|HHMM|TOD|TIMEAMPM|(IS8601|E8601|B8601)TM)")
_SPSS_ORIGIN: Final = datetime(1582, 10, 14)
_ORIGIN: Final = datetime(1960, 1, 1)
_NAMES: Final = {
    "sav": "SPSS",
    "por": "SPSS (portátil)",
    "dta": "Stata",
    "sas7bdat": "SAS",
    "xpt": "SAS (transporte)",
}
_EXTREME: Final = 1e300


def recognise(head: bytes, suffix: str) -> str | None:
    """Tell which statistical format begins so; None when none does.

    Parameters
    ----------
    head : bytes
        First 512 bytes.
    suffix : str
        Ending of the file's name, with the point, in lower case.
    """
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(b"<stata_dta>") or (suffix == ".dta" and head[0] in range(102, 119)):
        return "dta"
    if head[12:32] == bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"):
        return "sas7bdat"
    if head.startswith((b"HEADER RECORD*******LIBRARY", b"HEADER RECORD*******LIBV8")):
        return "xpt"
    if b"SPSSPORT" in head and (suffix == ".por" or b"SPSS PORT FILE" in head[:200]):
        return "por"
    return None


def read(path: Path, options: ReadOptions, kind: str) -> Draft:
    """Read a statistical file.

    Parameters
    ----------
    path : Path
        File.
    options : ReadOptions
        ``encoding`` overrides the file's; ``structure`` is the SAS catalogue with the labels.
    kind : str
        As `recognise` gives it.

    Raises
    ------
    ReadError
        When the file is damaged or says that its text is in another encoding than it is.
    """
    data, meta, notes = _load(path, options, kind)
    columns, texts = [], []
    for position, name in enumerate(meta.column_names):
        column, write = _column(meta, kind, name, meta.column_labels[position] or "", notes)
        columns.append(column)
        texts.append(write)
    values = [data[name] for name in meta.column_names]
    lengths = {len(column) for column in values}
    if len(lengths) > 1 or (kind != "por" and lengths - {meta.number_rows or 0}):
        raise ReadError(
            path.name, "declara más filas de las que tiene", "está incompleto: descárguelo de nuevo"
        )
    facts = {"format": _NAMES[kind], "encoding": meta.file_encoding or options.encoding or ""}
    if meta.file_label:
        facts["title"] = meta.file_label
    if kind == "sav":
        notes.append("SPSS no guarda los espacios del final de un texto.")
    return Draft(
        columns,
        _rows(values, texts),
        facts,
        notes,
        multiple_sets=_sets(path, meta),
        position=lambda: path.stat().st_size,
    )


def _load(path: Path, options: ReadOptions, kind: str) -> tuple[dict[str, Any], Any, list[str]]:
    import pyreadstat

    reader: Callable[..., Any] = {
        "sav": pyreadstat.read_sav,
        "por": pyreadstat.read_por,
        "dta": pyreadstat.read_dta,
        "sas7bdat": pyreadstat.read_sas7bdat,
        "xpt": pyreadstat.read_xport,
    }[kind]
    more: dict[str, Any] = {}
    if kind in ("sav", "dta", "sas7bdat"):
        more["user_missing"] = True
    if options.encoding and kind != "por":
        more["encoding"] = options.encoding
    notes: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data, meta = reader(
                str(path), output_format="dict", disable_datetime_conversion=True, **more
            )
    except UnicodeDecodeError as error:
        raise _encoding(path, str(error)) from error
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        if "encoding" in str(error).lower() or "convert string" in str(error).lower():
            raise _encoding(path, str(error)) from error
        raise ReadError(
            path.name,
            f"está dañado o no es un archivo de {_NAMES[kind]}",
            "expórtelo o descárguelo de nuevo",
            str(error),
        ) from error
    if options.structure:
        _add_labels(meta, options.structure)
    notes.extend(f"El lector advierte: {warning.message}" for warning in caught)
    if kind == "sas7bdat" and not options.structure:
        notes.append(
            "SAS guarda las etiquetas de los códigos en otro archivo (.sas7bcat); si lo tiene, "
            "indíquelo con --structure."
        )
    return data, meta, notes


def _add_labels(meta: Any, catalogue: Path) -> None:
    """Take the labels of a SAS catalogue; pyreadstat would put them in the place of the codes."""
    import pyreadstat

    try:
        _, found = pyreadstat.read_sas7bcat(str(catalogue), output_format="dict")
    except (OSError, pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise ReadError(
            catalogue.name,
            "no es un catálogo de SAS",
            "indique el .sas7bcat del archivo",
            str(error),
        ) from error
    for name, labels in meta.variable_to_label.items():
        if labels in found.value_labels:
            meta.variable_value_labels[name] = found.value_labels[labels]


def _encoding(path: Path, detail: str) -> ReadError:
    return ReadError(
        path.name,
        "tiene textos que no están en la codificación que declara",
        "indique la verdadera con --encoding (por ejemplo cp1252 o utf-8)",
        detail,
    )


def _column(
    meta: Any, kind: str, name: str, label: str, notes: list[str]
) -> tuple[RawColumn, Callable[[Any], str]]:
    """Describe a column, and give the function that writes its values."""
    storage = meta.readstat_variable_types.get(name, "")
    shown = meta.original_variable_types.get(name) or ""
    if storage.startswith("string"):
        what: Kind = "text"
        write: Callable[[Any], str] = str
    else:
        what, write = _writer(kind, shown, storage)
        if kind == "dta" and re.match(r"%-?t[wmqhyb]", shown):
            notes.append(f"La columna «{name}» cuenta períodos desde 1960 ({shown}).")

    def text(value: Any) -> str:
        tagged = isinstance(value, str) and what != "text"
        return f".{value}" if tagged else write(value)

    labels = {text(code): word for code, word in meta.variable_value_labels.get(name, {}).items()}
    missing: dict[str, str] = {}
    ranges: list[tuple[str, str]] = []
    for entry in [*meta.missing_ranges.get(name, []), *meta.missing_user_values.get(name, [])]:
        low, high = (entry["lo"], entry["hi"]) if isinstance(entry, dict) else (entry, entry)
        if low == high:
            missing[text(low)] = labels.get(text(low), "")
        else:
            ranges.append((_bound(low), _bound(high)))
    column = RawColumn(
        name=name,
        header=name,
        label=label,
        value_labels=labels,
        missing=missing,
        missing_ranges=tuple(ranges),
        kind=what,
    )
    for code in labels:
        if (code not in missing and column.missing_reason(code) is not None) or (
            re.fullmatch(r"\.[A-Za-z_]", code) and what != "text"
        ):
            missing[code] = labels[code]
    return column, text


def _bound(value: float) -> str:
    if isinstance(value, str):
        return value
    if abs(value) > _EXTREME:
        return "-inf" if value < 0 else "inf"
    return number_text(float(value))


def _writer(kind: str, shown: str, storage: str) -> tuple[Kind, Callable[[Any], str]]:
    """Say how a number is to be written, from the format that the file shows it in."""
    base = re.sub(r"[0-9.]*$", "", shown.upper())
    if kind in ("sav", "por"):
        if base in _SPSS_DATES:
            return "date", _dates(_SPSS_ORIGIN, 1)
        if base in _SPSS_MOMENTS:
            return "datetime", _moments(_SPSS_ORIGIN, 1)
        if base in _SPSS_DURATIONS:
            return "duration", _durations(1)
    elif kind == "dta":
        plain = shown.replace("-", "", 1)
        if plain.startswith(("%td", "%d")):
            return "date", _dates(_ORIGIN, 86_400)
        if plain.lower().startswith("%tchh:mm"):
            return "duration", _durations(0.001)
        if plain.lower().startswith("%tc"):
            return "datetime", _moments(_ORIGIN, 0.001)
    else:
        if _SAS_MOMENTS.fullmatch(base):
            return "datetime", _moments(_ORIGIN, 1)
        if _SAS_DATES.fullmatch(base):
            return "date", _dates(_ORIGIN, 86_400)
        if _SAS_DURATIONS.fullmatch(base):
            return "duration", _durations(1)
    return "number", _single if storage == "float" else _double


def _double(value: float) -> str:
    return number_text(float(value))


def _single(value: float) -> str:
    """Write a number of 32 bits: 1.1 and not 1.100000023841858."""
    from numpy import float32

    return number_text(float(str(float32(value))))


def _moment(origin: datetime, seconds: float) -> datetime | None:
    try:
        return origin + timedelta(milliseconds=round(seconds * 1000))
    except OverflowError:
        return None


def _dates(origin: datetime, unit: float) -> Callable[[float], str]:
    def write(value: float) -> str:
        moment = _moment(origin, value * unit)
        if moment is None:  # no calendar reaches that far: the number itself
            return number_text(float(value))
        midnight = moment.time() == datetime.min.time()
        return moment.date().isoformat() if midnight else moment.isoformat()

    return write


def _moments(origin: datetime, unit: float) -> Callable[[float], str]:
    def write(value: float) -> str:
        moment = _moment(origin, value * unit)
        return number_text(float(value)) if moment is None else moment.isoformat()

    return write


def _durations(unit: float) -> Callable[[float], str]:
    def write(value: float) -> str:
        try:
            return duration_text(timedelta(seconds=value * unit))
        except OverflowError:
            return number_text(float(value))

    return write


def _rows(values: Sequence[Any], texts: Sequence[Callable[[Any], str]]) -> Iterator[Row]:
    written: list[dict[Any, str]] = [{} for _ in texts]  # most columns repeat few values
    for row in zip(*values, strict=True):
        cells: Row = []
        for value, write, known in zip(row, texts, written, strict=True):
            if value is None or value != value:
                cells.append(None)
                continue
            text = known.get(value)
            if text is None:
                text = write(value)
                if len(known) < 10_000:
                    known[value] = text
            cells.append(text)
        yield cells


def _sets(path: Path, meta: Any) -> list[MultipleSet]:
    found = []
    for name, content in (meta.mr_sets or {}).items():
        dichotomous = bool(content["is_dichotomy"])
        counted = "" if content["counted_value"] is None else str(content["counted_value"])
        if dichotomous and not counted:
            counted = _counted_text(path, name, meta.file_encoding or "utf-8")
        columns = [
            next((c for c in meta.column_names if c.lower() == variable.lower()), variable)
            for variable in content["variable_list"]
        ]
        found.append(
            MultipleSet(
                name=name,
                label=content["label"] or "",
                kind="dichotomous" if dichotomous else "categorical",
                counted=counted if dichotomous else "",
                columns=tuple(columns),
            )
        )
    return found


def _counted_text(path: Path, name: str, encoding: str) -> str:
    """Read from the dictionary a counted value that is text, which pyreadstat leaves out."""
    with path.open("rb") as stream:
        dictionary = stream.read(1 << 24)
    start = re.escape(f"${name}=".encode(encoding, "replace"))
    match = re.search(start + rb"(?:D|E 11? )([0-9]{1,3}) ", dictionary)
    if match is None:
        return ""
    text = dictionary[match.end() : match.end() + int(match[1])]
    return text.decode(encoding, "replace").rstrip(" ")
