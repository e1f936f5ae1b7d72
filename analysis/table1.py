"""Tabla 1: as the Cuaderno prints it, and built again from a wave by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from analysis.provenance import Origin, Share
from analysis.published import Study


class Stratum(StrEnum):
    """Row of Tabla 1 that an action stands in; the codes are those of ``table1_state``."""

    PROGRESS = "avance"
    IN_PROCESS = "en_proceso"
    DIFFICULTY = "dificultad"
    NOT_TOLD_APART = "no_distinguible"
    NOT_LISTED = "no_aparece"


_ORDER = (Stratum.DIFFICULTY, Stratum.IN_PROCESS, Stratum.PROGRESS)


class Change(StrEnum):
    """What became of an action since 2017."""

    SAME = "igual"
    UP = "sube"
    DOWN = "baja"
    NOT_COMPARABLE = "sin_comparacion"


@dataclass(frozen=True)
class StrataRule:
    """How a share becomes a stratum.

    A share of at least ``progress`` is progress, one of at most ``difficulty`` is a difficulty and
    what lies between is in process. When the interval of the share reaches from the one to the
    other, so that both a difficulty and progress are compatible with the answers, the action is
    not told apart. A share without interval (a census) is taken as it is.

    Parameters
    ----------
    difficulty, progress : Fraction
        Thresholds of the share; by default a third and two thirds, a choice of this project, as
        the Cuaderno does not say its own.
    """

    difficulty: Fraction = Fraction(1, 3)
    progress: Fraction = Fraction(2, 3)

    def __post_init__(self) -> None:
        """Refuse thresholds that leave nothing between them."""
        if not 0 <= self.difficulty < self.progress <= 1:
            raise ValueError(
                "Los umbrales van de 0 a 1 y el de dificultad es menor que el de avance; se "
                f"recibieron {self.difficulty} y {self.progress}."
            )

    def stratum(self, share: Share) -> Stratum:
        """Return the stratum of a share."""
        interval = share.interval
        if (
            interval is not None
            and interval.lower <= self.difficulty
            and interval.upper >= self.progress
        ):
            return Stratum.NOT_TOLD_APART
        if share.proportion >= self.progress:
            return Stratum.PROGRESS
        if share.proportion <= self.difficulty:
            return Stratum.DIFFICULTY
        return Stratum.IN_PROCESS


@dataclass(frozen=True)
class Table1Row:
    """One action in Tabla 1.

    Parameters
    ----------
    action, stage : str
        Action of the charts and its stage.
    label : mapping of str to str
        Name of the action by language.
    published : Stratum
        Where the Cuaderno puts it; ``NOT_LISTED`` for six actions.
    stratum : Stratum or None
        Where the wave puts it; None when the wave did not ask for it, or for 2017.
    share : Share or None
        Share of the wave.
    change : Change or None
        What became of it; None without a wave.
    origin : Origin
        Rows of the published table.
    """

    action: str
    stage: str
    label: Mapping[str, str]
    published: Stratum
    stratum: Stratum | None
    share: Share | None
    change: Change | None
    origin: Origin


@dataclass(frozen=True)
class Table1:
    """Tabla 1, of 2017 or of a wave beside 2017.

    Parameters
    ----------
    rows : tuple of Table1Row
        Every action, by stage and number.
    rule : StrataRule or None
        Rule that built it; None for 2017, whose rule is not published.
    """

    rows: tuple[Table1Row, ...]
    rule: StrataRule | None

    def cell(self, stage: str, stratum: Stratum) -> tuple[Table1Row, ...]:
        """Return the actions of a stage in a stratum, the most frequent first."""
        if self.rule is None:
            return tuple(
                row for row in self.rows if row.stage == stage and row.published is stratum
            )
        found = [row for row in self.rows if row.stage == stage and row.stratum is stratum]
        return tuple(sorted(found, key=lambda row: -row.share.proportion if row.share else 0))

    def changed(self) -> tuple[Table1Row, ...]:
        """Return the actions that went up or down."""
        return tuple(row for row in self.rows if row.change in (Change.UP, Change.DOWN))


def published_table1(study: Study) -> Table1:
    """Return Tabla 1 as the Cuaderno prints it (Anexo 1)."""
    return Table1(tuple(_rows(study, {}, None)), None)


def regenerate_table1(
    study: Study, shares: Mapping[str, Share], rule: StrataRule | None = None
) -> Table1:
    """Build Tabla 1 again from a wave.

    Parameters
    ----------
    study : Study
        Published facts: actions and where the Cuaderno puts them.
    shares : mapping of str to Share
        Share of cities that take each action, by action; what was not asked is left out.
    rule : StrataRule, optional
        Rule from share to stratum.

    Returns
    -------
    Table1

    Raises
    ------
    ValueError
        When a share is of something that is not an action, or is of mentions.
    """
    known = set(study.actions["id"])
    for action, share in shares.items():
        if action not in known:
            raise ValueError(f"«{action}» no es una acción de las gráficas.")
        if share.base.unit == "mention":
            raise ValueError(
                f"La Tabla 1 se hace con ciudades y el porcentaje de «{action}» es de menciones."
            )
    rule = rule or StrataRule()
    return Table1(tuple(_rows(study, shares, rule)), rule)


def _rows(study: Study, shares: Mapping[str, Share], rule: StrataRule | None) -> list[Table1Row]:
    listed = study.table("table1").dropna(subset=["action_id"]).set_index("action_id")["id"]
    found = []
    for action in study.actions.to_dict("records"):
        published = Stratum(action["table1_state"])
        share = shares.get(action["id"])
        stratum = rule.stratum(share) if rule and share else None
        row_id = listed.get(action["id"])
        found.append(
            Table1Row(
                action=action["id"],
                stage=action["stage"],
                label={lang: action[f"label_{lang}"] for lang in ("es", "en")},
                published=published,
                stratum=stratum,
                share=share,
                change=_change(published, stratum) if stratum else None,
                origin=(
                    study.origin("table1", row_id)
                    if row_id
                    else study.origin("actions", action["id"])
                ),
            )
        )
    return found


def _change(before: Stratum, after: Stratum) -> Change:
    if before not in _ORDER or after not in _ORDER:
        return Change.NOT_COMPARABLE
    step = _ORDER.index(after) - _ORDER.index(before)
    return Change.SAME if step == 0 else Change.UP if step > 0 else Change.DOWN
