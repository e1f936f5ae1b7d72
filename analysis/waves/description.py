"""``wave.toml``: what is known of a wave, and the seal of each of its files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analysis.provenance import EvidenceClass
from analysis.readers import ReadOptions
from analysis.responses import WaveMeta

NAME = "wave.toml"
_OPTIONS = ("encoding", "delimiter", "decimal", "dates", "sheet", "short_rows")


class DescriptionError(ValueError):
    """``wave.toml`` lacks something or says it otherwise."""


@dataclass(frozen=True)
class Description:
    """The content of ``wave.toml``.

    Parameters
    ----------
    meta : WaveMeta
        What is known of the wave.
    received : str
        Name that the file had when it was brought in.
    file : str
        Name of the file in the folder.
    seals : mapping of str to str
        sha256 of every other file of the folder, by name.
    options : ReadOptions
        How the file is read.
    log : tuple of mapping
        What was done after the import: ``date`` and ``what``.
    """

    meta: WaveMeta
    received: str
    file: str
    seals: Mapping[str, str]
    options: ReadOptions = field(default_factory=ReadOptions)
    log: tuple[Mapping[str, str], ...] = ()


def write_description(d: Description) -> str:
    """Write ``wave.toml``."""
    meta = d.meta
    one_mode = set(meta.mode.values())
    head = {
        "id": meta.id,
        "evidence": str(meta.evidence),
        "instrument": meta.instrument,
        "starts": meta.starts,
        "ends": meta.ends,
        "mode": one_mode.pop() if len(one_mode) == 1 else "",
        "contact": meta.contact,
    }
    options = {name: getattr(d.options, name) for name in _OPTIONS}
    if d.options.structure:
        options["structure"] = d.options.structure.name
    parts = [
        "# What is known of this wave. `cuadernos wave new` wrote it; the seals hold the files.",
        *_lines(head),
        *_table("label", meta.label),
        *_table("frame", {"size": meta.frame_size, "item": meta.frame_item, **_langs(meta.frame)}),
        *_table("frame.strata", meta.strata),
        *(_table("mode", meta.mode) if not head["mode"] else []),
        *_table("consent", meta.consent),
        *_table("file", {"name": d.file, "received": d.received}),
        *_table("read", {k: v for k, v in options.items() if v}),
        *_table("sha256", d.seals),
    ]
    for entry in d.log:
        parts += ["", "[[log]]", *_lines(entry)]
    return "\n".join(parts) + "\n"


def _langs(words: Mapping[str, str]) -> dict[str, str]:
    return {f"text_{lang}": text for lang, text in words.items()}


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    lines = _lines(values)
    return ["", f"[{name}]", *lines] if lines else []


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [
        f"{_key(name)} = {_value(value)}"
        for name, value in values.items()
        if value is not None and value != ""
    ]


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else _string(name)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case date():
            return value.isoformat()
    return _string(str(value))


def _string(text: str) -> str:
    """Write a TOML basic string, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def read_description(folder: Path) -> Description:
    """Read ``wave.toml``.

    Raises
    ------
    DescriptionError
        When it is broken or lacks something; says what to write.
    """
    path = folder / NAME
    where = f"{folder.name}/{NAME}"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DescriptionError(f"{where}: no es TOML válido ({error}).") from None
    for name in ("id", "evidence", "instrument", "label", "file", "sha256"):
        if name not in data:
            raise DescriptionError(f"{where}: falta «{name}».")
    if data["id"] != folder.name:
        raise DescriptionError(f"{where}: id dice «{data['id']}» y la carpeta es «{folder.name}».")
    if data["evidence"] not in (EvidenceClass.OBSERVED, EvidenceClass.DEMO):
        raise DescriptionError(
            f"{where}: evidence es «{data['evidence']}»; debe ser observed o demo."
        )
    frame = data.get("frame", {})
    read = {k: v for k, v in data.get("read", {}).items() if k in (*_OPTIONS, "structure")}
    if "structure" in read:
        read["structure"] = folder / read["structure"]
    label = dict(data["label"])
    label = {lang: label.get(lang) or next(iter(label.values())) for lang in ("es", "en")}
    meta = WaveMeta(
        id=data["id"],
        label=label,
        instrument=str(data["instrument"]),
        evidence=EvidenceClass(data["evidence"]),
        starts=data.get("starts"),
        ends=data.get("ends"),
        frame={
            key.removeprefix("text_"): value
            for key, value in frame.items()
            if key.startswith("text_")
        },
        frame_size=frame.get("size"),
        frame_item=frame.get("item", ""),
        strata=dict(frame.get("strata", {})),
        mode=_in_each_language(data.get("mode", {})),
        consent=_in_each_language(data.get("consent", {})),
        contact=data.get("contact", ""),
    )
    return Description(
        meta=meta,
        received=data["file"].get("received", data["file"]["name"]),
        file=data["file"]["name"],
        seals=dict(data["sha256"]),
        options=ReadOptions(**read),
        log=tuple(data.get("log", ())),
    )


def _in_each_language(told: str | Mapping[str, str]) -> dict[str, str]:
    """Let one text serve every language."""
    return dict.fromkeys(("es", "en"), told) if isinstance(told, str) else dict(told)
