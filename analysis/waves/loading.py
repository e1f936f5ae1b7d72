"""Load a wave: from its tables where they are, else from its sealed files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.instrument import Instrument, load_instrument
from analysis.mapping import RESPONDENT, read_mapping
from analysis.mapping.names import of_a_submission
from analysis.paths import Project
from analysis.responses import Wave
from analysis.waves.description import Description, read_description
from analysis.waves.importing import tables_again
from analysis.waves.store import WaveError, check_seals, tables_folder, tables_key, wave_folder


def load_wave(project: Project, wave_id: str) -> Wave:
    """Load a wave, from its tables where they are, else from its sealed files.

    Raises
    ------
    WaveError
        When there is no such wave, or a file was changed since it was sealed.
    """
    folder = wave_folder(project, wave_id)
    problems = check_seals(project, wave_id)
    if problems:
        lines = "\n".join(f"  - {project.relative(folder)}/{problem}" for problem in problems)
        raise WaveError(
            f"La ola {wave_id} no está como se selló:\n{lines}\n"
            "Recupere los archivos de su copia o de git; para corregir una respuesta, use "
            "--corrections al importar."
        )
    described = read_description(folder)
    instrument = load_instrument(project, described.meta.instrument)
    tables = _tables(project, folder, described)
    return Wave(
        meta=described.meta,
        instrument=instrument,
        folder=tables,
        corrections=_corrections(folder),
        log=described.log,
        own_codes=_own_codes(folder, instrument),
    )


def _own_codes(folder: Path, instrument: Instrument) -> bool:
    mapping = read_mapping(folder / "mapping.csv", instrument)
    named = [column for column, rule in mapping.columns.items() if rule.item == RESPONDENT]
    return bool(named) and not of_a_submission(named[0])


def _tables(project: Project, folder: Path, described: Description) -> Path:
    key = tables_key(folder, project, described.meta.instrument)
    kept = tables_folder(project) / folder.name / key
    if (kept / "dictionary.csv").is_file():
        return kept
    return tables_again(project, folder, described)


def _corrections(folder: Path) -> Any:
    import pandas as pd

    from analysis.waves.corrections import COLUMNS

    path = folder / "corrections.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS), dtype="string")
    return pd.read_csv(path, dtype="string", keep_default_na=False)
