"""Words and numbers in the reader's language.

Everything a reader sees is written in ``analysis/texts/<lang>/``: short labels in ``labels.yml``
(those of one area in a file of ``labels/``),
the prose of each notebook in a Markdown file of its own. Numbers, dates and lists are formatted
here, once, through Babel (CLDR), so that no other module knows a decimal separator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date as _babel_date
from babel.lists import format_list as _babel_list
from babel.numbers import format_decimal

LOCALES: dict[str, str] = {"es": "es_CO", "en": "en_GB"}
"""Languages that are complete, with the CLDR locale that formats their numbers and dates."""

PREPARED: dict[str, str] = {"pt": "pt_BR", "fr": "fr_FR"}
"""Languages whose texts are being written; ``cuadernos texts`` tells how much is missing."""

DEFAULT_LANGUAGE = "es"
HARD_SPACE = "\u00a0"  # between a number and its %, so that a line never breaks there


_SHARE = re.compile(r"\d\s*(%|por ciento|per cent|percent)", re.IGNORECASE)


class Computed(str):
    """A text that the program made from values with origin; nobody typed the numbers in it."""


class Foreign(str):
    """A text in a language of its own, e.g. a quotation, which a page says to screen readers."""

    lang: str

    def __new__(cls, text: str, lang: str) -> Foreign:
        """Keep the language beside the text."""
        made = super().__new__(cls, text)
        made.lang = lang
        return made


def naked_percentage(text: str) -> bool:
    """Tell whether a typed text states a percentage, which only a Share may do."""
    return not isinstance(text, Computed) and _SHARE.search(text) is not None


class MissingTextError(KeyError):
    """A label or a passage does not exist in a language."""

    def __str__(self) -> str:
        """Return the message without the quotes that KeyError adds."""
        return str(self.args[0])


def locale(lang: str) -> Locale:
    """Return the CLDR locale of a language; ``MissingTextError`` names those that exist."""
    if lang in PREPARED:
        raise MissingTextError(
            f"El idioma «{lang}» está en preparación y todavía no se publica; "
            f"«cuadernos texts {lang}» dice qué textos faltan. Hay: {', '.join(LOCALES)}."
        )
    if lang not in LOCALES:
        raise MissingTextError(f"El idioma «{lang}» no está disponible; hay: {', '.join(LOCALES)}.")
    return Locale.parse(LOCALES[lang])


def _read(file: Traversable) -> Any:
    """Read YAML with libyaml, ten times as fast as the parser in Python, where it is there."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text("utf-8"), Loader=loader)  # both loaders are safe


@cache
def _labels(lang: str) -> Mapping[str, Any]:
    locale(lang)
    folder = files(__package__).joinpath(lang)
    areas = folder.joinpath("labels")
    found: dict[str, Any] = _read(folder.joinpath("labels.yml"))
    for file in sorted(areas.iterdir(), key=lambda f: f.name) if areas.is_dir() else []:
        if file.name.endswith(".yml"):
            _merge(found, _read(file) or {}, f"{lang}/labels/{file.name}")
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any], where: str) -> None:
    """Add the labels of an area; a label of the same key in two files would hide one of them."""
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value, where)
        elif key in into:
            raise ValueError(f"{where}: la clave «{key}» ya está en otro archivo de textos.")
        else:
            into[key] = value


def label(key: str, lang: str, /, **values: object) -> str:
    """Return a short text of the interface.

    Parameters
    ----------
    key : str
        Dotted key in ``labels.yml``, e.g. ``"evidence.published.name"``.
    lang : str
        Language code.
    **values
        Values for the ``{placeholders}`` of the text, already formatted. When the entry has the
        forms ``one`` and ``other``, ``count`` (an int) chooses by the plural rule of the language.

    Raises
    ------
    MissingTextError
        When the key does not exist.
    """
    node: Any = _labels(lang)
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise MissingTextError(f"Falta el texto «{key}» en analysis/texts/{lang}/labels.yml.")
        node = node[part]
    if isinstance(node, Mapping) and "other" in node:
        count = int(values["count"])  # type: ignore[call-overload]
        node = node.get(locale(lang).plural_form(count), node["other"])
        values["count"] = number(count, lang)
    if not isinstance(node, str):
        raise MissingTextError(f"«{key}» no es un texto sino un grupo en {lang}/labels.yml.")
    return node.format(**values) if values else node


