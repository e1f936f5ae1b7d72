"""The published facts of Cuaderno AL-LAs N.º 8, typed, each with its origin.

No response of the 2017 questionnaire is public: these tables hold what the Cuaderno prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import datapackage, texts
from analysis.paths import Project, find_project
from analysis.provenance import UNSTATED, Base, EvidenceClass, Origin, Quantity, Share
from analysis.rounding import ReportedPercentage

PACKAGE = "cuaderno8"


class UnknownRowError(KeyError):
    """A table or row that does not exist was asked for."""

    def __str__(self) -> str:
        """Return the message without the quotes that KeyError adds."""
        return str(self.args[0])


@dataclass(frozen=True)
class Claim:
    """One published figure.

    Parameters
    ----------
    id : str
        ``cif_001`` … ``cif_133``.
    value : str
        Value as data: a number with decimal point, a year, an ISO date or an interval.
    kind : str
        ``conteo``, ``porcentaje``, ``fecha``, ``duracion``, ``monto``, ``ordinal`` …
    qualifier : str
        ``exacto``, ``mas_de``, ``cercano_a`` …
    scope : str
        What it is about: ``estudio``, ``documento``, ``red``, ``plan``, ``caso`` …
    stated : bool
        True when the text states the value, False when it follows from a list.
    base_status : str
        ``no_aplica``, ``no_declarada`` or ``declarada``.
    base_unit : str
        Unit of the base of a percentage, a key of ``labels.yml``; empty for other figures.
    measure, unit, stated_base : dict
        Labels by language.
    origin : Origin
        Table, row and section.
    """

    id: str
    value: str
    kind: str
    qualifier: str
    scope: str
    stated: bool
    base_status: str
    base_unit: str
    measure: Mapping[str, str]
    unit: Mapping[str, str]
    stated_base: Mapping[str, str]
    origin: Origin

    @property
    def evidence(self) -> EvidenceClass:
        """Published when the text states the value; bounded when it follows from a list."""
        return EvidenceClass.PUBLISHED if self.stated else EvidenceClass.BOUNDED

    @property
    def percentage(self) -> ReportedPercentage:
        """The value as a printed percentage; ``ValueError`` names the figure that is not one."""
        if self.kind != "porcentaje":
            raise ValueError(f"{self.id} no es un porcentaje ({self.kind}); use quantity.")
        try:
            return ReportedPercentage.parse(self.value)
        except ValueError as error:
            raise ValueError(f"claims.csv, fila {self.id}, columna value: {error}") from error


@dataclass(frozen=True)
class Study:
    """All tables of the published study.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables by name, as described in ``data/raw/cuaderno8/datapackage.json``.
    title : str
        Title of the Cuaderno.
    citation : str
        How the Cuaderno is cited in a source line, e.g. «Cuaderno AL-LAs N.º 8».
    publishers : tuple of str
        Who published it.
    year : int
        Year of publication.
    """

    tables: Mapping[str, pd.DataFrame]
    title: str
    citation: str
    publishers: tuple[str, ...]
    year: int

    def table(self, name: str) -> pd.DataFrame:
        """Return a table; ``UnknownRowError`` names those that exist."""
        if name not in self.tables:
            raise UnknownRowError(f"No hay tabla «{name}»; hay: {', '.join(self.tables)}.")
        return self.tables[name]

    @property
    def claims(self) -> pd.DataFrame:
        """Published figures: 133 rows."""
        return self.table("claims")

    @property
    def cities(self) -> pd.DataFrame:
        """Cities, networks and institutions: 30 rows."""
        return self.table("cities")

    @property
    def actions(self) -> pd.DataFrame:
        """Actions of the three charts of the annex: 36 rows."""
        return self.table("actions")

    @property
    def respondents(self) -> pd.DataFrame:
        """Cities and networks that answered the questionnaire: 10 rows."""
        return self.cities[self.cities["answered_questionnaire"].fillna(False)]

    def row(self, table: str, row_id: str) -> pd.Series:
        """Return one row by its key."""
        frame, places = self.table(table), self._places(table)
        if str(row_id) not in places:
            raise UnknownRowError(_no_row(table, str(row_id), frame))
        return frame.iloc[places[str(row_id)]]

    def _places(self, table: str) -> Mapping[str, int]:
        """Where each key of a table stands; read once."""
        if table not in self._read_places:
            keys = self.table(table).iloc[:, 0].astype("string").tolist()
            self._read_places[table] = {key: place for place, key in reversed([*enumerate(keys)])}
        return self._read_places[table]

    @cached_property
    def _read_places(self) -> dict[str, dict[str, int]]:
        return {}

    def origin(self, table: str, rows: Iterable[str] | str) -> Origin:
        """Return the origin of one or several rows of a table."""
        wanted = (rows,) if isinstance(rows, str) else tuple(dict.fromkeys(map(str, rows)))
        frame, places = self.table(table), self._places(table)
        if missing := sorted(set(wanted) - set(places)):
            raise UnknownRowError(_no_row(table, ", ".join(missing), frame))
        found = sorted(places[row] for row in wanted)
        cells = frame["section"].iloc[found].dropna() if "section" in frame else []
        sections = dict.fromkeys(part for cell in cells for part in cell.split("; "))
        return Origin(self.citation, table, wanted, "; ".join(sections))

    def claim(self, claim_id: str) -> Claim:
        """Return a published figure."""
        if claim_id not in self._claims:
            raise UnknownRowError(_no_row("claims", str(claim_id), self.claims))
        return self._claims[claim_id]

    def all_claims(self) -> list[Claim]:
        """Return every published figure, in the order of the document."""
        return list(self._claims.values())

    @cached_property
    def _claims(self) -> Mapping[str, Claim]:
        return {row["id"]: self._claim(row) for row in self.claims.to_dict("records")}

    def _claim(self, row: Mapping[str, Any]) -> Claim:
        def labels(field: str) -> dict[str, str]:
            return {lang: _text(row[f"{field}_{lang}"]) for lang in ("es", "en")}

        return Claim(
            id=row["id"],
            value=row["value"],
            kind=row["kind"],
            qualifier=row["qualifier"],
            scope=row["scope"],
            stated=row["origin"] == "declarada",
            base_status=row["base_status"],
            base_unit=_text(row["base_unit"]),
            measure=labels("measure"),
            unit=labels("unit"),
            stated_base=labels("stated_base"),
            origin=Origin(self.citation, "claims", (row["id"],), row["section"]),
        )

    def quantity(self, claim_id: str) -> Quantity:
        """Return a published whole number, ready to be shown."""
        claim = self.claim(claim_id)
        if claim.kind == "porcentaje":
            raise ValueError(f"{claim.id} es un porcentaje; use share.")
        if not claim.value.isdecimal():
            raise ValueError(f"{claim.id} no es un número entero: «{claim.value}» ({claim.kind}).")
        return Quantity(
            value=int(claim.value),
            evidence=claim.evidence,
            origins=(claim.origin,),
            method="printed" if claim.stated else "counted_list",
        )

    def share(self, claim_id: str) -> Share:
        """Return a published percentage, ready to be shown with all that is not known of it."""
        claim = self.claim(claim_id)
        percentage = claim.percentage
        return Share(
            evidence=EvidenceClass.PUBLISHED,
            origins=(claim.origin,),
            base=Base(claim.base_unit),
            rounding=UNSTATED,
            method="printed",
            interval=None,
            no_interval="count_unpublished",
            published=percentage,
        )

    def code_label(self, vocabulary: str, code: str, lang: str) -> str:
        """Name a code of a controlled vocabulary in a language."""
        frame = self.table("vocabularies")
        found = frame[(frame["vocabulary"] == vocabulary) & (frame["code"] == code)]
        if found.empty:
            known = frame[frame["vocabulary"] == vocabulary]["code"]
            names = ", ".join(known) or "ninguno"
            raise UnknownRowError(
                f"El vocabulario «{vocabulary}» no tiene el código «{code}»; tiene: {names}."
            )
        return found.iloc[0][f"label_{lang}"]


def _no_row(table: str, row_id: str, frame: pd.DataFrame) -> str:
    keys = frame[frame.columns[0]].astype("string").tolist()
    near = get_close_matches(row_id, keys, n=3) or [keys[0], keys[-1]]
    return f"La tabla «{table}» no tiene la fila «{row_id}»; tiene, por ejemplo: {', '.join(near)}."


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def load_study(project: Project | Path | str | None = None) -> Study:
    """Load and check the published facts.

    Parameters
    ----------
    project : Project or path, optional
        Project folder, or a directory inside it; by default the one of the current directory.

    Returns
    -------
    Study

    Raises
    ------
    DataPackageError
        With every problem found, when a table was changed or breaks its schema.
    """
    found = project if isinstance(project, Project) else find_project(project)
    folder = found.raw / PACKAGE
    tables = datapackage.load(folder, cache=found.processed / PACKAGE)
    about = datapackage.read_descriptor(folder)["study"]
    return Study(
        tables=tables,
        title=about["title"],
        citation=f"{about['series']} N.º{texts.HARD_SPACE}{about['number']}",
        publishers=tuple(about["publishers"]),
        year=int(about["published"]),
    )
