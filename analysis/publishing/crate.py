"""How a run was made: inputs with their hashes, parameters, environment, code and outputs.

Written for machines as an RO-Crate (process run) in ``reports/provenance``, and in words on each
page. Nothing in it depends on the clock, the user or the folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis import __version__, texts
from analysis.datapackage import packages, read_descriptor, sha256
from analysis.files import write_whole
from analysis.paths import Project
from analysis.publishing.edition import Edition, read_edition
from analysis.publishing.inputs import inputs_of, parameters_of
from analysis.publishing.variants import notebook_name

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"


def how_made(project: Project, executed: Path | None, lang: str) -> list[tuple[str, str]]:
    """Say in words how a page was made: data, code, parameters, environment.

    Parameters
    ----------
    project : Project
        The project.
    executed : Path or None
        The executed notebook of a page; None for the index.
    lang : str
        Language.
    """
    say = texts.label
    seals = [(folder, sha256(folder / "datapackage.json")) for folder in packages(project.raw)]
    rows = [
        (
            say("made.data", lang),
            "; ".join(
                say("made.package", lang, name=project.relative(folder), seal=seal[:12])
                for folder, seal in seals
            ),
        ),
        (say("made.code", lang), say("made.version", lang, version=__version__)),
    ]
    lock = project.root / "requirements.lock"
    if lock.is_file():
        rows.append((say("made.environment", lang), say("made.lock", lang, seal=sha256(lock)[:12])))
    if executed is not None:
        source = project.notebooks / f"{notebook_name(executed.stem)}.ipynb"
        if source.is_file():
            rows.append(
                (
                    say("made.notebook", lang),
                    say(
                        "made.package",
                        lang,
                        name=project.relative(source),
                        seal=sha256(source)[:12],
                    ),
                )
            )
        rows += [
            (
                say(f"made.{one.kind}", lang),
                say("made.package", lang, name=project.relative(one.folder), seal=one.seal[:12]),
            )
            for one in inputs_of(project, executed)
        ]
        given = parameters_of(executed)
        if given:
            words = ", ".join(f"{name} = {value}" for name, value in given.items())
            rows.append((say("made.parameters", lang), words))
    return rows


def write_crate(project: Project, out: Path, outputs: Sequence[Path]) -> Path:
    """Write the RO-Crate of everything that is in a folder of reports.

    Parameters
    ----------
    project : Project
        For inputs, environment and edition.
    out : Path
        Folder of the reports.
    outputs : sequence of Path
        Pages, PDF and other files made.
    """
    edition = read_edition(project.root)
    inputs = _inputs(project)
    made = [_file(path, f"../{path.relative_to(out).as_posix()}") for path in sorted(outputs)]
    executed = sorted((out / "executed").glob("*/*.ipynb"))
    own = {path: _used(project, path) for path in executed}
    runs = [_run(path, out, [*inputs, *own[path]]) for path in executed]
    inputs += {item["@id"]: item for used in own.values() for item in used}.values()
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": PROFILE},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Cuadernos",
            "description": texts.label("made.crate", texts.DEFAULT_LANGUAGE),
            "datePublished": _date(edition),
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "hasPart": [{"@id": item["@id"]} for item in (*inputs, *made)],
            "mentions": [{"@id": run["@id"]} for run in runs],
            "version": edition.version,
        },
        {
            "@id": "https://creativecommons.org/licenses/by/4.0/",
            "@type": "CreativeWork",
            "name": "CC BY 4.0",
        },
        {
            "@id": "#cuadernos",
            "@type": "SoftwareApplication",
            "name": "cuadernos",
            "version": __version__,
            "author": list(edition.authors),
        },
        *inputs,
        *made,
        *runs,
    ]
    path = out / "provenance" / "ro-crate-metadata.json"
    text = json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1)
    write_whole(path, text + "\n")
    return path


def _date(edition: Edition) -> str:
    released = edition.released or datetime.fromtimestamp(0, UTC).date()
    return released.isoformat()


def _inputs(project: Project) -> list[dict[str, Any]]:
    """Describe every input by its path in the project and its hash."""
    found = []
    for folder in packages(project.raw):
        descriptor = read_descriptor(folder)
        for resource in [{"path": "datapackage.json"}, *descriptor["resources"]]:
            path = folder / resource["path"]
            item = _file(path, f"#input/{project.relative(path)}")
            item["name"] = project.relative(path)
            found.append(item)
    sources = [*sorted(project.notebooks.glob("*.ipynb")), project.root / "requirements.lock"]
    for path in filter(Path.is_file, sources):
        item = _file(path, f"#input/{project.relative(path)}")
        item["name"] = project.relative(path)
        found.append(item)
    return found


def _used(project: Project, executed: Path) -> list[dict[str, Any]]:
    """Describe the files of the waves and corpora of one notebook by the hashes that seal them."""
    return [
        {
            **_about(path, f"#input/{project.relative(path)}", digest),
            "name": project.relative(path),
        }
        for one in inputs_of(project, executed)
        for path, digest in one.files.items()
    ]


def _file(path: Path, identifier: str) -> dict[str, Any]:
    return _about(path, identifier, sha256(path))


def _about(path: Path, identifier: str, digest: str) -> dict[str, Any]:
    kinds = {
        ".html": "text/html",
        ".pdf": "application/pdf",
        ".json": "application/json",
        ".csv": "text/csv",
        ".ipynb": "application/x-ipynb+json",
    }
    return {
        "@id": identifier,
        "@type": "CreativeWork" if identifier.startswith("#") else "File",
        "name": path.name,
        "encodingFormat": kinds.get(path.suffix, "text/plain"),
        "contentSize": str(path.stat().st_size),
        "sha256": digest,
    }


def _run(executed: Path, out: Path, inputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    lang, name = executed.parent.name, executed.stem
    return {
        "@id": f"#run/{lang}/{name}",
        "@type": "CreateAction",
        "name": f"{name} ({lang})",
        "instrument": {"@id": "#cuadernos"},
        "object": [{"@id": item["@id"]} for item in inputs],
        "result": [
            {"@id": f"../{lang}/{name}{ending}"}
            for ending in (".html", ".pdf")
            if (out / lang / f"{name}{ending}").is_file()
        ],
        "description": ", ".join(f"{k} = {v}" for k, v in parameters_of(executed).items()),
    }
