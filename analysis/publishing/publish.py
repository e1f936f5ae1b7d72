"""A folder or zip that any static web host or repository of data takes as it is."""

from __future__ import annotations

import json
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from analysis import texts
from analysis.paths import Project
from analysis.published import load_study
from analysis.publishing.edition import Edition, read_edition
from analysis.publishing.verify import files_of

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # a zip must not change with the clock
LICENCES = ("LICENSE", "CITATION.cff")


class PublishError(ValueError):
    """The reports cannot be published as they are."""


def publish(project: Project, reports: Path, target: Path) -> list[str]:
    """Copy what is published, with licence, citation, metadata for Zenodo and checksums.

    Parameters
    ----------
    project : Project
        For licence, citation and edition.
    reports : Path
        Folder of the reports, built.
    target : Path
        A folder that does not exist or is empty, or a file that ends in ``.zip``.

    Returns
    -------
    list of str
        The files written, by path inside the target.

    Raises
    ------
    PublishError
        When there are no reports, a notebook failed, or the target holds something else.
    """
    found = files_of(reports)
    if "index.html" not in found:
        raise PublishError(f"No hay informes en {reports}. Constrúyalos con: cuadernos build")
    failed = sorted((reports / "failed").glob("*/*.ipynb"))
    if failed:
        names = ", ".join(path.stem for path in failed)
        raise PublishError(f"Hay cuadernos que fallaron ({names}); corríjalos antes de publicar.")
    content = {name: path.read_bytes() for name, path in found.items()}
    for name in LICENCES:
        if (project.root / name).is_file():
            content[name] = (project.root / name).read_bytes()
    zenodo = json.dumps(_zenodo(project, read_edition(project.root)), ensure_ascii=False, indent=2)
    content[".zenodo.json"] = f"{zenodo}\n".encode()
    content[".nojekyll"] = b""
    content["SHA256SUMS"] = _checksums(content)
    if target.suffix == ".zip":
        _write_zip(target, content)
    else:
        _write_folder(target, content)
    return sorted(content)


def _checksums(content: dict[str, bytes]) -> bytes:
    lines = [f"{sha256(data).hexdigest()}  {name}" for name, data in sorted(content.items())]
    return ("\n".join(lines) + "\n").encode()


def _zenodo(project: Project, edition: Edition) -> dict[str, Any]:
    study = load_study(project)
    lang = texts.DEFAULT_LANGUAGE
    found: dict[str, Any] = {
        "title": f"{texts.label('index.title', lang)} ({study.citation})",
        "description": texts.label("index.lead", lang, citation=study.citation),
        "upload_type": "publication",
        "publication_type": "report",
        "creators": [{"name": name} for name in edition.authors],
        "license": "cc-by-4.0",
        "language": "spa",
        "version": edition.version,
        "notes": f"{study.title}. {study.citation}. {', '.join(study.publishers)}, {study.year}.",
    }
    if edition.released:
        found["publication_date"] = edition.released.isoformat()
    return found


def _write_folder(target: Path, content: dict[str, bytes]) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PublishError(f"{target} ya existe y no está vacía; elija otra carpeta.")
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for name, data in content.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if target.exists():
        target.rmdir()
    draft.replace(target)


def _write_zip(target: Path, content: dict[str, bytes]) -> None:
    if target.exists():
        raise PublishError(f"{target} ya existe; elija otro nombre.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(content.items()):
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    draft.replace(target)
