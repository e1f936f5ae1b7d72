"""A wave of answers as it is kept: what is known of it, and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.instrument import Instrument
from analysis.provenance import EvidenceClass, Origin
from analysis.responses.state import RESPONDENT, State

if TYPE_CHECKING:
    import pandas as pd

_SMALL = 2_000_000  # rows of answers that are worth keeping in memory


@dataclass(frozen=True)
class WaveMeta:
    """What is known of a wave as a whole (``wave.toml``).

    Parameters
    ----------
    id : str
        Name of its folder.
    label : mapping of str to str
        Name by language.
    instrument : str
        Version of the questionnaire.
    evidence : EvidenceClass
        ``observed`` or ``demo``.
    starts, ends : date, optional
        Days of the fieldwork.
    frame : mapping of str to str
        What was asked of whom (the sampling frame), by language; empty when nobody said.
    frame_size : int, optional
        Units of the frame.
    frame_item : str
        Item by which the frame is divided; empty when it is not.
    strata : mapping of str to int
        Units of the frame by value of ``frame_item``.
    consent : mapping of str to str
        Terms under which it was answered, by language; empty when nobody said.
    mode : mapping of str to str
        How it was asked, by language; empty when nobody said.
    contact : str
        Who answers for it.
    """

    id: str
    label: Mapping[str, str]
    instrument: str
    evidence: EvidenceClass
    starts: date | None = None
    ends: date | None = None
    frame: Mapping[str, str] = field(default_factory=dict)
    frame_size: int | None = None
    frame_item: str = ""
    strata: Mapping[str, int] = field(default_factory=dict)
    consent: Mapping[str, str] = field(default_factory=dict)
    mode: Mapping[str, str] = field(default_factory=dict)
    contact: str = ""


@dataclass(frozen=True)
class Wave:
    """A wave of answers, valid and sealed.

    Parameters
    ----------
    meta : WaveMeta
        What is known of it.
    instrument : Instrument
        Version of the questionnaire.
    folder : Path
        Folder of its generated tables.
    corrections : DataFrame
        ``row, column, item, value, new_value, reason`` of every correction applied.
    log : tuple of mapping
        What was done to the wave after its import: ``date`` and ``what``.
    own_codes : bool
        Whether its respondents have a code that they keep in other waves; else they are numbered
        by row, or by submission, and cannot be paired with those of another wave.
    """

    meta: WaveMeta
    instrument: Instrument
    folder: Path
    corrections: pd.DataFrame
    log: tuple[Mapping[str, str], ...] = ()
    own_codes: bool = True

    @property
    def id(self) -> str:
        """Name of the wave."""
        return self.meta.id

    @property
    def evidence(self) -> EvidenceClass:
        """Class of everything that is computed from it."""
        return self.meta.evidence

    @cached_property
    def respondents(self) -> pd.DataFrame:
        """One row a respondent, by ``respondent``.

        ``source_row``, ``_started``, ``_ended``, ``_language``, ``_asked`` and ``_answered``
        (numbers of questions), and every answer that is one value.
        """
        import pandas as pd

        return pd.read_parquet(self.folder / "respondents.parquet").set_index(RESPONDENT)

    @cached_property
    def answers(self) -> pd.DataFrame:
        """One row a respondent × item, or × choice for ``select_multiple``.

        Columns ``respondent, item, choice, selected, value, state``: ``choice`` is the chosen code
        (or each choice of a multiple question, with ``selected``), ``value`` a text, a number or a
        date as text, ``state`` one of :class:`State`.
        """
        import pandas as pd

        return pd.read_parquet(self.folder / "answers.parquet")

    def rows(self, item: str) -> pd.DataFrame:
        """Return the answers to one item, without reading the others of a large wave."""
        import pandas as pd
        import pyarrow.parquet as pq

        self.instrument.item(item)  # says which ones there are
        path = self.folder / "answers.parquet"
        if "answers" in self.__dict__ or pq.ParquetFile(path).metadata.num_rows < _SMALL:
            return self.answers[self.answers["item"] == item]
        return pd.read_parquet(path, filters=[("item", "==", item)])

    def multiple(self, item: str) -> pd.DataFrame:
        """Return respondents × choices of a ``select_multiple`` as nullable booleans.

        A row is NA where the question has no answer (state neither ``answered`` nor ``none``).
        The choices that stand for a missing answer («no sabe») are left out.
        """
        import pandas as pd

        found = self.instrument.item(item)
        if found.type != "select_multiple":
            raise ValueError(f"«{item}» no es de respuesta múltiple ({found.type}); use single.")
        codes = [choice.code for choice in found.choices if choice.missing is None]
        rows = self.rows(item)
        told = rows["state"].isin([State.ANSWERED, State.NONE])
        selected = rows["selected"].mask(~told, pd.NA)
        wide = rows.assign(selected=selected).pivot(
            index=RESPONDENT, columns="choice", values="selected"
        )
        wide = wide.reindex(index=self.respondents.index, columns=codes).astype("boolean")
        return wide.rename_axis(columns=None)

    def _series(self, item: str, column: str) -> pd.Series:
        rows = self.rows(item).drop_duplicates(RESPONDENT).set_index(RESPONDENT)
        return rows[column].reindex(self.respondents.index).rename(item)

    def state(self, item: str) -> pd.Series:
        """Return the state of an item by respondent."""
        return self._series(item, "state")

    def single(self, item: str) -> pd.Series:
        """Return the chosen code of a ``select_one``, NA where it was not answered."""
        found = self.instrument.item(item)
        if found.type != "select_one":
            raise ValueError(f"«{item}» no es de respuesta única ({found.type}).")
        told = self.state(item).isin([State.ANSWERED, State.NONE])
        return self._series(item, "choice").where(told)

    def text(self, item: str) -> pd.Series:
        """Return the text of an item exactly as it was given, NA where there is none."""
        return self._series(item, "value")

    def number(self, item: str) -> pd.Series:
        """Return the number of an ``integer`` or ``decimal`` as Float64, NA where there is none."""
        found = self.instrument.item(item)
        if found.type not in ("integer", "decimal"):
            raise ValueError(f"«{item}» no es un número ({found.type}).")
        return self.text(item).astype("Float64")

    def origin(self, item: str, lang: str = "es") -> Origin:
        """Return where a number computed from an item comes from."""
        self.instrument.item(item)
        return self.origins(item, lang=lang)

    def origins(self, *items: str, lang: str = "es") -> Origin:
        """Return the origin of something computed from several items, or from the wave as such."""
        return Origin(
            document=self.meta.label[lang],
            table=f"waves/{self.id}",
            rows=items or (self.id,),
            section="; ".join(items),
        )
