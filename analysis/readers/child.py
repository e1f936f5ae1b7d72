"""The reading process: reads one file under limits and writes what it found into a folder.

It is started by `analysis.readers.sandbox`. It imports nothing before its limits are set and only
what its format needs afterwards. Its answer is ``result.json`` and numbered Arrow files; it never
sends objects that the other side would have to execute.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.readers.draft import Draft, Row

_AHEAD = 3
"""Batches that may wait for the parent."""
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system")


def main(folder: str) -> None:
    """Read what ``task.json`` in the folder asks for and leave the answer beside it."""
    home = Path(folder)
    task = json.loads((home / "task.json").read_text("utf-8"))
    answer_under_limits(home, task, _read)


def answer_under_limits(
    home: Path, task: dict[str, Any], work: Callable[[Path, dict[str, Any]], dict[str, Any]]
) -> None:
    """Limit this process, do the work and leave its answer, or its error, in ``result.json``."""
    limit(int(task["memory_mb"]), float(task["seconds"]))
    sys.addaudithook(_refuse)
    sys.meta_path.insert(0, _WithoutPandas())
    try:
        answer = work(home, task)
    except MemoryError:
        answer = {"error": {"kind": "memory"}}
    except Exception as error:
        answer = {"error": _explain(error)}
    _write_json(home / "result.json", answer)


def limit(memory_mb: int, seconds: float) -> None:
    """Limit this process where the system can; the parent watches in any case.

    Parameters
    ----------
    memory_mb : int
        Private memory, in MiB.
    seconds : float
        Processor time.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    memory = memory_mb << 20
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, max(1, round(seconds))),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, 4 * memory + (1 << 30)),  # libraries map much that they do not use
        (resource.RLIMIT_NOFILE, 64),
    ]
    for what, most in wanted:
        try:
            hard = resource.getrlimit(what)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            spare = 5 if what == resource.RLIMIT_CPU else 0  # told first (SIGXCPU), then killed
            last = most + spare if hard == resource.RLIM_INFINITY else min(most + spare, hard)
            resource.setrlimit(what, (most, last))
        except (ValueError, OSError):  # macOS refuses some of them
            continue


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Keep a reader from the network and from starting programs."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"reading a file does not need {event}")


class _WithoutPandas:
    """Keep pyarrow from importing pandas, which it only would to look for frames: 0.4 s."""

    def find_spec(self, name: str, *_: object) -> None:
        """Say that there is no pandas; leave every other module to the usual finders."""
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


def _explain(error: Exception) -> dict[str, Any]:
    from analysis.readers.errors import ReadError

    if isinstance(error, ReadError):
        return error.to_json()
    return {"kind": "damaged", "detail": f"{type(error).__name__}: {error}"[:500]}


def _write_json(path: Path, content: Any) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, ensure_ascii=False), "utf-8", errors="surrogatepass")
    draft.replace(path)


def _read(home: Path, task: dict[str, Any]) -> dict[str, Any]:
    from analysis.readers import formats
    from analysis.readers.table import ReadOptions, columns_to_json

    draft = formats.open_draft(Path(task["path"]), ReadOptions.from_json(task["options"]))
    rows = _write_batches(home, draft, task)
    columns = draft.finish(draft.columns)
    return {
        "columns": columns_to_json(tuple(columns)),
        "facts": draft.facts,
        "notes": draft.notes,
        "multiple_sets": [vars(group) for group in draft.multiple_sets],
        "rows": rows,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> int:
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def _write_batches(home: Path, draft: Draft, task: dict[str, Any]) -> int:
    """Write the rows in Arrow files of ``task['batch']`` rows, waiting for a slow parent."""
    size, parent = int(task["batch"]), os.getppid()
    total, number = 0, 0
    batch: list[Row] = []
    _write_json(home / "columns.json", _header(draft))
    for row in draft.rows:
        batch.append(row)
        if len(batch) == size:
            number, total = number + 1, total + len(batch)
            _write_batch(home, number, batch, draft, total)
            batch = []
            while task["wait"] and len(list(home.glob("batch-*.arrow"))) > _AHEAD:
                if os.getppid() != parent:  # nobody is left to read it
                    os._exit(3)
                time.sleep(0.01)
    if batch or number == 0:
        number, total = number + 1, total + len(batch)
        _write_batch(home, number, batch, draft, total)
    return total


def _header(draft: Draft) -> dict[str, Any]:
    from analysis.readers.table import columns_to_json

    return {
        "columns": columns_to_json(tuple(draft.columns)),
        "facts": draft.facts,
        "multiple_sets": [vars(group) for group in draft.multiple_sets],
    }


def _write_batch(home: Path, number: int, batch: list[Row], draft: Draft, total: int) -> None:
    import pyarrow as pa

    names = [str(position) for position in range(len(draft.columns))]
    cells = zip(*batch, strict=True) if batch else ([] for _ in names)
    arrays = [pa.array(column, pa.large_string()) for column in cells]
    first = total - len(batch) + draft.header
    gaps = {i: n for i in range(len(batch)) if (n := draft.gaps.get(first + i))}
    facts = {
        "rows": str(total),
        "bytes": str(draft.position()),
        "gaps": json.dumps(list(gaps.items())),
    }
    table = pa.table(arrays, names=names).replace_schema_metadata(facts)
    path = home / f"batch-{number:06d}.draft"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    path.replace(path.with_suffix(".arrow"))
