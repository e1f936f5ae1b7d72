"""Folders in the making: gone at the end, or at the next one when their process was killed."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from filelock import FileLock, Timeout

PREFIX = ".draft-"
_LOCK = "lock"
Rescue = Callable[[Path], None]


@contextmanager
def draft_folder(
    parent: Path, prefix: str = PREFIX, rescue: Rescue | None = None
) -> Iterator[Path]:
    """Make a folder for work under way and delete it at the end, whatever happens.

    A lock in it says that its process lives, so that what a killed process left can be told apart.

    Parameters
    ----------
    parent : Path
        Where it is made.
    prefix : str
        How its name begins; abandoned folders of the same parent and prefix are deleted first.
    rescue : callable, optional
        Given a folder before it is deleted, to put in its place what must not be lost.
    """
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent, prefix, rescue)
    folder, lock = _locked(parent, prefix)
    try:
        yield folder
    finally:
        if rescue:
            rescue(folder)
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _locked(parent: Path, prefix: str) -> tuple[Path, FileLock]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = FileLock(folder / _LOCK)
        lock.acquire()
        if (folder / _LOCK).exists():  # else another process took it for abandoned meanwhile
            return folder, lock
        lock.release()


def sweep(parent: Path, prefix: str = PREFIX, rescue: Rescue | None = None) -> None:
    """Delete the folders of processes that no longer live.

    Parameters
    ----------
    parent : Path
        Where they are.
    prefix : str
        How their names begin.
    rescue : callable, optional
        As for :func:`draft_folder`.
    """
    for folder in parent.glob(f"{prefix}*"):
        lock = FileLock(folder / _LOCK, timeout=0)
        with contextlib.suppress(Timeout, OSError):  # at work, or another user's
            lock.acquire()
            try:
                if rescue:
                    rescue(folder)
            finally:
                lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def stop_cleanly() -> None:
    """Let a request to end (SIGTERM, a closed terminal) undo what is half done, as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, _: object) -> NoReturn:
    for other in (number, signal.SIGINT):  # the undoing is not interrupted
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)
