"""How complete the texts of each language are, compared with the Spanish ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

from analysis import texts

REFERENCE = texts.DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Completeness:
    """What a language has of what the reference has.

    Parameters
    ----------
    lang : str
        Language.
    expected, present : int
        Texts of the reference, and how many of them the language has.
    missing : tuple of str
        Keys of those that it lacks, e.g. ``labels: page.next`` or ``04_medicion: [method]``.
    unknown : tuple of str
        Keys that the reference does not have (any more).
    differing : tuple of str
        Keys whose placeholders are not those of the reference.
    """

    lang: str
    expected: int
    present: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether pages can be built in the language."""
        return not (self.missing or self.differing)


def catalogue(lang: str) -> dict[str, str]:
    """Read every text of a language by key: labels, glossary and passages of the notebooks."""
    folder = files("analysis.texts").joinpath(lang)
    found: dict[str, str] = {}
    labels = folder.joinpath("labels")
    sources = [folder.joinpath("labels.yml")]
    if labels.is_dir():
        sources += [f for f in labels.iterdir() if f.name.endswith(".yml")]
    for file in sources:
        if file.is_file():
            content = yaml.safe_load(file.read_text("utf-8")) or {}
            content.pop("source_sections", None)  # names that Spanish has no need to translate
            found.update((f"labels: {key}", text) for key, text in _leaves(content))
    glossary = folder.joinpath("glossary.yml")
    if glossary.is_file():
        terms = yaml.safe_load(glossary.read_text("utf-8"))
        found.update((f"glossary: {n}", term["term"]) for n, term in enumerate(terms, 1))
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".md"):
            name = file.name.removesuffix(".md")
            passages = texts.split_passages(file.read_text("utf-8"))
            found.update((f"{name}: [{key}]", "") for key in passages)
    return found


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping) and "other" not in value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            text = value["other"] if isinstance(value, Mapping) else str(value)
            yield f"{prefix}{key}", text


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def completeness(lang: str) -> Completeness:
    """Compare a language with the reference.

    Raises
    ------
    MissingTextError
        When there is no folder of texts for the language.
    """
    if lang not in {**texts.LOCALES, **texts.PREPARED}:
        texts.locale(lang)
    expected, own = catalogue(REFERENCE), catalogue(lang)
    missing = tuple(key for key in expected if key not in own)
    differing = tuple(
        key
        for key in expected
        if key in own and key.startswith("labels: ") and _fields(expected[key]) != _fields(own[key])
    )
    unknown = tuple(key for key in own if key not in expected)
    present = len(expected) - len(missing)
    return Completeness(lang, len(expected), present, missing, unknown, differing)
