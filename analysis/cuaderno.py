"""The few words that a notebook needs in order to show something.

>>> cuaderno = Cuaderno("04_medicion", lang="es")      # doctest: +SKIP
>>> cuaderno.text("bases", smallest=smallest)          # prose of texts/es/04_medicion.md
>>> cuaderno.figure(chart)                             # a figure of analysis.charts
>>> cuaderno.table(table)                              # a table of analysis.tables
"""

from __future__ import annotations

from typing import Any

from analysis import display, prose, texts
from analysis.charts import Chart
from analysis.display import Block
from analysis.published import Study
from analysis.tables import Table


class Cuaderno:
    """A notebook that shows its results in one language.

    Parameters
    ----------
    name : str
        Name of the notebook and of its file of texts.
    lang : str
        Language.
    """

    def __init__(self, name: str, lang: str = texts.DEFAULT_LANGUAGE) -> None:
        texts.passages(name, lang)  # a missing language or file is said at once
        self.name = name
        self.lang = lang
        self._values: dict[str, object] = {}

    def let(self, **values: object) -> None:
        """Give values that any passage of the notebook can use."""
        self._values.update(values)

    def _passage(self, key: str, values: dict[str, object]) -> dict[str, Any]:
        passage = prose.write(self.name, key, self.lang, **{**self._values, **values})
        return display.passage_data(passage, self.lang)

    def head(self, study: Study, **values: object) -> Block:
        """Open the cuaderno: passages ``kicker``, ``title``, ``lead``, ``finding`` and ``date``."""
        data: dict[str, Any] = {
            "kind": "head",
            "name": self.name,
            **{key: self.write(key, **values) for key in ("kicker", "title", "finding", "date")},
            "lead": self._passage("lead", values),
            "study": {
                "title": study.title,
                "citation": study.citation,
                "publishers": list(study.publishers),
                "year": str(study.year),
            },
        }
        return Block(data, self.lang)

    def findings(self, **values: object) -> Block:
        """Show *Hallazgos* and *Cautelas*: the passages ``findings`` and ``cautions``."""
        data = {key: self._passage(key, values) for key in ("findings", "cautions")}
        return Block({"kind": "findings", **data}, self.lang)

    def text(self, key: str, **values: object) -> Block:
        """Show a passage."""
        return Block({"kind": "prose", **self._passage(key, values)}, self.lang)

    def write(self, key: str, **values: object) -> str:
        """Write a passage as plain text, for the title or caption of a figure or table."""
        data = self._passage(key, values)
        return texts.Computed(prose.to_text(data["markdown"], _texts(data)))

    def figure(self, chart: Chart | None) -> Block | None:
        """Show a figure; nothing where there is nothing to draw."""
        return None if chart is None else Block(display.figure_data(chart, self.lang), self.lang)

    def table(self, table: Table | None, *, folded: bool = False) -> Block | None:
        """Show a table; a long one can be folded; nothing where there is no table."""
        return (
            None
            if table is None
            else Block(display.table_data(table, self.lang, folded=folded), self.lang)
        )

    def closing(self, **values: object) -> Block:
        """Close the cuaderno: the passages ``method`` and ``sources``."""
        parts = [
            {"heading": texts.label(f"page.{key}", self.lang), **self._passage(key, values)}
            for key in ("method", "sources")
        ]
        return Block({"kind": "closing", "parts": parts}, self.lang)


def _texts(data: dict[str, Any]) -> list[str]:
    return [number["text"] for number in data["numbers"]]
