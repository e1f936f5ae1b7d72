"""Tables and figures of the cuaderno 02_cuestionario: who answered, and how completely."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING

from analysis import charts, texts
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.instrument import Instrument, Item
from analysis.provenance import Base, EvidenceClass, Quantity, Share
from analysis.published import Study
from analysis.responses import State, Wave
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, Tag

if TYPE_CHECKING:
    import pandas as pd

STATES = (State.ANSWERED, State.NONE, State.DONT_KNOW, State.REFUSED, State.BLANK, State.UNASKED)
MISSING = (State.BLANK, State.DONT_KNOW, State.REFUSED)
MOST = 12
"""Questions that the figure of non-response shows."""
_PUBLISHED = frozenset({EvidenceClass.PUBLISHED, EvidenceClass.BOUNDED})


# The published study ---------------------------------------------------------------------------


def _counted(study: Study, frame: pd.DataFrame) -> Quantity:
    return Quantity(
        value=len(frame),
        evidence=EvidenceClass.BOUNDED,
        origins=(study.origin("cities", frame["id"]),) if len(frame) else _all(study),
        method="counted_rows",
    )


def _all(study: Study) -> tuple[object, ...]:
    return (study.origin("cities", study.respondents["id"]),)


def published_values(cuaderno: Cuaderno, study: Study, instrument: Instrument) -> dict[str, object]:
    """Return what the prose names about 2017."""
    people = study.respondents
    webinar = people[people["in_webinar"].fillna(False)]
    cases = people[people["case_number"].notna()]
    return {
        "wave": "",
        "label": study.citation,
        "study": study.citation,
        "data_year": study.claim("cif_012").value[:4],
        "respondents": study.quantity("cif_123"),
        "cities": _counted(study, people[people["kind"] == "ciudad"]),
        "others": _counted(study, people[people["kind"] != "ciudad"]),
        "countries": Quantity(
            value=int(people["country"].nunique()),
            evidence=EvidenceClass.BOUNDED,
            origins=_all(study),  # type: ignore[arg-type]
            method="counted_rows",
        ),
        "webinar": _counted(study, webinar),
        "cases": _counted(study, cases),
        "statement": instrument.statement[cuaderno.lang],
    }


def respondents_table(cuaderno: Cuaderno, study: Study) -> Table:
    """Show the entities that answered in 2017."""
    lang, say = cuaderno.lang, cuaderno.write
    yes, no = Tag("matches", say("yes")), Tag("unverifiable", say("no"))
    rows = tuple(
        {
            "name": row[f"name_{lang}"],
            "kind": study.code_label("city_kind", row["kind"], lang),
            "country": texts.country(row["country"], lang),
            "webinar": yes if row["in_webinar"] is True else no,
            "case": yes if row["case_number"] == row["case_number"] else no,
        }
        for row in study.respondents.astype(object)
        .where(study.respondents.notna(), None)
        .assign(case_number=lambda f: [v if v is not None else float("nan") for v in f.case_number])
        .to_dict("records")
    )
    return Table(
        caption=say("table_respondents"),
        columns=(
            Column("name", say("column_name")),
            Column("kind", say("column_kind")),
            Column("country", say("column_country")),
            Column("webinar", say("column_webinar")),
            Column("case", say("column_case")),
        ),
        rows=rows,
        evidence=_PUBLISHED,
        origins=(study.origin("cities", study.respondents["id"]),),
        own_calculation=False,
    )


def countries_figure(cuaderno: Cuaderno, study: Study) -> Chart:
    """Draw how many entities of each country answered in 2017."""
    lang, say = cuaderno.lang, cuaderno.write
    people = study.respondents
    order = people["country"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    values = {
        texts.country(code, lang): _counted(study, people[people["country"] == code])
        for code in order.index
    }
    return charts.coverage(
        values,
        id="countries",
        table=_counts_table(say("table_countries"), say("column_country"), say, values),
        title=say("figure_countries"),
        caption=say("caption_countries"),
        lang=lang,
    )


def _counts_table(
    caption: str, heading: str, say: object, values: Mapping[str, Share | Quantity]
) -> Table:
    from analysis.tables import merged_origins

    return Table(
        caption=caption,
        columns=(
            Column("name", heading),
            Column("value", say("column_entities"), numeric=True),  # type: ignore[operator]
        ),
        rows=tuple({"name": name, "value": value} for name, value in values.items()),
        evidence=frozenset(value.evidence for value in values.values()),
        origins=merged_origins(*values.values()),
        own_calculation=True,
    )


# A wave ----------------------------------------------------------------------------------------


def _quantity(wave: Wave, value: float, lang: str, *items: str, shown: str = "") -> Quantity:
    return Quantity(
        value=round(value),
        shown=shown,
        evidence=wave.evidence,
        origins=(wave.origins(*items, lang=lang),),
        method="counted_answers",
    )


def share_of(
    wave: Wave, count: int, base: int, unit: str, lang: str, *items: str, with_count: bool = True
) -> Share:
    """Return a share of things that were all counted, as percentages of a list."""
    return Share(
        evidence=wave.evidence,
        origins=(wave.origins(*items, lang=lang),),
        base=Base(unit, base),
        rounding=RoundingRule.HALF_UP,
        method="count_over_base",
        interval=None,
        no_interval="complete_list",
        count=count,
        with_count=with_count,
    )


def state_counts(wave: Wave) -> pd.DataFrame:
    """Count respondents by question and state; questions in the order of the questionnaire."""
    one = wave.answers.drop_duplicates(["respondent", "item"])
    found = one.groupby("item")["state"].value_counts().unstack(fill_value=0)
    codes = [item.code for item in wave.instrument.questions]
    return found.reindex(index=codes, columns=list(STATES), fill_value=0)


def minutes(wave: Wave) -> list[float]:
    """Return the minutes that each respondent took, where the file says when it was begun."""
    import pandas as pd

    ends = [
        pd.to_datetime(wave.respondents[name], errors="coerce", utc=True, format="ISO8601")
        for name in ("_started", "_ended")
    ]
    taken = (ends[1] - ends[0]).dt.total_seconds() / 60
    return [float(m) for m in taken[taken >= 0].dropna()]


def wave_values(cuaderno: Cuaderno, study: Study, wave: Wave) -> dict[str, object]:
    """Return what the prose names about a wave."""
    lang, meta = cuaderno.lang, wave.meta
    people, counts, taken = wave.respondents, state_counts(wave), minutes(wave)
    asked, answered = int(people["_asked"].sum()), int(people["_answered"].sum())
    worst = _worst(wave, counts)
    days = [day for day in (meta.starts, meta.ends) if day]
    return {
        "wave": wave.id,
        "demo": "yes" if wave.evidence is EvidenceClass.DEMO else "",
        "label": meta.label[lang],
        "study": study.citation,
        "data_year": texts.listing(dict.fromkeys(str(day.year) for day in days), lang),
        "respondents": _quantity(wave, len(people), lang),
        "coverage": share_of(wave, len(people), meta.frame_size, "framed", lang)
        if meta.frame_size and len(people) <= meta.frame_size
        else "",
        "frame": meta.frame.get(lang, ""),
        "completion": share_of(wave, answered, asked, "question_asked", lang, with_count=False)
        if asked
        else "",
        "worst": worst[0][0].label[lang] if worst else "",
        "worst_share": worst[0][1] if worst else "",
        "minutes": _quantity(wave, median(taken), lang) if taken else "",
        "minutes_min": _quantity(wave, min(taken), lang) if taken else "",
        "minutes_max": _quantity(wave, max(taken), lang) if taken else "",
        "corrections": _quantity(wave, len(wave.corrections), lang),
        "days": texts.label(
            "period.days",
            lang,
            first=texts.day(days[0], lang),
            last=texts.day(days[-1], lang),
        )
        if days
        else "",
        "mode": meta.mode.get(lang, ""),
        "consent": meta.consent.get(lang, ""),
        "removed": _quantity(wave, len(wave.log), lang) if wave.log else "",
        "instrument": wave.instrument.title[lang],
        "version": wave.instrument.version,
        "statement": wave.instrument.statement[lang],
    }


def _non_response(wave: Wave, counts: pd.DataFrame, item: Item, lang: str) -> Share | None:
    row = counts.loc[item.code]
    asked = int(row.sum() - row[State.UNASKED])
    missing = int(row[list(MISSING)].sum())
    return share_of(wave, missing, asked, "asked", lang, item.code) if asked else None


def _worst(wave: Wave, counts: pd.DataFrame, lang: str = "es") -> list[tuple[Item, Share]]:
    """Return the questions with the most non-response among those asked, the worst first."""
    found = []
    for item in wave.instrument.questions:
        share = _non_response(wave, counts, item, lang)
        if share is not None and share.count:
            found.append((item, share))
    return sorted(found, key=lambda pair: -pair[1].proportion)


def coverage_figure(cuaderno: Cuaderno, wave: Wave) -> Chart | None:
    """Draw who answered against the frame, by its strata; None when it has none."""
    lang, say, meta = cuaderno.lang, cuaderno.write, wave.meta
    if not meta.frame_item:
        return None
    item = wave.instrument.item(meta.frame_item)
    answers = wave.single(item.code) if item.choices else wave.text(item.code)
    counts = answers.value_counts()
    values: dict[str, Share | Quantity] = {}
    for name in dict.fromkeys([*meta.strata, *counts.index]):
        count, size = int(counts.get(name, 0)), meta.strata.get(name)
        label = item.choice(name).label[lang] if item.choices else str(name)
        values[label] = (
            share_of(wave, count, size, "framed", lang, item.code)
            if size is not None and count <= size
            else _quantity(wave, count, lang, item.code)
        )
    if not values:
        return None
    unknown = int(answers.isna().sum())
    if unknown:
        values[say("no_stratum")] = _quantity(wave, unknown, lang, item.code)
    return charts.coverage(
        values,
        id="coverage",
        table=_counts_table(say("table_coverage"), item.label[lang], say, values),
        title=say("figure_coverage"),
        caption=say("caption_coverage"),
        lang=lang,
    )


def non_response_figure(cuaderno: Cuaderno, wave: Wave) -> Chart | None:
    """Draw the questions that most of those asked left without an answer; None without any."""
    lang, say = cuaderno.lang, cuaderno.write
    worst = _worst(wave, state_counts(wave), lang)[:MOST]
    if not worst:
        return None
    values = {item.label[lang]: share for item, share in worst}
    return charts.shares(
        values,
        id="non-response",
        table=Table(
            caption=say("table_worst"),
            columns=(
                Column("question", say("column_question"), wide=True),
                Column("share", say("column_missing"), numeric=True),
            ),
            rows=tuple({"question": name, "share": share} for name, share in values.items()),
            evidence=frozenset({wave.evidence}),
            origins=(wave.origins(*(item.code for item, _ in worst), lang=lang),),
            own_calculation=True,
        ),
        title=say("figure_worst"),
        caption=say("caption_worst"),
        lang=lang,
    )


def states_table(cuaderno: Cuaderno, wave: Wave) -> Table:
    """Show what became of every question."""
    lang, say = cuaderno.lang, cuaderno.write
    counts = state_counts(wave)
    return Table(
        caption=say("table_states"),
        columns=(
            Column("question", say("column_question"), wide=True),
            *(
                Column(str(state), texts.label(f"state.{state}", lang), numeric=True)
                for state in STATES
            ),
        ),
        rows=tuple(
            {
                "question": item.label[lang],
                **{
                    str(state): _quantity(wave, int(counts.loc[item.code, state]), lang, item.code)
                    for state in STATES
                },
            }
            for item in wave.instrument.questions
        ),
        evidence=frozenset({wave.evidence}),
        origins=(wave.origins(lang=lang),),
        own_calculation=True,
    )


def completion_table(cuaderno: Cuaderno, wave: Wave) -> Table:
    """Show how much of what was asked each respondent answered; names of cities stay out."""
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for name, row in wave.respondents.iterrows():
        asked, answered = int(row["_asked"]), int(row["_answered"])
        rows.append(
            {
                "respondent": str(name),
                "completion": share_of(wave, answered, asked, "question_asked", lang)
                if asked
                else "–",
                "language": _language(row["_language"], lang),
            }
        )
    return Table(
        caption=say("table_completion"),
        columns=(
            Column("respondent", say("column_respondent")),
            Column("completion", say("column_completion"), numeric=True),
            Column("language", say("column_language")),
        ),
        rows=tuple(rows),
        evidence=frozenset({wave.evidence}),
        origins=(wave.origins(lang=lang),),
        own_calculation=True,
    )


def _language(code: object, lang: str) -> str:
    if not isinstance(code, str):
        return "–"
    return str(texts.locale(lang).languages.get(code[:2].lower(), code))


def corrections_table(cuaderno: Cuaderno, wave: Wave) -> Table | None:
    """Show the cells that were corrected and why; None when none was."""
    say, lang = cuaderno.write, cuaderno.lang
    if wave.corrections.empty:
        return None
    rows = tuple(
        {
            "question": wave.instrument.item(row["item"]).label[lang]
            if row["item"] in wave.instrument
            else row["column"],
            "row": texts.number(int(row["row"]), lang),
            "before": texts.Computed(row["value"] or "–"),
            "after": texts.Computed("–" if row["new_value"] == "@blank" else row["new_value"]),
            "reason": texts.Computed(row["reason"] or "–"),
        }
        for row in wave.corrections.to_dict("records")
    )
    return Table(
        caption=say("table_corrections"),
        columns=(
            Column("question", say("column_question"), wide=True),
            Column("row", say("column_row"), numeric=True),
            Column("before", say("column_before")),
            Column("after", say("column_after")),
            Column("reason", say("column_reason"), wide=True),
        ),
        rows=rows,
        evidence=frozenset({wave.evidence}),
        origins=(wave.origins(lang=lang),),
        own_calculation=False,
    )
