"""Every way in which a file may name an item or a choice, for looking up."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from analysis.instrument import Instrument, Item
from analysis.instrument.flat import flat_names
from analysis.mapping.table import END, IGNORE, LANGUAGE, START

_MARKUP = re.compile(r"<[^>]*>")
_BOX = re.compile(r"(.+)[/:.\-\[]([^/:.\-\[\]]+)\]?")
_CUTS = re.compile(r"[/:.\-]")
#: Columns that survey tools add (KoboToolbox, ODK, LimeSurvey, Qualtrics, Google Forms).
_TOOL = {
    **dict.fromkeys(("start", "starttime", "startdate", "marca_temporal", "timestamp"), START),
    **dict.fromkeys(("end", "endtime", "enddate", "submitdate"), END),
    **dict.fromkeys(("startlanguage", "userlanguage", "language", "idioma", "_language"), LANGUAGE),
    **dict.fromkeys(
        (
            *("today", "deviceid", "username", "simserial", "subscriberid", "phonenumber", "audit"),
            *("version", "id_string", "formhub_uuid", "meta_instanceid", "meta_rootuuid"),
            *("submission_time", "validation_status", "notes", "status", "submitted_by", "tags"),
            *("index", "parent_index", "parent_table_name", "geolocation", "attachments"),
            *("submissiondate", "submitterid", "submittername", "attachmentspresent"),
            *("attachmentsexpected", "reviewstate", "edits", "formversion", "lastpage", "seed"),
            *("datestamp", "refurl", "ipaddress", "ipaddr", "token", "progress", "finished"),
            *(
                "duration",
                "duration_in_seconds",
                "recorddate",
                "recordeddate",
                "distributionchannel",
            ),
            *("recipientlastname", "recipientfirstname", "recipientemail", "externalreference"),
            *("locationlatitude", "locationlongitude", "interviewtime", "sourceid", "devicetype"),
        ),
        IGNORE,
    ),
}
#: Columns with a code that a respondent keeps from wave to wave, the best first.
_OWN_CODES = ("respondent", "respondente", "id_respondente", "codigo_respondente", "codigo")
#: Columns that identify a respondent, the best first: those of survey tools tell submissions apart.
_IDENTIFIERS = (
    *_OWN_CODES,
    "responseid",
    "uuid",
    "instanceid",
    "meta_instanceid",
    "key",
    "id",
    "respondent_row",
)


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """Reduce a text to lower-case letters and digits joined by ``_``, without accents or markup.

    >>> normal("¿Qué tipo de entidad responde?"), normal("Acc-Diseño")
    ('que_tipo_de_entidad_responde', 'acc_diseno')
    """
    plain = unicodedata.normalize("NFKD", _MARKUP.sub(" ", text)).casefold()
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "_".join(kept.split())


def tails(name: str) -> Iterator[str]:
    """Yield a name, and what is left of it without one, two … leading groups."""
    yield name
    for cut in _CUTS.finditer(name):
        if name[cut.end() :]:
            yield name[cut.end() :]


@dataclass(frozen=True)
class Target:
    """An item, or the box of one of its choices."""

    item: str
    choice: str = ""


class Names:
    """The names of a questionnaire."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.flat = {
            name: Target(item.code, choice.code)
            for name, item, choice in flat_names(instrument)
            if choice is not None
        }
        self.codes: dict[str, Target] = {}
        labels: dict[str, set[Target]] = {}
        for item in instrument.questions:
            self.codes[normal(item.code)] = Target(item.code)
            for text in item.label.values():
                labels.setdefault(normal(text), set()).add(Target(item.code))
            if item.type != "select_multiple":
                continue
            for choice in item.choices:
                box = Target(item.code, choice.code)
                self.codes.setdefault(normal(f"{item.code}_{choice.code}"), box)
                for lang, text in item.label.items():
                    for name in (text, item.code):
                        key = normal(f"{name} {choice.label[lang]}")
                        labels.setdefault(key, set()).add(box)
        for item in instrument.questions:  # «or other» of the survey tools
            other = instrument.other_item(item.code)
            if other is not None:
                self.codes.setdefault(normal(f"{item.code}_other"), Target(other.code))
                self.codes.setdefault(normal(f"{item.code}_other_text"), Target(other.code))
        self.labels = {text: next(iter(found)) for text, found in labels.items() if len(found) == 1}
        joined = Counter(key.replace("_", "") for key in self.codes)
        self._joined = {
            key.replace("_", ""): target
            for key, target in self.codes.items()
            if joined[key.replace("_", "")] == 1
        }
        """Codes as LimeSurvey allows them, without ``_``."""

    def exact(self, name: str) -> Target | None:
        """Find a column whose name is the code itself, that of an export or ``code/choice``."""
        if name in self.flat:
            return self.flat[name]
        code, slash, choice = name.partition("/")
        item = self._item(code)
        if item is None:
            return None
        if not slash:
            return Target(code)
        known = item.type == "select_multiple" and any(c.code == choice for c in item.choices)
        return Target(code, choice) if known else None

    def _item(self, code: str) -> Item | None:
        found = self.instrument.item(code) if code in self.instrument else None
        return found if found is not None and found.is_question else None

    def near(self, name: str, label: str) -> Target | None:
        """Find a column by its normalised name or label, with or without its groups."""
        for tail in tails(name):
            if found := self.exact(tail) or self._box(tail):
                return found
            key = normal(tail)
            if key in self.codes:
                return self.codes[key]
            if key.replace("_", "") in self._joined:
                return self._joined[key.replace("_", "")]
            if key in self.labels:
                return self.labels[key]
        if label in self.instrument or label in self.flat:  # SPSS's short names, the code beside
            return self.exact(label)
        for tail in (label, *tails(label)) if label else ():
            if normal(tail) in self.labels:
                return self.labels[normal(tail)]
        return None

    def _box(self, name: str) -> Target | None:
        """Find ``item.choice``, ``item:choice``, ``item[choice]`` …, whatever parts them."""
        parts = _BOX.fullmatch(name)
        if not parts:
            return None
        target = self.codes.get(normal(parts[1]))
        item = self._item(target.item) if target else None
        if item is None or item.type != "select_multiple":
            return None
        key = normal(parts[2])
        codes = [c.code for c in item.choices if normal(c.code) == key]
        if not codes and name[parts.end(1)] == "/":  # LimeSurvey's item[other] is the text
            said = {c.code for c in item.choices if key in map(normal, c.label.values())}
            codes = list(said) if len(said) == 1 else []
        return Target(item.code, codes[0]) if codes else None

    @cached_property
    def _pool(self) -> dict[str, Target]:
        return {**{k.replace("_", " "): v for k, v in self.labels.items()}, **self._spoken}

    @property
    def _spoken(self) -> dict[str, Target]:
        return {key.replace("_", " "): value for key, value in self.codes.items()}

    def alike(self, name: str, label: str, least: float) -> tuple[Target, float] | None:
        """Find the item most like a name or label, with its likeness."""
        from rapidfuzz import fuzz, process

        best: tuple[Target, float] | None = None
        for text in {normal(name).replace("_", " "), normal(label).replace("_", " ")} - {""}:
            found = process.extractOne(text, self._pool.keys(), scorer=fuzz.token_sort_ratio)
            if found and found[1] >= least and (best is None or found[1] > best[1]):
                best = (self._pool[found[0]], round(found[1], 1))
        return best


def tool_target(name: str) -> str | None:
    """Tell what a column of a survey tool is; None when the name is none of theirs."""
    key = normal(name.rpartition("/")[2] if name.startswith("meta/") else name)
    return _TOOL.get(key)


def identifier_rank(name: str) -> int | None:
    """Rank a column as the identifier of the respondent; None when it is none."""
    key = normal(name)
    key = normal(name.rpartition("/")[2]) if key not in _IDENTIFIERS else key
    return _IDENTIFIERS.index(key) if key in _IDENTIFIERS else None


def of_a_submission(name: str) -> bool:
    """Tell whether a column identifies one submission, and nobody in another wave."""
    rank = identifier_rank(name)
    return rank is not None and rank >= len(_OWN_CODES)
