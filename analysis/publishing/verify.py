"""Build again and compare, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.datapackage import sha256

KINDS = (".html", ".pdf", ".csv", ".svg", ".json")
_APART = ("executed", "failed")  # executed notebooks hold times


@dataclass(frozen=True)
class Difference:
    """A file that is not the same in two folders of reports.

    Parameters
    ----------
    file : str
        Path inside the folder.
    what : str
        What is different, in Spanish.
    """

    file: str
    what: str


def files_of(folder: Path) -> dict[str, Path]:
    """List what is published in a folder of reports, by path inside it."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in KINDS and path.relative_to(folder).parts[0] not in _APART
    }


def compare(reports: Path, again: Path) -> list[Difference]:
    """Compare two folders of reports.

    Returns
    -------
    list of Difference
        Missing, left over and different files; empty when they are equal bit for bit.
    """
    old, new = files_of(reports), files_of(again)
    found = [Difference(name, "falta") for name in sorted(new.keys() - old.keys())]
    found += [Difference(name, "sobra") for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        if sha256(old[name]) != sha256(new[name]):
            found.append(Difference(name, _first_difference(old[name], new[name])))
    return found


def _first_difference(old: Path, new: Path) -> str:
    one, two = old.read_bytes(), new.read_bytes()
    if old.suffix == ".pdf":
        return f"es distinto ({len(one)} bytes; al rehacerlo, {len(two)})"
    pairs: Iterable[tuple[int, tuple[bytes, bytes]]] = enumerate(
        zip(one.splitlines(), two.splitlines(), strict=False), 1
    )
    for number, (before, after) in pairs:
        if before != after:
            at = next(
                (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
                min(len(before), len(after)),
            )
            start = max(0, at - 20)
            was, now = (
                line[start : at + 40].decode("utf-8", "replace") for line in (before, after)
            )
            return f"línea {number}: decía «{was}» y al rehacerlo dice «{now}»"
    return f"tiene {len(one)} bytes y al rehacerlo {len(two)}"
