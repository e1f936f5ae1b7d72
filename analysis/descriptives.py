"""Shares of a large wave by group, counted by DuckDB over its Parquet without loading it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

STATES = ("answered", "none")
"""States of an answer that count in the base; the others are missing."""
_ANSWERED = ", ".join(f"'{state}'" for state in STATES)


class GroupShare(NamedTuple):
    """Share of a choice in a group, with its interval of Wilson.

    ``count`` and ``base`` are respondents of the group; ``lower`` and ``upper`` are proportions.
    """

    group: str
    item: str
    choice: str
    count: int
    base: int
    lower: float
    upper: float


def group_shares(
    answers: Path,
    by: str,
    *,
    multiple: Sequence[str] = (),
    level: float = 0.95,
    threads: int | None = None,
    memory: str = "200MB",
) -> list[GroupShare]:
    """Count every choice of every item by group.

    Parameters
    ----------
    answers : Path
        Parquet with the columns ``respondent, item, choice, selected, state``: one row for each
        respondent and item with the choice made, or, of an item with several answers, one row for
        each choice with whether it was selected. Rows whose state is not in ``STATES``, and rows
        without a choice, are in no base.
    by : str
        Item whose choice is the group of a respondent, e.g. ``pais``. Respondents without it are
        left out.
    multiple : sequence of str
        Items with several answers.
    level : float
        Level of the intervals of Wilson (1927, JASA 22:209-212).
    threads : int, optional
        Threads of DuckDB; by default all.
    memory : str
        Memory that DuckDB may use before it writes to disk.

    Returns
    -------
    list of GroupShare
        By group, item and choice. A choice that nobody of a group made is there only when the item
        has several answers, as an item with one answer does not say what could have been chosen.

    Raises
    ------
    ValueError
        When the file is not there, lacks a column, or has no answer to ``by``.
    """
    import duckdb

    if not Path(answers).is_file():
        raise ValueError(f"No hay archivo de respuestas en {answers}.")
    settings = {"memory_limit": memory, "preserve_insertion_order": False}
    if threads:
        settings["threads"] = threads
    z = NormalDist().inv_cdf(0.5 + level / 2)
    with duckdb.connect(config=settings) as connection:
        connection.execute("SET enable_progress_bar = false")  # it would print among results
        connection.read_parquet(str(answers)).create_view("answers")
        try:
            connection.execute(_ANSWERED_ROWS)
            if not connection.execute("SELECT 1 FROM answered LIMIT 1").fetchone():
                raise ValueError(f"{answers}: no hay ninguna respuesta.")
            connection.execute(_GROUPS, {"by": by})
            connection.execute(_CODES)
            names = {"by": by, "multiple": list(multiple), "z2": z * z}
            rows = connection.execute(_COUNTS, names).fetchall()
        except duckdb.BinderException as error:
            raise ValueError(
                f"{answers}: faltan columnas; hacen falta respondent, item, choice, selected y "
                f"state ({error})."
            ) from error
    if not rows:
        raise ValueError(f"{answers}: nadie respondió «{by}», que es por lo que se agrupa.")
    return [GroupShare(*row) for row in rows]


_ANSWERED_ROWS = f"""
CREATE TEMP VIEW answered AS SELECT respondent, item, choice, selected FROM answers
    WHERE state IN ({_ANSWERED}) AND choice IS NOT NULL
"""
_GROUPS = """
CREATE TEMP TABLE texts AS
    SELECT respondent, any_value(choice) AS "group" FROM answered WHERE item = $by GROUP BY ALL
"""
# after the join, counting by the code of a group takes half as long as by its text
_CODES = """
CREATE TYPE labels AS ENUM (SELECT DISTINCT "group" FROM texts);
CREATE TEMP TABLE groups AS SELECT respondent, enum_code("group"::labels) AS code FROM texts;
"""
_COUNTS = """
WITH cells AS (
    SELECT code, item, choice, count(*) AS rows, count(*) FILTER (WHERE selected) AS chosen
    FROM answered JOIN groups USING (respondent)
    WHERE item <> $by
    GROUP BY ALL
), counted AS (
    SELECT enum_range(NULL::labels)[code + 1]::VARCHAR AS "group", item, choice,
        CASE WHEN list_contains($multiple, item) THEN chosen ELSE rows END AS count,
        CASE WHEN list_contains($multiple, item) THEN rows
            ELSE sum(rows) OVER (PARTITION BY code, item) END AS base
    FROM cells
)
SELECT "group", item, choice, count::BIGINT, base::BIGINT,
    least(count / base, greatest(0, middle - reach)) AS lower,
    greatest(count / base, least(1, middle + reach)) AS upper
FROM (
    SELECT *, (count + $z2 / 2) / (base + $z2) AS middle,
        sqrt($z2 * (count * (base - count) / base + $z2 / 4)) / (base + $z2) AS reach
    FROM counted
)
ORDER BY "group", item, choice
"""
