"""Kernels that are forks of a warm process, for papermill; ordinary ones where there is none."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.publishing import warm

_LAUNCHER = ["-m", "ipykernel_launcher"]
_PATIENCE = 60  # seconds that the warm process may take to import everything


class ForkedKernel:
    """A kernel that another process forked; it answers as ``subprocess.Popen`` does."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int, rest: bytes) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._heard = rest

    def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs."""
        while self.returncode is None:
            line, found, rest = self._heard.partition(b"\n")
            if found:
                self._heard = rest
                self.returncode = json.loads(line)["code"]
                self._connection.close()
                break
            try:
                told = self._connection.recv(4096)
            except BlockingIOError:
                return None
            except OSError:
                told = b""
            if not told:  # the server is gone, and its kernels with it
                self.returncode = -signal.SIGKILL
                self._connection.close()
            self._heard += told
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        limit = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if limit is not None and time.monotonic() > limit:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it started."""
        if self.poll() is None:
            self._connection.sendall(f"{int(number)}\n".encode())

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


def fork(arguments: list[str], cwd: str, env: dict[str, str]) -> ForkedKernel | None:
    """Ask the warm process for a kernel; None when there is none to be had."""
    if not warm.address():
        return None
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE)
    request = {"arguments": arguments, "cwd": cwd, "env": env}
    try:
        connection.connect(warm.address())
        connection.sendall(json.dumps(request).encode() + b"\n")
        heard = b""
        while b"\n" not in heard:
            told = connection.recv(4096)
            if not told:
                raise ConnectionError("the warm process ended")
            heard += told
    except OSError:
        connection.close()
        return None
    connection.setblocking(False)
    line, _, rest = heard.partition(b"\n")
    return ForkedKernel(connection, json.loads(line)["pid"], rest)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm process when it is the Python of this environment."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel with a command."""
        options = [part for part in cmd[1:] if not part.startswith("-X")]
        if cmd[0] == sys.executable and options[:2] == _LAUNCHER:
            cwd = str(kwargs.get("cwd") or os.getcwd())  # noqa: PTH109 - as the launcher sees it
            forked = fork(options[2:], cwd, dict(kwargs["env"]))
            if forked is not None:
                self.process, self.pid, self.cwd = forked, forked.pid, cwd
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


class WarmKernelManager(AsyncKernelManager):
    """The kernel manager of nbclient with our provisioner."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        self.provisioner = WarmProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
