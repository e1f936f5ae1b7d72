"""Read the answers of others as text, in a process that may fail without harm.

Nothing is interpreted here: a code stays a code, ``007`` stays ``007``, and ``NA`` is what somebody
wrote. What cannot be read with certainty is asked for (`AmbiguousFileError`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.readers.errors import AmbiguousFileError, ReadError, Reading
from analysis.readers.table import (
    MultipleSet,
    Progress,
    RawColumn,
    RawTable,
    ReadOptions,
    column_from_json,
    set_from_json,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "AmbiguousFileError",
    "MultipleSet",
    "Progress",
    "RawColumn",
    "RawTable",
    "ReadError",
    "ReadOptions",
    "Reading",
    "read",
    "read_batches",
]


def read(
    path: Path | str,
    options: ReadOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> RawTable:
    """Read a file of answers.

    Parameters
    ----------
    path : Path or str
        CSV, TSV, XLSX, ODS, SPSS, Stata or SAS; exports of KoboToolbox, ODK, LimeSurvey and
        Qualtrics are recognised.
    options : ReadOptions, optional
        What the file does not say.
    progress : callable, optional
        Told how far the reading is, every 20,000 rows.

    Returns
    -------
    RawTable
        Everything as text.

    Raises
    ------
    ReadError
        When the file cannot be read.
    AmbiguousFileError
        When it can be read in several ways.
    """
    import pyarrow as pa

    from analysis.readers import sandbox

    path, options = Path(path), options or ReadOptions()
    with sandbox.Reading(path, options, batch=20_000, wait=False) as reading:
        tables = []
        size = 0
        for table in reading.batches():
            tables.append(table)
            size += table.nbytes
            if size > options.memory_mb << 20:  # a small file can describe an enormous table
                raise reading.too_large()
            _tell(progress, table, reading)
        answer = reading.answer()
        try:
            whole = pa.concat_tables(tables)
            if whole.num_rows != answer["rows"]:
                raise ValueError("rows are missing")
            lines: list[int] = []
            for table in tables:
                lines += _lines(table, lines[-1] + 1 if lines else 0)
            return _raw_table(whole, answer, lines)
        except (pa.ArrowException, KeyError, TypeError, ValueError) as problem:
            raise reading.garbage(str(problem)) from problem


def read_batches(
    path: Path | str,
    options: ReadOptions | None = None,
    rows: int = 20_000,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[RawTable]:
    """Read a large file in pieces, in bounded memory.

    Parameters
    ----------
    path : Path or str
        File, as for `read`; only delimited files are read in bounded memory by the child process.
    options : ReadOptions, optional
        What the file does not say.
    rows : int
        Rows a piece.
    progress : callable, optional
        Told how far the reading is, at each piece.

    Yields
    ------
    RawTable
        Pieces in order, all with the same columns; the index of ``rows`` goes on from piece to
        piece. Notes, and kinds of columns in sheets, are complete in the last piece only.

    Raises
    ------
    ReadError
        Possibly after some pieces: what was yielded before is then not to be used.
    """
    import json

    import pyarrow as pa

    from analysis.readers import sandbox

    path, options = Path(path), options or ReadOptions()
    if rows < 1:
        raise ValueError("rows must be at least 1")
    with sandbox.Reading(path, options, batch=rows, wait=True) as reading:
        done, lines, held = 0, [], None
        try:
            for table in reading.batches():
                if held is not None:
                    header = json.loads((reading.home / "columns.json").read_text("utf-8"))
                    yield _raw_table(held, header, lines)
                    done += held.num_rows
                lines = _lines(table, lines[-1] + 1 if lines else 0)
                held = table
                _tell(progress, table, reading)
            answer = reading.answer()
            if held is None or done + held.num_rows != answer["rows"]:
                raise ValueError("rows are missing")
            yield _raw_table(held, answer, lines)
        except (pa.ArrowException, KeyError, TypeError, OSError) as problem:
            raise reading.garbage(str(problem)) from problem
        except ValueError as problem:
            if isinstance(problem, ReadError):
                raise
            raise reading.garbage(str(problem)) from problem


def _tell(progress: Callable[[Progress], None] | None, table: pa.Table, reading: Any) -> None:
    if progress is None:
        return
    facts = table.schema.metadata or {}
    total = reading.before.st_size
    done = min(int(facts.get(b"bytes", b"0")), total)
    progress(Progress(int(facts.get(b"rows", b"0")), done, total))


def _lines(table: pa.Table, start: int) -> list[int]:
    """Give the number of each row of a piece in the file, where blank rows count too."""
    import json

    gaps = dict(json.loads((table.schema.metadata or {})[b"gaps"]))
    lines = []
    for row in range(table.num_rows):
        start += int(gaps.get(row, 0))
        lines.append(start)
        start += 1
    return lines


def _raw_table(table: pa.Table, answer: dict[str, Any], lines: list[int]) -> RawTable:
    columns = tuple(column_from_json(column) for column in answer["columns"])
    names = [column.name for column in columns]
    if len(names) != table.num_columns or len(set(names)) != len(names):
        raise ValueError("columns do not fit the rows")
    return RawTable(
        columns=columns,
        rows=_frame(table, names, lines),
        facts={str(key): str(value) for key, value in answer["facts"].items()},
        notes=tuple(map(str, answer.get("notes", ()))),
        multiple_sets=tuple(set_from_json(group) for group in answer["multiple_sets"]),
    )


def _frame(table: pa.Table, names: list[str], lines: list[int]) -> pd.DataFrame:
    import pandas as pd

    kind = pd.StringDtype("pyarrow")
    frame = table.rename_columns(names).to_pandas(types_mapper=lambda _: kind)
    frame.index = pd.Index(lines, dtype="int64")
    return frame
