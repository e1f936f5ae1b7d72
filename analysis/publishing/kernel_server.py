"""A process that has imported what notebooks use and becomes a kernel, in a fork, on request.

Run by :mod:`analysis.publishing.warm` as ``python -m analysis.publishing.kernel_server FD``, with a
listening socket as FD and, as its standard input, a pipe that closes when the build ends.

A client sends one line of JSON (``arguments``, ``cwd``, ``env``) and gets ``{"pid": …}``; then it
may send lines with the number of a signal, and gets ``{"code": …}`` when the kernel has ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_WARM = (
    "ipykernel.kernelapp",
    "pandas",
    "seaborn",
    "scipy.optimize",
    "scipy.stats",
    "matplotlib.backends.backend_svg",
    "statsmodels.stats.proportion",
    "analysis.agreement",
    "analysis.audit",
    "analysis.cuaderno",
    "analysis.measurement",
    "analysis.published",
    "analysis.waves",
)
_VIEWS = "analysis.views"  # what the notebooks show: each of its modules
_THREADED = "polars"  # starts threads when imported; statsmodels takes it where it is there
_FORKABLE = {"jemalloc_bg_thd"}  # pyarrow's allocator, which starts it anew in a fork
_REQUEST_LIMIT = 1 << 22  # bytes; a request is mostly the environment


def warm_up() -> None:
    """Import what notebooks import, and fill what is filled once in a process.

    Nothing here may start a thread: a fork has only the thread that forked.
    """
    # as ipykernel does before a notebook can import matplotlib
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    sys.modules[_THREADED] = None  # type: ignore[assignment]  # as if it were not installed
    views = pkgutil.iter_modules(importlib.import_module(_VIEWS).__path__, f"{_VIEWS}.")
    for name in (*_WARM, *(view.name for view in views)):
        importlib.import_module(name)
    del sys.modules[_THREADED]
    from analysis import texts, theme

    for lang in texts.LOCALES:
        texts.has_label("page.series", lang)
    theme.draw(lambda axes, canvas: axes.set_title("Á").get_fontsize(), "warm", (300, 300))


def threads() -> list[str]:
    """Name the threads that a fork would lose, the main one apart."""
    tasks = Path("/proc/self/task").iterdir()
    names = [(t / "comm").read_text("utf-8").strip() for t in tasks if t.name != str(os.getpid())]
    return sorted(set(names) - _FORKABLE)


def serve(listener: socket.socket, lifeline: int) -> dict[str, Any] | None:
    """Fork kernels until the lifeline closes; return the request in each fork, None at the end."""
    waker, woken = socket.socketpair()
    waker.setblocking(False)
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    selector = selectors.DefaultSelector()
    for source in (listener, woken, lifeline):
        selector.register(source, selectors.EVENT_READ)
    kernels: dict[int, socket.socket] = {}
    while True:
        for key, _ in selector.select():
            source: Any = key.fileobj
            if source == lifeline:
                _end(kernels)
                return None
            if source is woken:
                woken.recv(4096)
                _reap(kernels, selector)
            elif source is listener:
                client, _ = listener.accept()
                request = _read(client)
                if request is None:
                    client.close()
                    continue
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    selector.close()
                    for open_socket in (listener, waker, woken, client, *kernels.values()):
                        open_socket.close()
                    return request
                kernels[pid] = client
                selector.register(client, selectors.EVENT_READ)
                _send(client, {"pid": pid})
            else:
                _obey(source, kernels, selector)


def _read(client: socket.socket) -> dict[str, Any] | None:
    client.settimeout(10)
    try:
        with client.makefile("rb") as stream:
            line = stream.readline(_REQUEST_LIMIT)
        return dict(json.loads(line))
    except (OSError, ValueError):
        return None


def _send(client: socket.socket, answer: dict[str, int]) -> None:
    with contextlib.suppress(OSError):  # who asked is gone: its kernel ends when that is seen
        client.sendall(json.dumps(answer).encode() + b"\n")


def _obey(
    client: socket.socket, kernels: dict[int, socket.socket], selector: selectors.BaseSelector
) -> None:
    """Send the kernel of a client the signals it asks for; end it when the client is gone."""
    pid = next(number for number, one in kernels.items() if one is client)
    try:
        told = client.recv(4096)
    except OSError:
        told = b""
    if not told:
        selector.unregister(client)
        _signal(pid, signal.SIGKILL)
    for number in told.split():
        _signal(pid, int(number))


def _signal(pid: int, number: int) -> None:
    """Signal a kernel and what it started; it is not reaped yet, so its number is its own."""
    try:
        os.killpg(pid, number)
    except OSError:
        os.kill(pid, number)  # not yet the leader of its group


def _reap(kernels: dict[int, socket.socket], selector: selectors.BaseSelector) -> None:
    while kernels:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        client = kernels.pop(pid)
        _send(client, {"code": os.waitstatus_to_exitcode(status)})
        if client in selector.get_map():
            selector.unregister(client)
        client.close()


def _end(kernels: dict[int, socket.socket]) -> None:
    for pid in kernels:
        _signal(pid, signal.SIGKILL)
    for pid in kernels:
        os.waitpid(pid, 0)


def become_kernel(request: dict[str, Any]) -> None:
    """Be what ``python -m ipykernel_launcher`` is, in a process of its own."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    parent = os.getppid()  # the kernel ends when the server does
    os.environ["JPY_PARENT_PID"] = str(parent)
    import numpy as np

    np.random.seed()
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin if launcher else ""), *request["arguments"]]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance(
        argv=[*request["arguments"], f"--IPKernelApp.parent_handle={parent}"]
    )


def main() -> None:
    """Serve; in a fork, be a kernel."""
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]  # as ipykernel_launcher does; IPython puts it back
    listener = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    if threads():
        return  # those who asked see the end of their connection and start kernels of their own
    gc.freeze()  # what is shared stays shared
    request = serve(listener, sys.stdin.fileno())
    if request is not None:
        become_kernel(request)


if __name__ == "__main__":
    main()
