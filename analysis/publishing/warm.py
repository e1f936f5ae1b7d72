"""Warm kernels for a build: one process imports everything once, and every kernel is its fork.

Where that is not possible (no ``fork``, or a fork that is not safe, as on macOS and Windows), or
whenever it fails, notebooks get an ordinary kernel and nothing else changes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKER_MODULES = ["analysis.publishing.execute", "analysis.publishing.kernels", "papermill"]
"""What the processes of a build import before there is anything to do."""

_PATH_LIMIT = 100  # bytes of the name of a socket
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_address = ""


def possible() -> bool:
    """Tell whether processes can be forked safely here."""
    return sys.platform == "linux"


@contextmanager
def kernels() -> Iterator[str]:
    """Start the server of kernels and yield its address; empty when there is none."""
    if not possible():
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="cuadernos-") as folder:
        path = str(Path(folder) / "kernels")
        if len(os.fsencode(path)) > _PATH_LIMIT:
            yield ""
            return
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            process = subprocess.Popen(
                [sys.executable, "-m", "analysis.publishing.kernel_server", str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # an interrupted build ends it in order, by the pipe
                env={**os.environ, **_SINGLE},
            )
        try:
            yield path
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let numeric libraries of the processes started meanwhile use one thread.

    Notebooks run beside each other already; and a sum must not depend on how it was divided.
    """
    before = {name: os.environ.get(name) for name in _SINGLE}
    os.environ.update(_SINGLE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def use(address: str) -> None:
    """Make this process take its kernels from the server at an address."""
    global _address
    _address = address


def address() -> str:
    """Return where this process takes its kernels from; empty for ordinary ones."""
    return _address
