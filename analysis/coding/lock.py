"""One lock a corpus: who changes its files waits for who is changing them.

The lock stands beside the folder of the corpus, not in it, because an import puts a new folder in
the place of the former one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_WAIT = 10  # seconds for whoever is changing it


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from changing a corpus meanwhile; inside another lock of the same, do nothing.

    Parameters
    ----------
    folder : Path
        Folder of the corpus.

    Raises
    ------
    ValueError
        When it stays busy.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.parent / f".{folder.name}.lock", timeout=_WAIT, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise ValueError(
            f"Otra ventana u orden está cambiando el corpus {folder.name}; "
            "espere un momento y vuelva a intentarlo."
        ) from None
    try:
        yield
    finally:
        lock.release()
