"""What is odd in the source, shown and not smoothed over.

Each oddity is a row of the table ``oddities``; where it can be computed from the published tables
it is, by the function that its column ``check`` names. The sentences are in ``labels.yml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis import texts
from analysis.agreement import PairCounts, pair_counts
from analysis.audit.findings import say
from analysis.audit.magnitudes import RULE
from analysis.audit.values import as_years, parse_period
from analysis.consistency import Exclusive, smallest_base
from analysis.provenance import Origin
from analysis.published import Study

#: Tabla 1 from the greatest difficulty to the clearest progress.
STATES = ("dificultad", "en_proceso", "avance")


@dataclass(frozen=True)
class Oddity:
    """Something odd in the source.

    Parameters
    ----------
    id : str
        Row of ``oddities`` and key of its sentences.
    holds : bool or None
        Whether the tables still show it; None when it is an observation that no table can show.
    values : mapping
        Values for the sentence, computed.
    section : str
        Where the source shows it.
    origins : tuple of Origin
        Rows concerned.
    """

    id: str
    holds: bool | None
    values: Mapping[str, object]
    section: str
    origins: tuple[Origin, ...]

    def title(self, lang: str) -> str:
        """Name it in a few words."""
        return texts.label(f"audit.oddity.{self.id}.title", lang)

    def text(self, lang: str) -> str:
        """Say what is odd, with the computed numbers."""
        values = {name: say(value, lang) for name, value in self.values.items()}
        return texts.Computed(texts.label(f"audit.oddity.{self.id}.text", lang, **values))


def oddities(study: Study) -> list[Oddity]:
    """Compute every oddity of the table, in its order."""
    found = []
    for _, row in study.table("oddities").iterrows():
        holds, values = _CHECKS[row["check"]](study)
        references: dict[str, list[str]] = {}
        for reference in filter(None, ("" if pd.isna(row["refs"]) else row["refs"]).split(";")):
            table, row_id = reference.split(":")
            references.setdefault(table, []).append(row_id)
        origins = tuple(study.origin(table, ids) for table, ids in references.items()) or (
            Origin(study.citation, "oddities", (row["id"],), row["section"]),
        )
        found.append(Oddity(row["id"], holds, values, row["section"], origins))
    return found


_Result = tuple[bool | None, dict[str, object]]


def chart_order(study: Study) -> dict[str, PairCounts]:
    """Compare, by stage, the numbering of the charts with the states of Tabla 1.

    Returns
    -------
    dict of str to PairCounts
        Pairs of actions in different states: concordant when the higher number has the better one.
    """
    result = {}
    for stage, rows in study.actions.groupby("stage", sort=False):
        listed = rows[rows["table1_state"].isin(STATES)]
        ranks = [STATES.index(state) for state in listed["table1_state"]]
        result[str(stage)] = pair_counts(listed["number"].astype(int).tolist(), ranks)
    return result


def _none(study: Study) -> _Result:
    return None, {}


def _intensity(study: Study) -> list:
    return [study.claim(claim_id) for claim_id in ("cif_097", "cif_098", "cif_099")]


def _granularity(study: Study) -> _Result:
    group, base = _intensity(study), int(study.claim("cif_123").value)
    reported = [claim.percentage for claim in group]
    smallest = smallest_base(reported, 200, rule=RULE, design=Exclusive())
    return smallest != base, {"shares": group, "base": base, "smallest": smallest or "–"}


def _sum_of_shares(study: Study) -> _Result:
    group = _intensity(study)
    total = sum(claim.percentage.decimal for claim in group)
    return total != 100, {"shares": group, "total": total}


def _stated_bases(study: Study) -> _Result:
    group = [*_intensity(study), study.claim("cif_095")]
    pairs = [
        {
            lang: texts.label(
                "audit.base_of",
                lang,
                value=say(c, lang),
                base=c.stated_base[lang] or texts.label("base_status.no_declarada", lang),
            )
            for lang in texts.LOCALES
        }
        for c in group
    ]
    return len({c.stated_base["es"] for c in group}) > 1, {"bases": pairs}


def _respondents_by_kind(study: Study) -> _Result:
    counts = study.respondents["kind"].value_counts(sort=False).to_dict()
    kinds = {f"n_{kind}": counts.get(kind, 0) for kind in ("ciudad", "area_metropolitana", "red")}
    return len(counts) > 1, {"total": len(study.respondents), **kinds}


def _chart_order(study: Study) -> _Result:
    order = chart_order(study)
    concordant = [pairs.concordant for pairs in order.values()]
    discordant = sum(pairs.discordant for pairs in order.values())
    return discordant == 0, {"concordant": concordant, "discordant": discordant}


def _action(study: Study, action_id: str) -> pd.Series:
    return study.row("actions", action_id)


def _claims_with(study: Study, quantifier: str) -> pd.DataFrame:
    frame = study.table("qualitative_claims")
    return frame[(frame["quantifier"] == quantifier) & frame["action_id"].notna()]


def _greatest_difficulty(study: Study) -> _Result:
    action = _action(study, _claims_with(study, "mayor_dificultad").iloc[0]["action_id"])
    return int(action["number"]) != 1, {"number": int(action["number"])}


def _majority_in_progress(study: Study) -> _Result:
    ids = _claims_with(study, "mayoria")["action_id"]
    found = [i for i in ids if _action(study, i)["table1_state"] == "en_proceso"]
    numbers = [int(_action(study, i)["number"]) for i in found]
    return bool(found), {"numbers": numbers}


def _below_some_cases(study: Study) -> _Result:
    revision, *occasional = (
        int(_action(study, i)["number"]) for i in ("eva_05", "eva_06", "eva_07")
    )
    return revision < min(occasional), {"number": revision, "others": list(occasional)}


def _absent_from_table1(study: Study) -> _Result:
    action = _action(study, _claims_with(study, "modalidad_principal").iloc[0]["action_id"])
    return action["table1_state"] == "no_aparece", {"number": int(action["number"])}


def _pending_but_high(study: Study) -> _Result:
    number = int(_action(study, "imp_12")["number"])
    lower = study.actions[
        (study.actions["stage"] == "implementacion")
        & (study.actions["number"] < number)
        & (study.actions["table1_state"] == "en_proceso")
    ]
    return len(lower) > 0, {"number": number, "lower": lower["number"].astype(int).tolist()}


def _similar_labels(study: Study) -> _Result:
    first, second = (_action(study, i) for i in ("imp_07", "imp_14"))
    listed = [a for a in (first, second) if a["table1_state"] != "no_aparece"]
    return len(listed) == 1, {"numbers": [int(first["number"]), int(second["number"])]}


def _repeated_risks(study: Study) -> _Result:
    risks = study.table("risks")
    lists = {key: tuple(rows["label_es"]) for key, rows in risks.groupby("category_id", sort=False)}
    repeated = [key for key, items in lists.items() if list(lists.values()).count(items) > 1]
    return len(repeated) == 2, {"n": len(lists[repeated[0]]) if repeated else 0}


def _label_mismatch(study: Study) -> _Result:
    listed = study.actions[study.actions["table1_label_es"].notna()]
    differing = listed[listed["label_es"] != listed["table1_label_es"]]
    return len(differing) > 0, {"n": len(differing)}


def _section_letters(study: Study) -> _Result:
    lettered = study.claims["section"].str.extract(r"^3\.([a-z]) ")[0].dropna()
    places = study.claims["section"][study.claims["section"].str.match(r"^3\.[a-z] ")]
    letters = [name[2] for name in dict.fromkeys(places)]
    return len(set(letters)) < len(letters), {"letters": letters, "n": int(lettered.size)}


def _webinar_names(study: Study) -> _Result:
    people, entities = (int(study.claim(i).value) for i in ("cif_015", "cif_016"))
    return people != entities, {"people": people, "entities": entities}


def _three_dates(study: Study) -> _Result:
    dates = [study.claim(i) for i in ("cif_045", "cif_078", "cif_130")]
    return len({d.value for d in dates}) > 1, {"dates": dates}


def _famsi(study: Study) -> _Result:
    start = parse_period(study.claim("cif_083").value).first.year
    stated = study.claim("cif_079")
    values = {"start": str(start), "years": study.year - start, "stated": stated}
    return study.year - start <= as_years(stated), values


def _quito(study: Study) -> _Result:
    stated = int(study.claim("cif_118").value)
    lists = study.table("key_lists")
    named = int((lists["list"] == "agencias_quito").sum())
    return stated != named, {"stated": stated, "named": named}


def _inferred_readings(study: Study) -> _Result:
    synthesis, indicators = study.table("scale_synthesis"), study.table("indicators")
    claims = study.table("qualitative_claims")
    values = {
        "ideas": int((synthesis["assignment"] == "inferida").sum()),
        "risks": int(study.table("table1")["note_es"].str.startswith("Columna inferida").sum()),
        "dimensions": int((~indicators["dimension_stated"].fillna(True)).sum()),
        "bounds": int(claims["min_of_10"].notna().sum()),
    }
    return all(values.values()), dict(values)


_CHECKS: dict[str, Callable[[Study], _Result]] = {
    "none": _none,
    "granularity": _granularity,
    "sum_of_shares": _sum_of_shares,
    "stated_bases": _stated_bases,
    "respondents_by_kind": _respondents_by_kind,
    "chart_order": _chart_order,
    "greatest_difficulty": _greatest_difficulty,
    "majority_in_progress": _majority_in_progress,
    "below_some_cases": _below_some_cases,
    "absent_from_table1": _absent_from_table1,
    "pending_but_high": _pending_but_high,
    "similar_labels": _similar_labels,
    "repeated_risks": _repeated_risks,
    "label_mismatch": _label_mismatch,
    "section_letters": _section_letters,
    "webinar_names": _webinar_names,
    "three_dates": _three_dates,
    "famsi": _famsi,
    "quito": _quito,
    "inferred_readings": _inferred_readings,
}
