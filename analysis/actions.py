"""Diagnosis of actions of a wave of answers: who does what, by stage and by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from analysis.agreement import OrderAgreement, order_agreement
from analysis.instrument import Item
from analysis.multiple_response import MultipleResponseTable, tabulate
from analysis.multiple_response.association import Association, association
from analysis.proportion import NonResponseBounds, holm, worst_case_bounds
from analysis.provenance import Share
from analysis.published import Study
from analysis.responses import State, Wave

UNIT = "respondent"
"""What a respondent is, a key of ``base_unit``: a city, a metropolitan area or a network."""

GROUPS = ("pais", "region", "tipo_entidad", "redes")
"""Items by which a wave is broken down, where its questionnaire has them."""

MOST_GROUPS = 12
"""A question with more different answers than this is not a breakdown that anyone can read."""

PARTITIONS = ("pais", "region", "tipo_entidad")
"""Items that put each respondent in one group, with which the actions may be associated."""

NETWORKS = "redes"
"""Item with several answers with which the actions may be associated too."""


@dataclass(frozen=True)
class ObservedActions:
    """Actions that the respondents of a wave report.

    Parameters
    ----------
    wave : Wave
        The wave.
    tables : mapping of str to MultipleResponseTable
        Counts on both bases, by stage.
    shares : mapping of str to Share
        Share of respondents that take each action, by action of the charts; an action that the
        questionnaire does not ask for, or that nobody was asked, is left out.
    mentions : mapping of str to Share
        Share of each action in the mentions of its stage.
    """

    wave: Wave
    tables: Mapping[str, MultipleResponseTable]
    shares: Mapping[str, Share]
    mentions: Mapping[str, Share]


def _questions(wave: Wave) -> Iterator[Item]:
    """Yield the questions whose choices are actions of the charts."""
    for item in wave.instrument.items:
        if item.type == "select_multiple" and any(choice.action for choice in item.choices):
            yield item


def _actions(wave: Wave, item: Item) -> pd.DataFrame:
    """Return respondents × actions of a question, as nullable booleans."""
    names = {choice.code: choice.action for choice in item.choices if choice.action}
    answers = wave.multiple(item.code)
    return answers[[code for code in answers.columns if code in names]].rename(columns=names)


def observe(
    wave: Wave, *, lang: str, method: str = "wilson", level: float = 0.95
) -> ObservedActions:
    """Count the actions that a wave reports.

    Parameters
    ----------
    wave : Wave
        Its questionnaire says which choice is which action.
    lang : str
        Language of the origins.
    method : str
        Interval of the shares, as in ``proportion.estimate``. The frame that the wave declares
        makes it the interval for a finite frame, and none when everyone answered.
    level : float
        Confidence level.

    Returns
    -------
    ObservedActions
        A respondent who did not answer a question is not in its base.
    """
    tables: dict[str, MultipleResponseTable] = {}
    shares: dict[str, Share] = {}
    mentions: dict[str, Share] = {}
    for item in _questions(wave):
        table = tabulate(
            _actions(wave, item), method=method, level=level, frame_size=wave.meta.frame_size
        )
        about = {"evidence": wave.evidence, "origins": (wave.origin(item.code, lang),)}
        tables[item.stage] = table
        shares |= table.city_shares(unit=UNIT, **about)
        mentions |= table.mention_shares(**about)
    return ObservedActions(wave, tables, shares, mentions)


def order_by_stage(study: Study, shares: Mapping[str, Share]) -> dict[str, OrderAgreement]:
    """Compare the shares of a wave with the numbers of the charts of 2017.

    Numbers of different charts are not comparable, so that each stage is compared by itself.

    Parameters
    ----------
    study : Study
        Published facts.
    shares : mapping of str to Share
        Shares by action.
    """
    observed = pd.Series({action: float(share.proportion) for action, share in shares.items()})
    found = {}
    for stage, rows in study.actions.groupby("stage", sort=False):
        numbers = rows.set_index("id")["number"].astype(float)
        asked = [action for action in numbers.index if action in observed.index]
        if asked:
            found[str(stage)] = order_agreement(numbers[asked], observed[asked])
    return found


def groups(wave: Wave, item_code: str, lang: str) -> dict[str, pd.Index]:
    """Split the respondents by their answer to a question.

    Parameters
    ----------
    wave : Wave
        The wave.
    item_code : str
        A question with one or several answers, or a text; with several, a respondent is in the
        group of each.
    lang : str
        Language of the names.

    Returns
    -------
    dict of str to Index
        Respondents by name of the group, in the order of the questionnaire (of texts, by name);
        empty when the questionnaire does not ask, nobody answered, or there are too many groups.
    """
    item = next((item for item in wave.instrument.items if item.code == item_code), None)
    if item is None:
        return {}
    if item.type == "select_multiple":
        answers = wave.multiple(item_code).fillna(False)
        found = {
            choice.label[lang]: answers.index[answers[choice.code]]
            for choice in item.choices
            if choice.code in answers and not choice.exclusive
        }
    elif item.type == "select_one":
        answers = wave.single(item_code)
        found = {
            choice.label[lang]: answers.index[(answers == choice.code).fillna(False)]
            for choice in item.choices
        }
    else:
        answers = wave.text(item_code).astype("string").str.strip()
        found = {
            str(name): rows.index
            for name, rows in answers[answers.notna() & (answers != "")].groupby(answers)
        }
    kept = {name: rows for name, rows in found.items() if len(rows)}
    return kept if len(kept) <= MOST_GROUPS else {}


def by_group(
    wave: Wave, item_code: str, *, lang: str, method: str = "wilson", level: float = 0.95
) -> dict[str, dict[str, Share]]:
    """Count the actions of each group of respondents.

    Parameters
    ----------
    wave, lang, method, level
        As in ``observe``; a group is never taken as a sample of the declared frame.
    item_code : str
        Question that makes the groups.

    Returns
    -------
    dict of str to dict of str to Share
        Shares by group and action.
    """
    result: dict[str, dict[str, Share]] = {}
    for name, members in groups(wave, item_code, lang).items():
        found: dict[str, Share] = {}
        for item in _questions(wave):
            answers = _actions(wave, item).loc[members]
            table = tabulate(answers, method=method, level=level, resamples=0)  # no mentions
            found |= table.city_shares(
                unit=UNIT,
                evidence=wave.evidence,
                origins=(wave.origins(item.code, item_code, lang=lang),),
            )
        result[name] = found
    return result


@dataclass(frozen=True)
class Related:
    """Test that the actions of a stage have nothing to do with a group, or with another stage.

    Parameters
    ----------
    first : str
        Item of the group, or stage.
    second : str
        Stage.
    items : tuple of str
        Items that were compared.
    test : Association or None
        None when it cannot be computed: nobody differs, or more than half of the resamples had
        to be thrown away, which leaves a bootstrap of other respondents than those that answered.
    adjusted : float
        p-value of the bootstrap, corrected by Holm over all tests of the wave; nan without test.
    """

    first: str
    second: str
    items: tuple[str, str]
    test: Association | None
    adjusted: float = float("nan")


def relations(
    wave: Wave, *, lang: str, constant: float = 0.5, resamples: int = 999
) -> list[Related]:
    """Test the actions of each stage against the groups, the networks and the other stages.

    Parameters
    ----------
    wave : Wave
        The wave.
    lang : str
        Language of the names of groups, which are not shown here.
    constant, resamples
        As in ``association``.

    Returns
    -------
    list of Related
        Groups first, then networks. What a wave does not have, or has with one value, is left out.
    """
    questions = list(_questions(wave))
    pairs: list[tuple[str, str, pd.Series | pd.DataFrame, Item, Item]] = []
    for code in PARTITIONS:
        found = groups(wave, code, lang)
        if len(found) < 2:
            continue
        names = {row: name for name, rows in found.items() for row in rows}
        group = pd.Series(names, dtype="string").reindex(wave.respondents.index)
        item = wave.instrument.item(code)
        pairs += [(code, question.stage, group, item, question) for question in questions]
    networks = _networks(wave)
    if networks is not None:
        item = wave.instrument.item(NETWORKS)
        pairs += [(NETWORKS, question.stage, networks, item, question) for question in questions]
    for one, two in combinations(questions, 2):
        pairs.append((one.stage, two.stage, _actions(wave, one), one, two))
    tests = [
        _test(first, _actions(wave, two), constant, resamples) for _, _, first, _, two in pairs
    ]
    told = {str(at): test.bootstrap for at, test in enumerate(tests) if test}
    adjusted = holm(told)
    return [
        Related(first, second, (one.code, two.code), test, adjusted.get(str(at), float("nan")))
        for at, ((first, second, _, one, two), test) in enumerate(zip(pairs, tests, strict=True))
    ]


def _networks(wave: Wave) -> pd.DataFrame | None:
    """Return respondents × networks; None when the wave does not ask for them."""
    if NETWORKS not in wave.instrument:
        return None
    item = wave.instrument.item(NETWORKS)
    if item.type != "select_multiple":
        return None
    answers = wave.multiple(NETWORKS)
    named = [c.code for c in item.choices if c.code in answers and not c.exclusive]
    return answers[[code for code in named if answers[code].any()]] if named else None


def _test(
    first: pd.Series | pd.DataFrame, second: pd.DataFrame, constant: float, resamples: int
) -> Association | None:
    try:
        test = association(first, second, constant=constant, resamples=resamples)
    except ValueError:  # no option, or no group, tells the respondents apart
        return None
    return test if test.discarded <= resamples / 2 else None


def non_response(wave: Wave, level: float = 0.95) -> dict[str, NonResponseBounds]:
    """Bound each action whatever those that did not answer would have said.

    Parameters
    ----------
    wave : Wave
        With a declared frame, all of it counts as asked, so that nothing is left to chance;
        without one, the respondents that were asked, and the bounds have an envelope.
    level : float
        Level of the envelope.

    Returns
    -------
    dict of str to NonResponseBounds
        By action. Respondents that the questionnaire did not ask are in no base.
    """
    found = {}
    size = wave.meta.frame_size
    for item in _questions(wave):
        unasked = int((wave.state(item.code) == State.UNASKED).sum())
        asked = (size or len(wave.respondents)) - unasked
        for action, marks in _actions(wave, item).items():
            told = marks.dropna()
            if asked:
                found[str(action)] = worst_case_bounds(
                    int(told.sum()), len(told), asked, level=None if size else level
                )
    return found
