"""Multiple-response sets of SPSS, which pyreadstat reads and does not write."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = 176
_VARIABLE, _LABELS, _LABELLED, _NOTE, _EXTENSION, _END = 2, 3, 4, 6, 7, 999
_SETS, _LONG_NAMES = 7, 13


@dataclass(frozen=True)
class DichotomousSet:
    """Variables of which each says whether a choice was made.

    Parameters
    ----------
    name, label : str
        Name without ``$``, and wording of the question.
    variables : tuple of str
        Names of the variables.
    counted : int
        Value that means «chosen».
    """

    name: str
    label: str
    variables: tuple[str, ...]
    counted: int = 1


def with_sets(content: bytes, sets: Iterable[DichotomousSet]) -> bytes:
    """Add multiple-response sets to a .sav file as pyreadstat writes it.

    The record (type 7, subtype 7) stands before the end of the dictionary and names the variables
    by their short names, as *PSPP Developers' Guide*, «Multiple Response Sets Records», describes.

    Raises
    ------
    ValueError
        When the file is no .sav, or has a record that pyreadstat does not write.
    KeyError
        When it has no such variable.
    """
    if content[:4] not in (b"$FL2", b"$FL3"):
        raise ValueError("not a .sav file")
    end, short = _dictionary(content)
    lines = []
    for group in sets:
        value, label = str(group.counted), group.label
        names = " ".join(short[name.lower()] for name in group.variables)
        size = len(label.encode("utf-8"))
        lines.append(f"${group.name}=D{len(value)} {value} {size} {label} {names}\n")
    text = "".join(lines).encode("utf-8")
    record = struct.pack("<iiii", _EXTENSION, _SETS, 1, len(text)) + text
    return content[:end] + record + content[end:]


def _dictionary(content: bytes) -> tuple[int, dict[str, str]]:
    """Walk the records of the dictionary: where it ends, and the short name of each variable."""
    at, short = _HEADER, {}
    while (kind := _integer(content, at)) != _END:
        if kind == _VARIABLE:
            labelled, missing = _integer(content, at + 8), abs(_integer(content, at + 12))
            at += 32
            if labelled:
                at += 4 + -(-_integer(content, at) // 4) * 4
            at += 8 * missing
        elif kind == _LABELS:
            count, at = _integer(content, at + 4), at + 8
            for _ in range(count):
                at += 8 + (content[at + 8] // 8 + 1) * 8
        elif kind == _LABELLED:
            at += 8 + 4 * _integer(content, at + 4)
        elif kind == _NOTE:
            at += 8 + 80 * _integer(content, at + 4)
        elif kind == _EXTENSION:
            size = _integer(content, at + 8) * _integer(content, at + 12)
            if _integer(content, at + 4) == _LONG_NAMES:
                body = content[at + 16 : at + 16 + size].decode("utf-8")
                pairs = (pair.partition("=") for pair in body.split("\t"))
                short = {long.strip("\0").lower(): name.lower() for name, _, long in pairs}
            at += 16 + size
        else:
            raise ValueError(f"record {kind} at byte {at} is not known")
    return at, short


def _integer(content: bytes, at: int) -> int:
    return int(struct.unpack_from("<i", content, at)[0])
