"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

_REASONS = {
    errno.EACCES: "no hay permiso",
    errno.EPERM: "no hay permiso",
    errno.EROFS: "el disco es de solo lectura",
    errno.ENOSPC: "no queda espacio en el disco",
    errno.EDQUOT: "se agotó la cuota de disco",
    errno.ENOTDIR: "hay un archivo donde debería haber una carpeta",
    errno.EEXIST: "hay un archivo donde debería haber una carpeta",
    errno.EISDIR: "hay una carpeta donde debería haber un archivo",
    errno.ENOENT: "no existe",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EIO: "el disco no responde bien",
    errno.EMFILE: "hay demasiados archivos abiertos",
}


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a crash leaves the former one, never half of the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def reason(error: OSError) -> str:
    """Say in Spanish why a file or folder could not be read or written; our own words stay."""
    if error.errno is None:
        return str(error)
    why = _REASONS.get(error.errno, error.strerror or type(error).__name__)
    return f"{error.filename}: {why}." if error.filename else f"{why}."


def ready_folder(path: Path) -> None:
    """Make a folder and try it, so that what cannot be written is known before the work is done.

    Raises
    ------
    OSError
        Saying in Spanish which folder cannot be written and why.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".prueba-", dir=path) as trial:
            trial.write(b"0" * 4096)
            trial.flush()
    except OSError as error:
        why = _REASONS.get(error.errno or 0, error.strerror)
        raise type(error)(
            f"No se puede escribir en la carpeta {path}: {why}. Elija otra con --out CARPETA."
        ) from error
