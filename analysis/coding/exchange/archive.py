"""Read a zip archive that somebody else made, by name and within limits.

Nothing is ever unpacked by its own name: members are read one by one, names that leave the archive
are refused, and what comes out is counted while it comes out, because sizes in the directory of an
archive may lie.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_BLOCK = 1 << 16


class ArchiveError(ValueError):
    """An archive is damaged, dangerous or larger than it may be."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Parameters
    ----------
    entries : int
        Members.
    total : int
        Bytes of all members together, unpacked.
    member : int
        Bytes of one member that is read into memory.
    ratio : int
        Times that a member of more than 1 MiB may grow when unpacked.
    """

    entries: int = 20_000
    total: int = 4 << 30
    member: int = 256 << 20
    ratio: int = 200


class Archive:
    """A zip archive open for reading; a context manager.

    Parameters
    ----------
    path : Path
        File.
    limits : Limits
        What it may hold.

    Raises
    ------
    ArchiveError
        When it is not a zip, is encrypted, has too many or too large members, names that leave
        it, links, or two members of one name.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path, self.limits = path, limits or Limits()
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self._refuse("no es un archivo zip legible o está dañado") from error
        self.members: dict[str, zipfile.ZipInfo] = {}
        try:
            self._examine()
        except BaseException:
            self._zip.close()
            raise

    def _refuse(self, why: str) -> ArchiveError:
        return ArchiveError(f"{self.path.name}: {why}. No se importó nada.")

    def _examine(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > self.limits.entries:
            raise self._refuse(f"tiene {len(infos)} miembros; el límite es {self.limits.entries}")
        total = sum(info.file_size for info in infos)
        if total > self.limits.total:
            raise self._refuse(f"ocuparía {total >> 20} MB; el límite es {self.limits.total >> 20}")
        folded: set[str] = set()
        for info in infos:
            name = info.orig_filename
            if not safe_name(name):
                raise self._refuse(f"un miembro apunta fuera del archivo: «{name[:80]}»")
            if info.flag_bits & 0x1:
                raise self._refuse("está cifrado; expórtelo sin contraseña")
            if stat.S_ISLNK(info.external_attr >> 16):
                raise self._refuse(f"«{name[:80]}» es un enlace")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refuse(f"«{name[:80]}» usa una compresión que no se admite")
            if info.file_size > max(1 << 20, self.limits.ratio * info.compress_size):
                raise self._refuse(f"«{name[:80]}» crece más de {self.limits.ratio} veces")
            if name.endswith("/"):
                continue
            if name.casefold() in folded:
                raise self._refuse(f"dos miembros se llaman «{name[:80]}»")
            folded.add(name.casefold())
            self.members[name] = info

    def __enter__(self) -> Archive:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._zip.close()

    def blocks(self, name: str) -> Iterator[bytes]:
        """Read a member in blocks, counting what comes out."""
        info = self.members.get(name)
        if info is None:
            raise self._refuse(f"falta «{name[:80]}», al que el proyecto remite")
        count = 0
        try:
            with self._zip.open(info) as stream:
                while block := stream.read(_BLOCK):
                    count += len(block)
                    if count > info.file_size or count > max(
                        1 << 20, self.limits.ratio * info.compress_size
                    ):
                        raise self._refuse(f"«{name[:80]}» ocupa más de lo que dice")
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise self._refuse(f"«{name[:80]}» está dañado") from error

    def read(self, name: str) -> bytes:
        """Read a member into memory, if it is not too large for that."""
        info = self.members.get(name)
        if info is not None and info.file_size > self.limits.member:
            size = f"{info.file_size >> 20} MB; el límite es {self.limits.member >> 20}"
            raise self._refuse(f"«{name[:80]}» ocupa {size}")
        return b"".join(self.blocks(name))


def safe_name(name: str) -> bool:
    """Say whether a name of a member stays in its archive.

    >>> [safe_name(name) for name in ("sources/a.txt", "../a", "/a", "C:/a", "a\\\\b", "")]
    [True, False, False, False, False, False]
    """
    if not name or any(c in name for c in "\\:\0") or any(ord(c) < 32 for c in name):
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
