"""Take a respondent out of a wave (withdrawal of consent): also out of the file as received.

The file is written again as CSV without that row, because other formats keep what was deleted (a
workbook its shared texts, SPSS its whole cases). Nothing that is kept names the respondent.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.datapackage import sha256
from analysis.files import write_whole
from analysis.instrument import Instrument, load_instrument
from analysis.mapping import (
    RESPONDENT,
    Mapping,
    Reader,
    Rule,
    Scan,
    apply,
    read_mapping,
    write_mapping,
)
from analysis.paths import Project
from analysis.readers import ReadOptions, read_batches
from analysis.waves import store
from analysis.waves.corrections import Correction, correct, read_corrections, write_corrections
from analysis.waves.description import NAME, Description, read_description, write_description
from analysis.waves.importing import PIECE, tables_again
from analysis.waves.loading import load_wave
from analysis.waves.sidecar import ENDING, sidecar_of

if TYPE_CHECKING:
    import pandas as pd

_OWN = "respondent_row"  # numbered by row: nobody has it in another wave
_WHAT = "Una entidad retiró su consentimiento: sus respuestas se borraron de todos los archivos."


def remove_respondent(project: Project, wave_id: str, respondent: str, day: date) -> str:
    """Rewrite a sealed wave without one respondent.

    Parameters
    ----------
    project : Project
        The project.
    wave_id : str
        The wave.
    respondent : str
        Identifier, as ``cuadernos wave show`` lists it.
    day : date
        Date of the log entry.

    Returns
    -------
    str
        Name of the file that now holds the responses.

    Raises
    ------
    WaveError
        When the wave or the respondent does not exist, or it is the last one.
    """
    wave = load_wave(project, wave_id)
    if respondent not in wave.respondents.index:
        raise store.WaveError(
            f"La ola {wave_id} no tiene a «{respondent}»; véalos con: cuadernos wave show {wave_id}"
        )
    if len(wave.respondents) == 1:
        raise store.WaveError(
            f"«{respondent}» es la única entidad de la ola {wave_id}: borre la carpeta "
            f"data/raw/waves/{wave_id} entera."
        )
    folder = store.wave_folder(project, wave_id)
    described = read_description(folder)
    gone = int(wave.respondents.loc[respondent, "source_row"])
    with store.under_way(project) as draft:
        (draft / "wave").mkdir()
        _rewrite(project, folder, draft / "wave", described, respondent, gone, day)
        store.rewrite(folder, draft)
    shutil.rmtree(project.processed / "waves" / wave_id, ignore_errors=True)
    tables_again(project, folder, read_description(folder))
    return "responses.csv"


def _rewrite(
    project: Project,
    folder: Path,
    draft: Path,
    described: Description,
    respondent: str,
    gone: int,
    day: date,
) -> None:
    instrument = load_instrument(project, described.meta.instrument)
    mapping = read_mapping(folder / "mapping.csv", instrument)
    fixed = folder / "corrections.csv"
    corrections = read_corrections(fixed) if fixed.is_file() else ()
    path, options = folder / described.file, described.options
    reader = _reader(path, options, mapping, instrument, corrections)
    named = any(rule.item == RESPONDENT for rule in mapping.columns.values())
    left: dict[str, set[str]] = {r.source_column: set() for r in mapping.rules if r.source_value}
    corrected_rows, moved = {c.row for c in corrections}, {}
    written = 1  # the header
    with (draft / "responses.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for number, table in enumerate(read_batches(path, options, PIECE)):
            rows = _plain(table.rows, reader)
            if not named:
                ids = apply(reader, table.rows).ids
                rows.insert(0, _OWN, ids)
            if number == 0:
                writer.writerow(rows.columns)
            rows = rows[rows.index + table.first_row != gone]
            for at, line in enumerate(rows.index + table.first_row, written + 1):
                if line in corrected_rows:
                    moved[line] = at
            written += len(rows)
            for name in left.keys() & set(rows):
                left[name].update(rows[name].dropna().unique())
            for row in rows.itertuples(index=False, name=None):
                writer.writerow(["" if not isinstance(cell, str) else cell for cell in row])
    kept = [replace(c, row=moved[c.row]) for c in corrections if c.row != gone]
    corrected = {(c.column, c.new_value) for c in kept}
    rules = [
        rule
        for rule in mapping.rules
        if not rule.source_value
        or rule.source_value in left.get(rule.source_column, ())
        or (rule.source_column, rule.source_value) in corrected
    ]
    if not named:
        rules.insert(0, Rule(_OWN, "", RESPONDENT, "", "tool"))
    write_whole(draft / "mapping.csv", write_mapping(Mapping(tuple(rules))))
    if kept:
        write_whole(draft / "corrections.csv", write_corrections(kept))
    beside = sidecar_of(path, instrument)
    if beside:
        write_whole(draft / f"responses.csv{ENDING}", beside.without(respondent))
    seals = {path.name: sha256(path) for path in sorted(draft.iterdir())}
    log = (*described.log, {"date": day.isoformat(), "what": _WHAT})
    plain = ReadOptions(encoding="utf-8", delimiter=",", decimal=".")
    again = Description(described.meta, "responses.csv", "responses.csv", seals, plain, log)
    write_whole(draft / NAME, write_description(again))


def _reader(
    path: Path,
    options: ReadOptions,
    mapping: Mapping,
    instrument: Instrument,
    corrections: Sequence[Correction],
) -> Reader:
    scan = Scan()
    for table in read_batches(path, options, PIECE):
        scan.add(replace(table, rows=correct(table.rows, corrections, table.first_row)[0]))
    return Reader.of(instrument, mapping, scan, options, path.name)


def _plain(rows: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Write numbers with a point and dates in ISO 8601, which a text file needs to say."""
    rows = rows.copy()
    for item in reader.instrument.questions:
        if item.type not in ("integer", "decimal", "date"):
            continue
        for rule in reader.mapping.of_item(item.code):
            name = rule.source_column
            if name in rows:
                known = reader.mapping.values.get(name, {})
                said = {
                    cell: cell if cell in known else reader.cell(item, name, cell) or cell
                    for cell in rows[name].dropna().unique()
                }
                rows[name] = rows[name].map(said).astype("string")
    return rows
