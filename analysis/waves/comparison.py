"""Two waves side by side: what can be compared, as a researcher reviewed it, and who is in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.instrument import common_choices, compare, load_crosswalk
from analysis.paths import Project
from analysis.responses import NO_CODE, Wave

if TYPE_CHECKING:
    import pandas as pd

    from analysis.instrument.tables import Row


@dataclass(frozen=True)
class Comparison:
    """Two waves and the correspondence of their questionnaires.

    Parameters
    ----------
    a, b : Wave
        Former and later wave.
    table : DataFrame
        Of :func:`analysis.instrument.compare`: one row a question, and one a choice that changed.
    crosswalk : list of rows
        Reviewed correspondence.
    """

    a: Wave
    b: Wave
    table: pd.DataFrame
    crosswalk: list[Row]

    @property
    def items(self) -> pd.DataFrame:
        """Rows about questions."""
        return self.table[self.table["level"] == "item"]

    @property
    def paired(self) -> pd.Index:
        """Respondents that are in both waves; none where a wave does not give them a code."""
        if not (self.a.own_codes and self.b.own_codes):
            return self.a.respondents.index[:0]
        both = self.a.respondents.index.intersection(self.b.respondents.index, sort=False)
        return both[~both.astype("string").str.startswith(NO_CODE).to_numpy(dtype=bool)]

    def comparable(self, kind: str) -> list[tuple[str, str]]:
        """List the pairs of questions of a type that can be compared, as they are or recoded."""
        found = []
        for row in self.items.to_dict("records"):
            if row["verdict"] in ("comparable", "comparable_with_recode"):
                pair = (str(row["item_a"]), str(row["item_b"]))
                types = {self.a.instrument.item(pair[0]).type, self.b.instrument.item(pair[1]).type}
                if types == {kind}:
                    found.append(pair)
        return found

    def common(self, item_a: str, item_b: str) -> dict[str, tuple[list[str], list[str]]]:
        """Return, by common code, the choices of each wave that it holds."""
        frame = common_choices(self.a.instrument, self.b.instrument, self.crosswalk, item_a, item_b)
        found: dict[str, tuple[list[str], list[str]]] = {}
        same = self.a.instrument.version == self.b.instrument.version
        if same:
            codes = [choice.code for choice in self.a.instrument.item(item_a).choices]
            return {code: ([code], [code]) for code in codes}
        for row in frame.dropna(subset=["common"]).to_dict("records"):
            pair = found.setdefault(str(row["common"]), ([], []))
            pair[row["version"] != self.a.instrument.version].append(str(row["choice"]))
        return found

    def marks(self, item_a: str, item_b: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return a ``select_multiple`` in both waves by the codes that both can hold.

        Returns
        -------
        (DataFrame, DataFrame)
            Respondents × common codes, nullable boolean: a common code is marked when any of the
            choices that it joins is.
        """
        import pandas as pd

        found = []
        common = self.common(item_a, item_b)
        for at, (wave, item) in enumerate(((self.a, item_a), (self.b, item_b))):
            wide = wave.multiple(item)
            told = {
                code: wide[[c for c in pair[at] if c in wide]]
                for code, pair in common.items()
                if any(c in wide for c in pair[at])
            }
            found.append(
                pd.DataFrame(
                    {
                        code: part.any(axis=1, skipna=True).where(part.notna().all(axis=1), pd.NA)
                        for code, part in told.items()
                    },
                    index=wide.index,
                ).astype("boolean")
            )
        shared = [code for code in found[0] if code in found[1]]
        return found[0][shared], found[1][shared]


def compare_waves(project: Project, a: Wave, b: Wave) -> Comparison:
    """Compare two waves by the reviewed crosswalk of their questionnaires."""
    crosswalk = load_crosswalk(project)
    return Comparison(a, b, compare(a.instrument, b.instrument, crosswalk), crosswalk)
