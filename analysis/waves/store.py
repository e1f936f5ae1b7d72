"""Where waves are kept: sealed files in ``data/raw/waves``, tables in ``data/processed/waves``."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import re
import shutil
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.datapackage import package_key, sha256
from analysis.drafts import draft_folder, sweep
from analysis.files import write_whole
from analysis.instrument import Instrument
from analysis.mapping import Mapping
from analysis.paths import Project
from analysis.responses import Responses
from analysis.waves.description import NAME, read_description

if TYPE_CHECKING:
    import pyarrow.parquet as pq

PUBLISHED_WAVE = "2017"
"""The published study, whose answers are not public: it has no wave of answers."""
_ID = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_FORMER = "former-"
_FORMAT = 1  # of the generated tables; a new number makes them again
_RESERVED = {"con", "prn", "aux", "nul", "new", "list", *(f"com{n}" for n in range(1, 10))}


class WaveError(ValueError):
    """A wave does not exist, is damaged, or cannot be made."""


def waves_folder(project: Project) -> Path:
    """Return the folder of the waves."""
    return project.raw / "waves"


def wave_ids(project: Project) -> list[str]:
    """List the waves of a project, in order; what a killed command left half done goes first."""
    home = waves_folder(project)
    sweep(home, rescue=_finish_rewriting)
    sweep(tables_folder(project))
    return sorted(path.parent.name for path in home.glob(f"[!.]*/{NAME}"))


def under_way(project: Project) -> AbstractContextManager[Path]:
    """Make a folder in which a wave is made or rewritten."""
    return draft_folder(waves_folder(project), rescue=_finish_rewriting)


def rewrite(folder: Path, draft: Path) -> None:
    """Put the new content of a wave (``draft/wave``) in the place of the former.

    Whoever is stopped between the two moves leaves both in the draft, and what clears the draft
    ends the second one.
    """
    (draft / "wave").chmod(0o755)
    folder.replace(draft / f"{_FORMER}{folder.name}")
    _finish_rewriting(draft)


def _finish_rewriting(draft: Path) -> None:
    for former in draft.glob(f"{_FORMER}*"):
        folder = draft.parent / former.name.removeprefix(_FORMER)
        if not folder.exists():
            (draft / "wave").replace(folder)


def tables_folder(project: Project) -> Path:
    """Return the folder of the generated tables of all waves."""
    return project.processed / "waves"


def wave_folder(project: Project, wave_id: str) -> Path:
    """Return the folder of a wave.

    Raises
    ------
    WaveError
        When there is none; names those that exist.
    """
    known = wave_ids(project)
    if wave_id in known:
        return waves_folder(project) / wave_id
    if wave_id == PUBLISHED_WAVE:
        raise WaveError(
            "Las respuestas de 2017 no son públicas, así que no hay una ola «2017»; lo que el "
            "estudio publicó está en data/raw/cuaderno8."
        )
    there = ", ".join(known) or "ninguna"
    raise WaveError(f"No hay una ola «{wave_id}»; hay: {there}.")


def check_id(project: Project, wave_id: str) -> None:
    """Refuse an identifier that is taken or unfit for a folder and an address."""
    if not _ID.fullmatch(wave_id) or len(wave_id) > 40 or wave_id in _RESERVED:
        raise WaveError(
            f"«{wave_id}» no vale como identificador: use hasta 40 minúsculas sin acento, cifras y "
            "guiones, por ejemplo red-2026."
        )
    if wave_id == PUBLISHED_WAVE:
        raise WaveError("«2017» es el estudio publicado; dele otro identificador a su ola.")
    if (waves_folder(project) / wave_id).exists():
        raise WaveError(f"Ya hay una ola «{wave_id}»; dele otro identificador a la nueva.")


def check_seals(project: Project, wave_id: str) -> list[str]:
    """Compare every file of a wave with its seal.

    Returns
    -------
    list of str
        What is wrong, in Spanish; empty when nothing is.
    """
    folder = wave_folder(project, wave_id)
    described = read_description(folder)
    found = []
    for name, seal in described.seals.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name}: falta el archivo")
        elif sha256(path) != seal:
            found.append(f"{name}: cambió desde que se selló (su sha256 no es el de {NAME})")
    present = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    found += [f"{name}: sobra" for name in sorted(present - set(described.seals) - {NAME})]
    return found


def tables_key(folder: Path, project: Project, version: str) -> str:
    """Name the tables of a wave after all that they depend on: its files and its questionnaire."""
    seal = package_key(project.raw / "instrument" / version)
    text = f"{_FORMAT} {seal} ".encode() + (folder / NAME).read_bytes()
    return hashlib.sha256(text).hexdigest()[:16]


class Tables:
    """The generated tables of a wave, written piece by piece; whole or not there."""

    def __init__(self, project: Project, wave_id: str) -> None:
        self.project, self.wave_id = project, wave_id
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._until_the_end = ExitStack()

    def __enter__(self) -> Tables:
        """Make a draft folder."""
        draft = draft_folder(tables_folder(self.project))
        self.draft = self._until_the_end.enter_context(draft) / "tables"
        self.draft.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        """Delete what was not kept."""
        self._close()
        self._until_the_end.close()

    def _close(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()

    def add(self, responses: Responses) -> None:
        """Write a piece, one row group a table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        respondents = pa.Table.from_pandas(responses.respondents(), preserve_index=False)
        for name, table in (("respondents", respondents), ("answers", responses.answers())):
            plain = table.replace_schema_metadata(None)
            if name not in self._writers:
                path = self.draft / f"{name}.parquet"
                self._writers[name] = pq.ParquetWriter(path, plain.schema, compression="zstd")
            self._writers[name].write_table(plain.cast(self._writers[name].schema))

    def keep(self, folder: Path, instrument: Instrument, mapping: Mapping | None) -> Path:
        """Add the data dictionary and put the tables in their place; former ones go."""
        self._close()
        write_whole(self.draft / "dictionary.csv", dictionary(instrument, mapping))
        home = tables_folder(self.project) / self.wave_id
        home.mkdir(exist_ok=True)
        target = home / tables_key(folder, self.project, instrument.version)
        self.draft.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was first
            self.draft.replace(target)
        for path in home.iterdir():
            if path != target:
                shutil.rmtree(path, ignore_errors=True)
        return target


def dictionary(instrument: Instrument, mapping: Mapping | None) -> str:
    """Write the data dictionary of a wave: one row a question, and one a choice."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = ("item", "choice", "type", "label_es", "label_en", "required", "relevant", "constraint")
    writer.writerow((*names, "missing", "exclusive", "sensitivity", "source_columns"))
    for item in instrument.questions:
        columns = [] if mapping is None else [r.source_column for r in mapping.of_item(item.code)]
        conditions = " and ".join(f"({c})" for c in instrument.conditions(item.code))
        writer.writerow(
            (
                *(item.code, "", item.type, item.label["es"], item.label["en"]),
                *(str(item.required).lower(), conditions, item.constraint or "", "", ""),
                *(item.sensitivity, " | ".join(columns)),
            )
        )
        for c in item.choices:
            own = [] if mapping is None else mapping.of_item(item.code)
            boxes = [rule.source_column for rule in own if rule.choice == c.code]
            writer.writerow(
                (
                    *(item.code, c.code, "", c.label["es"], c.label["en"], "", "", ""),
                    *(c.missing or "", str(c.exclusive).lower(), "", " | ".join(boxes)),
                )
            )
    return stream.getvalue()
