"""Which waves and corpora a cuaderno was made from, with the hash of each of their files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.datapackage import sha256
from analysis.paths import Project
from analysis.publishing.notebook import NotebookError
from analysis.publishing.parameters import DeclarationError, declared
from analysis.publishing.variants import notebook_name

_WAVES, _CORPUS = ("wave", "waves"), "corpus"  # parameters that name them
_CORPUS_FILES = ("*.toml", "*.csv", "SHA256SUMS", "codebook/*.csv", "codings/**/*.csv")


@dataclass(frozen=True)
class Input:
    """A wave or a corpus.

    Parameters
    ----------
    kind : str
        ``wave`` or ``corpus``.
    folder : Path
        Where it is.
    seal : str
        sha256 that stands for the whole: of the file that seals the others, or, where people keep
        changing files (codings), of the list of all hashes.
    files : dict of Path to str
        sha256 of each file.
    """

    kind: str
    folder: Path
    seal: str
    files: dict[Path, str]


def parameters_of(executed: Path) -> dict[str, Any]:
    """Return the parameters that papermill gave to an executed notebook."""
    metadata = json.loads(executed.read_text("utf-8"))["metadata"]
    return dict(metadata.get("papermill", {}).get("parameters", {}))


def inputs_of(project: Project, executed: Path) -> list[Input]:
    """List the waves and corpora that the parameters of an executed notebook name.

    Parameters
    ----------
    project : Project
        The project.
    executed : Path
        The executed notebook; what it was not given is what its notebook declares.

    Returns
    -------
    list of Input
        Waves first. A name that is no wave or corpus of the project (``2017``) is left out.
    """
    source = project.notebooks / f"{notebook_name(executed.stem)}.ipynb"
    try:
        values = {name: p.default for name, p in declared(source).items()}
    except (NotebookError, DeclarationError, OSError):
        values = {}
    values |= parameters_of(executed)
    named = ",".join(str(values.get(name, "")) for name in _WAVES).split(",")
    found = [_wave(project, wave_id) for wave_id in dict.fromkeys(name.strip() for name in named)]
    found.append(_corpus(project, str(values.get(_CORPUS, ""))))
    return [one for one in found if one]


def _wave(project: Project, wave_id: str) -> Input | None:
    from analysis.waves import wave_folder, wave_ids
    from analysis.waves.description import NAME, read_description

    if wave_id not in wave_ids(project):
        return None
    folder = wave_folder(project, wave_id)
    seal = sha256(folder / NAME)
    sealed = {folder / name: digest for name, digest in read_description(folder).seals.items()}
    return Input("wave", folder, seal, {folder / NAME: seal, **sealed})


def _corpus(project: Project, corpus_id: str) -> Input | None:
    from hashlib import sha256 as digest

    from analysis.coding.corpus import corpora_folder, corpus_ids

    if corpus_id not in corpus_ids(project):
        return None
    folder = corpora_folder(project) / corpus_id
    paths = sorted({path for pattern in _CORPUS_FILES for path in folder.glob(pattern)})
    files = {path: sha256(path) for path in paths if path.is_file()}
    lines = "".join(
        f"{value}  {path.relative_to(folder).as_posix()}\n" for path, value in files.items()
    )
    return Input("corpus", folder, digest(lines.encode()).hexdigest(), files)
