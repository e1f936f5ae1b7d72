"""The canonical form of a text, and where a position of the original falls in it.

A canonical text has no byte order mark, ends its lines with LF (CRLF, CR, vertical tab, form feed,
NEL and the Unicode line and paragraph separators become LF) and is in Unicode normalisation form C.
Positions count code points.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

NORMALISATION = "Unicode NFC; LF"
_BREAKS = str.maketrans(dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n"))


def canonical(text: str) -> str:
    """Bring a text to its canonical form.

    >>> canonical("\\ufeffCafe\\u0301\\r\\n")
    'Café\\n'
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").translate(_BREAKS)
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class Units:
    """How another program counts positions in a text.

    Parameters
    ----------
    utf16 : bool
        Characters beyond the Basic Multilingual Plane count two.
    utf8 : bool
        Positions count bytes of UTF-8.
    breaks : int
        What the end of a line counts: 2 where the program counts CRLF as two, else 1.
    mark : bool
        A byte order mark at the start counts.
    inclusive : bool
        The end is the position of the last character, not of the one after it.
    """

    utf16: bool = False
    utf8: bool = False
    breaks: int = 1
    mark: bool = False
    inclusive: bool = False

    def weight(self, character: str) -> int:
        """Count one character."""
        if self.utf8:
            return len(character.encode("utf-8", "surrogatepass"))
        return 2 if self.utf16 and ord(character) > 0xFFFF else 1


class PositionMap:
    """Translate positions of a text as another program holds it into canonical ones.

    Parameters
    ----------
    raw : str
        The text as decoded, with its byte order mark and line ends.
    units : Units
        How positions are counted in it.
    """

    def __init__(self, raw: str, units: Units) -> None:
        body = raw.removeprefix("\ufeff")
        offset = 1 if units.mark and len(raw) > len(body) else 0
        if units.utf8 and offset:
            offset = 3
        self._inclusive = units.inclusive
        plain = body.replace("\r\n", "\n")
        pieces = _pieces(plain)
        self.text = "".join(canonical_piece for _, canonical_piece in pieces)
        self._foreign: list[int] = []
        self._own: list[int] = []
        own = 0
        for source, target in pieces:
            aligned = len(source) == len(target)
            for index, character in enumerate(source):
                self._foreign.append(offset)
                self._own.append(own + (index if aligned else 0))
                breaks = character == "\n" and units.breaks == 2
                offset += 2 if breaks else units.weight(character)
            own += len(target)
        self._foreign.append(offset)
        self._own.append(own)
        self.length = offset

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Translate a span; None when it does not lie in the text or is empty.

        A position inside a character (the second half of a surrogate pair, LF of a CRLF) goes to
        its start when it begins a span and to its end when it ends one.
        """
        if self._inclusive:
            end += 1
        if not 0 <= start < end <= self.length:
            return None
        first = self._own[bisect_right(self._foreign, start) - 1]
        last_at = bisect_right(self._foreign, end) - 1
        if self._foreign[last_at] < end:  # inside a character
            last_at += 1
        last = self._own[last_at]
        while last_at < len(self._own) - 1 and self._own[last_at] == self._own[last_at - 1]:
            last_at += 1  # inside a sequence that NFC makes one character
            last = self._own[last_at]
        return (first, last) if first < last else None


def _pieces(text: str) -> Sequence[tuple[str, str]]:
    """Cut a text where its normalisation does not reach across, with the canonical of each piece.

    >>> _pieces("ae\\u0301o")
    [('a', 'a'), ('e\\u0301', 'é'), ('o', 'o')]
    """
    text = text.translate(_BREAKS)
    if unicodedata.is_normalized("NFC", text):
        return [(text, text)]
    pieces: list[tuple[str, str]] = []
    for character in text:
        if pieces:
            source, target = pieces[-1]
            joined = unicodedata.normalize("NFC", source + character)
            alone = unicodedata.normalize("NFC", character)
            if unicodedata.combining(character) or joined != target + alone:
                pieces[-1] = (source + character, joined)
                continue
        pieces.append((character, unicodedata.normalize("NFC", character)))
    return pieces


def to_units(text: str, units: Units) -> list[int]:
    """Return the position, in other units, of each boundary of a canonical text."""
    positions = [0]
    for character in text:
        step = units.breaks if character == "\n" else units.weight(character)
        positions.append(positions[-1] + step)
    return positions
