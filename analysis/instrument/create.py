"""Start a version of the questionnaire from another one."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis import datapackage
from analysis.files import write_whole
from analysis.instrument.load import load_instrument
from analysis.instrument.tables import FOLDER, folder_of, read_rows
from analysis.paths import Project

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OWN = "propia"
"""Status of a version that a project words itself."""


def new_version(
    project: Project, version: str, source: str, title: Mapping[str, str] | None = None
) -> Path:
    """Copy a version under another name, described as what it is, and seal it.

    Parameters
    ----------
    project : Project
        The project.
    version : str
        Name of the new version: lower-case letters, digits and hyphens.
    source : str
        Version that it starts from.
    title : mapping of str to str, optional
        Title by language; by default that of the source.

    Returns
    -------
    Path
        Its folder; nothing is left there when something fails.

    Raises
    ------
    ValueError
        When the name does not serve or is taken, or the source does not exist or has faults.
    """
    origin = folder_of(project, source)
    target = project.raw / FOLDER / version
    if not _ID.fullmatch(version) or len(version) > 40:
        raise ValueError(
            f"«{version}» no vale como versión: use hasta 40 minúsculas sin acento, cifras y "
            "guiones, por ejemplo 2027."
        )
    if target.exists():
        raise ValueError(f"Ya hay una versión «{version}»; elija otro nombre.")
    former = load_instrument(project, source)
    named = {**former.title, **(title or {})}
    home = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=target.parent))
    try:
        draft = home / version
        shutil.copytree(origin, draft)
        _settings(draft / "settings.csv", version, source, named)
        _describe(draft / datapackage.DESCRIPTOR, version, source, named["es"])
        datapackage.seal(draft)
        draft.replace(target)
        _inherit(target.parent, version, source)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return target


def _inherit(folder: Path, version: str, source: str) -> None:
    """Give the copy the reviewed verdicts of its source: today it asks the same."""
    path = folder / "crosswalk.csv"
    if not path.is_file():
        return
    rows = read_rows(path)
    ends = ("version_a", "version_b")
    own = [
        {**row, **{end: version for end in ends if row[end] == source}}
        for row in rows
        if source in (row["version_a"], row["version_b"])
    ]
    if own:
        write_whole(path, _table([*rows, *own]))
        datapackage.seal(folder)


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _settings(path: Path, version: str, source: str, title: Mapping[str, str]) -> None:
    rows = read_rows(path)
    form = "cuadernos_ciudades_" + version.replace("-", "_")
    own = {
        "title": (title["es"], title["en"]),
        "form_id": (form, form),
        "status": (OWN, OWN),
        "statement": (
            f"Versión {version}, hecha a partir de la versión {source} del cuestionario. No es el "
            "formulario que las ciudades recibieron en 2017.",
            f"Version {version}, made from version {source} of the questionnaire. It is not the "
            "form that the cities received in 2017.",
        ),
    }
    changed = []
    for row in rows:
        texts = own.get(row["setting"])
        changed.append({**row, "value_es": texts[0], "value_en": texts[1]} if texts else row)
    write_whole(path, _table(changed))


def _describe(path: Path, version: str, source: str, title: str) -> None:
    content = json.loads(path.read_text("utf-8"))
    content["name"] = f"instrument-{version}"
    content["title"] = f"{title}, versión {version}"
    content["description"] = f"Hecha a partir de la versión {source} del cuestionario."
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