def group(key: str, lang: str) -> dict[str, Any]:
    """Return every label below a key, as a front end needs them; placeholders stay as they are."""
    node: Any = _labels(lang)
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping):
        raise MissingTextError(f"Falta el grupo de textos «{key}» en analysis/texts/{lang}/.")
    return dict(node)


def has_label(key: str, lang: str) -> bool:
    """Tell whether a label exists."""
    try:
        label(key, lang, count=0)
    except MissingTextError:
        return False
    return True


def number(value: int | float | Decimal, lang: str, decimals: int | None = None) -> str:
    """Write a number; ``decimals`` fixes the places, by default those that the value has."""
    if decimals is None:
        exponent = Decimal(str(value)).as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(Decimal(str(value)), format=pattern, locale=locale(lang))


def percent(value: int | float | Decimal, lang: str, decimals: int | None = None) -> str:
    """Write a percentage that is already in percent units (``48`` gives «48 %»)."""
    sign = "%" if lang == "en" else f"{HARD_SPACE}%"
    return number(value, lang, decimals) + sign


def day(value: date, lang: str) -> str:
    """Write a date in full, e.g. «2 de febrero de 2018»."""
    return _babel_date(value, format="long", locale=locale(lang))


def month(value: date, lang: str) -> str:
    """Write a month and its year, e.g. «marzo de 2005»."""
    return _babel_date(
        value, format="MMMM 'de' y" if lang == "es" else "MMMM y", locale=locale(lang)
    )


def listing(items: Iterable[str], lang: str, style: str = "standard") -> str:
    """Join items as a sentence does, e.g. «20 %, 48 % y 33 %»; ``style="or"`` for alternatives.

    Items that hold a comma or a conjunction of their own are joined by semicolons.
    """
    words = list(items)
    if len(words) > 1 and any(re.search(r",| y | and ", word) for word in words):
        return "; ".join(words)
    joined = _babel_list(words, style=style, locale=locale(lang))
    if lang == "es" and len(words) > 1:  # euphony, which CLDR does not know: «español e inglés»
        if re.match(r"h?[ií](?![aeo])", words[-1].lower()):
            joined = joined.replace(f" y {words[-1]}", f" e {words[-1]}")
        elif re.match(r"h?[oó]|8|11(?!\d)", words[-1].lower()):
            joined = joined.replace(f" o {words[-1]}", f" u {words[-1]}")
    return joined


def country(code: str, lang: str) -> str:
    """Name a country from its ISO code."""
    return locale(lang).territories.get(code, code)


def glued(text: str) -> str:
    """Keep a letter that names something on the line of its noun: «Ola de demostración A»."""
    return re.sub(r" (?=[A-Z]\b)", HARD_SPACE, text)


def section_name(name: str, lang: str) -> str:
    """Name a part of the source in a language; one without translation keeps its own name."""
    return _labels(lang).get("source_sections", {}).get(name, name)


def passages(name: str, lang: str) -> dict[str, str]:
    """Read the prose of a notebook.

    The file ``<lang>/<name>.md`` holds passages, each under a line with its key in square brackets.

    Returns
    -------
    dict of str to str
        Markdown templates by key.
    """
    locale(lang)
    file = files(__package__).joinpath(lang, f"{name}.md")
    if not file.is_file():
        raise MissingTextError(f"Falta el archivo de textos analysis/texts/{lang}/{name}.md.")
    return split_passages(file.read_text("utf-8"))


def split_passages(text: str) -> dict[str, str]:
    """Split a file of texts into its passages, by key."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        mark = line.strip()
        if mark.startswith("[") and mark.endswith("]") and " " not in mark and "(" not in mark:
            current = found.setdefault(mark[1:-1], [])
        elif current is not None:
            current.append(line)
    return {key: "\n".join(lines).strip() for key, lines in found.items()}
