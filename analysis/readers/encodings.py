"""Which encoding a text file has: decided by evidence, or asked for.

The rules, in order: a byte-order mark; zero bytes in every second place (UTF-16); validity as
UTF-8 of the whole file, which text in another encoding practically never has; otherwise cp1252, if
every character beyond ASCII is then one that Spanish, Portuguese or French text has where it
stands. cp1252 and Latin-1 differ only in the bytes 0x80 to 0x9F, which in Latin-1 are control
characters and in cp1252 are quotes and dashes, so nothing is lost by taking cp1252. Whatever
remains is asked for.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from analysis.readers.errors import AmbiguousFileError, ReadError, Reading

_BLOCK: Final = 1 << 20
_LETTERS: Final = frozenset("áéíóúüñÁÉÍÓÚÜÑãõâêôàçÃÕÂÊÔÀÇèëïîûùÈœŒæßöäÖÄ")
_BEFORE_WORDS: Final = frozenset("¿¡«“‘")
_ANYWHERE: Final = frozenset("ºª°»”’…€£§·©®™\u00a0\u00ad")
_BETWEEN_SPACES: Final = frozenset("–—•")
CANDIDATES: Final = ("cp1252", "latin-1", "mac_roman", "cp850")


def detect(path: Path) -> tuple[str, str, str]:
    """Find the encoding of a text file.

    Parameters
    ----------
    path : Path
        File.

    Returns
    -------
    encoding : str
        Python name; ``utf-8-sig`` and ``utf-16`` skip the mark.
    evidence : str
        Why, in Spanish.
    warning : str
        What looks wrong all the same; mostly empty.

    Raises
    ------
    AmbiguousFileError
        When no rule decides.
    ReadError
        When the file is not text.
    """
    with path.open("rb") as stream:
        head = stream.read(_BLOCK)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "tiene la marca de UTF-8", _twice(_survey(path)[2])
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", "tiene la marca de UTF-32", ""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "tiene la marca de UTF-16", ""
    if b"\0" in head:
        return _without_mark(path, head), "uno de cada dos bytes es cero (UTF-16 sin marca)", ""
    ascii_only, valid, high = _survey(path)
    if ascii_only:
        return "utf-8", "solo tiene caracteres ASCII", ""
    if valid:
        return "utf-8", "es UTF-8 válido", _twice(high)
    strange = {name: _strange(high, name) for name in CANDIDATES}
    if strange["cp1252"] == 0:
        why = "no es UTF-8; como cp1252 todos sus caracteres son de texto en español"
        return "cp1252", why, ""
    readings = [
        Reading(name, samples)
        for name in sorted(CANDIDATES, key=lambda n: (strange[n] is None, strange[n] or 0))
        if strange[name] is not None and (samples := _samples(high, name))
    ]
    raise AmbiguousFileError(
        path.name, "no es UTF-8 y no se sabe qué codificación tiene", "--encoding", readings[:3]
    )


def _without_mark(path: Path, head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if len(head) % 2 == 0 or len(head) == _BLOCK:
        if odd > 0.5 * half and even < 0.1 * half:
            return "utf-16-le"
        if even > 0.5 * half and odd < 0.1 * half:
            return "utf-16-be"
    raise ReadError(
        path.name,
        "contiene bytes cero y no parece un archivo de texto",
        "expórtelo de nuevo como CSV en UTF-8, o indique --encoding",
    )


def _survey(path: Path) -> tuple[bool, bool, list[bytes]]:
    """Go through the whole file once: is it ASCII, is it UTF-8, and words beyond ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ascii_only, valid = True, True
    words: dict[bytes, None] = {}
    rest = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if block.isascii() and not rest:
                continue
            ascii_only = ascii_only and block.isascii()
            if valid:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    valid = False
            rest = _collect(rest + block, words)
    if valid:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = False
    if rest:
        _collect(rest + b"\n", words)
    return ascii_only, valid, list(words)


def _collect(block: bytes, words: dict[bytes, None]) -> bytes:
    """Keep the distinct lines' parts that have bytes beyond ASCII; give the unfinished line."""
    if len(words) >= 20_000:
        return b""
    lines = block.split(b"\n")
    for line in lines[:-1]:
        if not line.isascii():
            for part in line.replace(b";", b",").replace(b"\t", b",").split(b","):
                if not part.isascii():
                    words[part.strip(b'"\r ')[:300]] = None
    return lines[-1][-10_000:]


def _twice(parts: list[bytes]) -> str:
    """Find text that was converted to UTF-8 twice, such as «InformaciÃ³n»."""
    for part in parts:
        text = part.decode("utf-8", "ignore")
        for word in text.split():
            try:
                meant = word.encode("cp1252").decode("utf-8")
            except UnicodeError:
                continue
            if meant != word:
                return (
                    f"Parece que el archivo se convirtió dos veces a UTF-8: dice «{word[:40]}» "
                    f"donde debería decir «{meant[:40]}». Expórtelo de nuevo desde su sistema de "
                    "origen."
                )
    return ""


def _strange(parts: list[bytes], encoding: str) -> int | None:
    """Count the characters that do not belong where they stand; None when it does not decode."""
    count = 0
    for part in parts:
        try:
            text = part.decode(encoding)
        except UnicodeDecodeError:
            return None
        padded = f" {text} "
        for before, char, after in zip(padded, padded[1:], padded[2:], strict=False):
            if char.isascii() or char in _ANYWHERE:
                continue
            if char in _LETTERS:
                wrong = char.isupper() and before.islower()
            elif char in _BEFORE_WORDS:
                wrong = before.isalnum()
            elif char in _BETWEEN_SPACES:
                wrong = before.isalpha() and after.isalpha()
            else:
                wrong = True
            count += wrong
    return count


def _samples(parts: list[bytes], encoding: str) -> tuple[str, ...]:
    shown = [part.decode(encoding, "replace")[:40] for part in parts[:3]]
    return tuple(text if text.isprintable() else repr(text)[1:-1] for text in shown)
