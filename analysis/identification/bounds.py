"""Bounds of the 36 unseen counts out of ten, under named assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis import texts
from analysis.identification.orders import OrderSystem, Reason
from analysis.identification.readings import (
    BASE,
    BASE_SIZE,
    Reading,
    check_readings,
    readings,
    stage_constraints,
)
from analysis.provenance import EvidenceClass, Origin, Quantity
from analysis.published import Study

METHOD = "partial_identification"
"""Key of the method in the labels (``method``)."""


class Assumption(StrEnum):
    """What is assumed; each includes the ones before it."""

    CLAIMS = "claims"
    ASCENDING = "ascending"
    STRATA = "strata"

    @property
    def level(self) -> int:
        """How many assumptions it adds to the claims."""
        return list(Assumption).index(self)


@dataclass(frozen=True)
class ActionBounds:
    """Possible counts of cities that take an action.

    Parameters
    ----------
    id, stage : str
        Action of the charts and its stage.
    number : int
        Its number in the chart.
    lower, upper : int or None
        Least and greatest possible count, both attained by some vector; None where the
        assumptions contradict each other.
    lower_because, upper_because : tuple of Reason
        Irreducible reasons of each bound; empty where only the size of the base bounds.
    """

    id: str
    stage: str
    number: int
    lower: int | None
    upper: int | None
    lower_because: tuple[Reason, ...] = ()
    upper_because: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Reasons that cannot hold together; dropping any of them resolves this contradiction."""

    stage: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class StageBounds:
    """Everything that is implied for a stage.

    Parameters
    ----------
    stage : str
        Stage of the policy.
    system : OrderSystem
        Its counts and constraints: differences, ranks, means, vectors.
    actions : tuple of ActionBounds
        In the order of the chart.
    vectors : int
        Vectors of counts that remain possible.
    contradictions : tuple of Contradiction
        Empty when some vector is possible. Otherwise sets without a common reason; resolving each
        leaves a possible vector.
    """

    stage: str
    system: OrderSystem
    actions: tuple[ActionBounds, ...]
    vectors: int
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True)
class Identification:
    """What is implied under an assumption and some readings.

    Parameters
    ----------
    assumption : Assumption
        What is assumed.
    readings : tuple of str
        Alternative readings on top of the ordinary one.
    base : int
        Cities that the counts are out of.
    stages : tuple of StageBounds
        In the order of the policy.
    citation : str
        How the source is cited.
    origins : tuple of Origin
        Rows of claims, charts and readings that were used.
    """

    assumption: Assumption
    readings: tuple[str, ...]
    base: int
    stages: tuple[StageBounds, ...]
    origins: tuple[Origin, ...]

    @property
    def actions(self) -> tuple[ActionBounds, ...]:
        """Every action, by stage and number."""
        return tuple(action for stage in self.stages for action in stage.actions)

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Every contradiction, by stage."""
        return tuple(found for stage in self.stages for found in stage.contradictions)

    def stage(self, name: str) -> StageBounds:
        """Return a stage; ``KeyError`` when it was not asked for."""
        return {stage.stage: stage for stage in self.stages}[name]

    def action(self, action_id: str) -> ActionBounds:
        """Return an action; ``KeyError`` when its stage was not asked for."""
        return {action.id: action for action in self.actions}[action_id]

    def quantity(self, value: int) -> Quantity:
        """Wrap a bound, or anything that follows from the bounds, as «acotado»."""
        return Quantity(
            value=value, evidence=EvidenceClass.BOUNDED, origins=self.origins, method=METHOD
        )


def identify(
    study: Study,
    assumption: Assumption | str = Assumption.STRATA,
    *,
    chosen: Sequence[str] = (),
    stages: Sequence[str] | None = None,
) -> Identification:
    """Bound the count of every action as tightly as the assumptions allow.

    Parameters
    ----------
    study : Study
        Published facts and the tables of readings.
    assumption : {"claims", "ascending", "strata"}
        Claims with a quantifier; numbers of a chart as ascending counts (ties allowed); states of
        Tabla 1 as classes of the count within a stage. Each includes the ones before it.
    chosen : sequence of str
        Alternative readings on top of the ordinary one; of two that read the same quantifier the
        last counts.
    stages : sequence of str, optional
        Stages wanted; all by default.

    Returns
    -------
    Identification

    Raises
    ------
    ValueError
        When an assumption, a reading or a stage is unknown, or when the entities that answered
        are not the ten that the readings are written for.
    """
    assumption = Assumption(assumption)
    check_readings(study, chosen)
    base = len(study.respondents)
    if base != BASE_SIZE:
        raise ValueError(
            f"Las lecturas de los cuantificadores son de {BASE_SIZE} ciudades y respondieron "
            f"{base}."
        )
    known = tuple(dict.fromkeys(study.actions["stage"]))
    for stage in stages or ():
        if stage not in known:
            raise ValueError(f"No hay etapa «{stage}»; hay: {', '.join(known)}.")
    wanted = [stage for stage in known if stages is None or stage in stages]
    found = tuple(_stage(study, stage, assumption, chosen, base) for stage in wanted)
    return Identification(
        assumption=assumption,
        readings=tuple(chosen),
        base=base,
        stages=found,
        origins=tuple(_origins(study, found, assumption)),
    )


def _stage(
    study: Study, stage: str, assumption: Assumption, chosen: Sequence[str], base: int
) -> StageBounds:
    rows = study.actions[study.actions["stage"] == stage].sort_values("number")
    constraints = stage_constraints(study, stage, assumption.level, chosen)
    system = OrderSystem(tuple(rows["id"]), base, tuple(constraints))
    contradictions, rest = [], system
    while not rest.feasible:
        reasons = rest.contradiction()
        contradictions.append(Contradiction(stage, reasons))
        rest = rest.without(reasons)
    actions = []
    for action_id, number in zip(rows["id"], rows["number"], strict=True):
        if contradictions:
            actions.append(ActionBounds(action_id, stage, int(number), None, None))
        else:
            bounds, because = system.bounds(action_id), system.because(action_id)
            actions.append(ActionBounds(action_id, stage, int(number), *bounds, *because))
    return StageBounds(stage, system, tuple(actions), system.count_vectors(), tuple(contradictions))


def _origins(
    study: Study, stages: Sequence[StageBounds], assumption: Assumption
) -> Iterator[Origin]:
    used = [c.reason for stage in stages for c in stage.system.constraints]
    claims = [row for reason in used if reason.kind == "claim" for row in reason.rows]
    if claims:
        yield study.origin("qualitative_claims", claims)
    if assumption is not Assumption.CLAIMS or not claims:
        names = [name for stage in stages for name in stage.system.names]
        yield study.origin("actions", names)


def reason_text(reason: Reason, lang: str) -> str:
    """Say where a constraint comes from, e.g. «afi_014» or «numeración de dis_01 a dis_02»."""
    key = f"bounds.reason.{reason.kind}"
    if reason.kind == "claim":
        return texts.label(key, lang, rows=texts.listing(reason.rows, lang))
    return texts.label(key, lang, first=reason.rows[0], last=reason.rows[-1])


def reasons_text(reasons: Sequence[Reason], lang: str) -> str:
    """Say several reasons, consecutive numbers of a chart as one stretch."""
    stretches: list[Reason] = []
    for reason in sorted(reasons):
        last = stretches[-1] if stretches else None
        if (
            last is not None
            and last.kind == reason.kind == "ascending"
            and last.rows[-1] == reason.rows[0]
        ):
            stretches[-1] = Reason("ascending", (last.rows[0], reason.rows[-1]))
        else:
            stretches.append(reason)
    claims_first = sorted(stretches, key=lambda reason: reason.kind != "claim")
    return "; ".join(reason_text(reason, lang) for reason in claims_first)


@dataclass(frozen=True)
class Move:
    """A bound that an alternative reading moves: what it was and what it becomes."""

    action: str
    before: tuple[int | None, int | None]
    after: tuple[int | None, int | None]


@dataclass(frozen=True)
class Sensitivity:
    """What changes when the claims are read otherwise.

    Parameters
    ----------
    reading : Reading
        The alternative.
    moves : tuple of Move
        Actions whose bounds change; empty when none does.
    vectors : mapping of str to int
        Vectors that remain, by stage.
    contradictions : tuple of Contradiction
        What the reading makes impossible.
    """

    reading: Reading
    moves: tuple[Move, ...]
    vectors: dict[str, int]
    contradictions: tuple[Contradiction, ...]


def sensitivity(
    study: Study,
    assumption: Assumption | str = Assumption.STRATA,
    *,
    stages: Sequence[str] | None = None,
) -> tuple[Sensitivity, ...]:
    """Try every alternative reading, one at a time, and tell which bounds move.

    Parameters
    ----------
    study, assumption, stages
        As in ``identify``.
    """
    ordinary = identify(study, assumption, stages=stages)
    found = []
    for reading in readings(study):
        if reading.id == BASE:
            continue
        other = identify(study, assumption, chosen=(reading.id,), stages=stages)
        moves = [
            Move(a.id, (a.lower, a.upper), (b.lower, b.upper))
            for a, b in zip(ordinary.actions, other.actions, strict=True)
            if (a.lower, a.upper) != (b.lower, b.upper)
        ]
        vectors = {stage.stage: stage.vectors for stage in other.stages}
        found.append(Sensitivity(reading, tuple(moves), vectors, other.contradictions))
    return tuple(found)
