"""Bring a file of answers in: read, map, check, and only then keep.

A file is read twice, in pieces: once to see all that it holds, once to turn it into answers. No
more than a piece is in memory, so that a wave of hundreds of thousands is no different from one of
ten.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.datapackage import sha256
from analysis.files import write_whole
from analysis.instrument import Instrument, load_instrument
from analysis.mapping import Mapping, Reader, Scan, apply, propose, write_mapping
from analysis.paths import Project
from analysis.readers import Progress, RawTable, ReadOptions, read_batches
from analysis.responses import Responses, WaveMeta
from analysis.validation import Report, Validator
from analysis.waves import store
from analysis.waves.corrections import Correction, correct, write_corrections
from analysis.waves.description import NAME, Description, write_description
from analysis.waves.sidecar import ENDING, sidecar_of

if TYPE_CHECKING:
    import pandas as pd

PIECE = 10_000
"""Respondents in memory at a time."""
Told = Callable[[str, Progress], None]
"""Told the step (``reading`` or ``checking``) and how far it is."""


@dataclass(frozen=True)
class Source:
    """A file to bring in.

    Parameters
    ----------
    path : Path
        The file.
    instrument : Instrument
        Version of the questionnaire that it answers.
    options : ReadOptions
        What the file does not say.
    mapping : Mapping, optional
        What each column is; proposed when it is not given.
    corrections : tuple of Correction
        Cells to change.
    """

    path: Path
    instrument: Instrument
    options: ReadOptions = field(default_factory=ReadOptions)
    mapping: Mapping | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What came of a file.

    Parameters
    ----------
    scan : Scan
        What it holds.
    mapping : Mapping
        The one given, or the proposal.
    report : Report
        Every fault.
    corrections : tuple of Correction
        Those applied, with the value that stood there.
    """

    scan: Scan
    mapping: Mapping
    report: Report
    corrections: tuple[Correction, ...]


def examine(
    source: Source, keep: Callable[[Responses], None] | None = None, tell: Told | None = None
) -> Examined:
    """Read, map and check a file.

    Parameters
    ----------
    source : Source
        The file.
    keep : callable, optional
        Given each piece of responses, in order.
    tell : callable, optional
        Told about progress.

    Raises
    ------
    ReadError
        When the file cannot be read, or can be in two ways.
    CorrectionError
        When a correction names a cell that the file does not have.
    """
    beside = sidecar_of(source.path, source.instrument)
    scan, done = Scan(), []
    first: tuple[RawTable, pd.DataFrame] | None = None
    for number, table in enumerate(_pieces(source, "reading", tell)):
        rows, applied = correct(table.rows, source.corrections, table.first_row)
        done += applied
        scan.add(replace(table, rows=rows))
        first = (table, rows) if number == 0 else None
    _all_applied(source.corrections, done)
    if beside:
        scan.notes.append(f"Por qué falta un texto o una fecha se leyó de {beside.path.name}.")
    mapping = source.mapping or propose(source.instrument, scan)
    validator = Validator(source.instrument, source.path.name)
    validator.add_mapping(mapping, scan)
    reader = Reader.of(source.instrument, mapping, scan, source.options, source.path.name)
    items = {name: rule.item for name, rule in mapping.columns.items()}
    done = [replace(c, item=c.item or items.get(c.column, "")) for c in done]
    for rows in [first[1]] if first else _again(source, tell):
        responses = apply(reader, rows, first_row=table.first_row)
        if beside:
            responses = beside.fill(responses)
        validator.add(responses)
        if keep:
            keep(responses)
    return Examined(scan, mapping, validator.finish(), tuple(done))


def _pieces(source: Source, step: str, tell: Told | None) -> Iterator[RawTable]:
    def progress(how_far: Progress) -> None:
        if tell:
            tell(step, how_far)

    yield from read_batches(source.path, source.options, PIECE, progress)


def _again(source: Source, tell: Told | None) -> Iterator[pd.DataFrame]:
    for table in _pieces(source, "checking", tell):
        yield correct(table.rows, source.corrections, table.first_row)[0]


def _all_applied(wanted: Sequence[Correction], done: Sequence[Correction]) -> None:
    from analysis.waves.corrections import CorrectionError

    reached = {(c.row, c.column) for c in done}
    lost = [c for c in wanted if (c.row, c.column) not in reached]
    if lost:
        lines = "\n".join(f"  - fila {c.row}, columna «{c.column}»" for c in lost)
        raise CorrectionError(f"El archivo no tiene estas celdas que se corrigen:\n{lines}")


def new_wave(
    project: Project,
    meta: WaveMeta,
    source: Source,
    tell: Told | None = None,
) -> Examined:
    """Bring a file in as a wave: nothing is left behind when anything stops it.

    Parameters
    ----------
    project : Project
        The project; its ``data/raw/waves/<id>`` and ``data/processed/waves/<id>`` are made.
    meta : WaveMeta
        What is known of the wave.
    source : Source
        The file.
    tell : callable, optional
        Told about progress.

    Returns
    -------
    Examined
        When its report has errors, no wave was made.

    Raises
    ------
    WaveError
        When the identifier is not fit or is taken.
    """
    store.check_id(project, meta.id)
    home = store.waves_folder(project)
    with store.under_way(project) as made, store.Tables(project, meta.id) as tables:
        draft = made / "wave"
        draft.mkdir()
        name = "responses" + "".join(re.findall(r"\.[a-z0-9_]+$", source.path.name.lower()))
        shutil.copyfile(source.path, draft / name)
        beside = sidecar_of(source.path, source.instrument)
        if beside:
            shutil.copyfile(beside.path, draft / f"{name}{ENDING}")
        options = source.options
        if options.structure:
            kept = draft / f"structure{options.structure.suffix.lower()}"
            shutil.copyfile(options.structure, kept)
            options = replace(options, structure=kept)
        copied = replace(source, path=draft / name, options=options)
        examined = examine(copied, tables.add, tell)
        examined.report.file = source.path.name
        if not examined.report.ok:
            return examined
        write_whole(draft / "mapping.csv", write_mapping(examined.mapping))
        if examined.corrections:
            write_whole(draft / "corrections.csv", write_corrections(examined.corrections))
        seals = {path.name: sha256(path) for path in sorted(draft.iterdir())}
        described = Description(meta, source.path.name, name, seals, options)
        write_whole(draft / NAME, write_description(described))
        draft.chmod(0o755)
        draft.replace(home / meta.id)
        tables.keep(home / meta.id, source.instrument, examined.mapping)
        return examined


def tables_again(project: Project, folder: Path, described: Description) -> Path:
    """Make the tables of a wave from its sealed files, as the import made them."""
    from analysis.mapping import read_mapping
    from analysis.waves.corrections import read_corrections

    instrument = load_instrument(project, described.meta.instrument)
    fixed = folder / "corrections.csv"
    source = Source(
        folder / described.file,
        instrument,
        described.options,
        read_mapping(folder / "mapping.csv", instrument),
        read_corrections(fixed) if fixed.is_file() else (),
    )
    with store.Tables(project, described.meta.id) as tables:
        examined = examine(source, tables.add)
        if not examined.report.ok:
            first = examined.report.errors[0]
            raise store.WaveError(
                f"La ola {described.meta.id} ya no cumple el cuestionario "
                f"{described.meta.instrument}: {first.title('es')} ({first.item} {first.value}). "
                f"Revísela con: cuadernos wave check {project.relative(source.path)}"
            )
        return tables.keep(folder, instrument, source.mapping)
