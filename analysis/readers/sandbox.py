"""Start a reading process, watch it, and trust nothing that it leaves.

A file from elsewhere can kill the library that reads it, or make it take all the memory. The reader
therefore runs in a process of its own, with limits on memory and time, no inherited socket, and an
answer in files (JSON and Arrow) that is checked before it is used.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analysis.drafts import draft_folder
from analysis.readers.errors import ReadError, from_json
from analysis.readers.table import ReadOptions

if TYPE_CHECKING:
    import pyarrow as pa

_ROOT: Final = Path(__file__).resolve().parents[2]
_PAUSE: Final = 0.02
_LARGEST_RESULT: Final = 64 << 20
_OUT_OF_MEMORY: Final = (
    "MemoryError",
    "memory allocation",
    "bad_alloc",
    "out of memory",
    "Cannot allocate",
)
_DAMAGED: Final = "expórtelo o descárguelo de nuevo; si se repite, guárdelo como CSV en UTF-8"
_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); " + (
    "from analysis.readers.child import main; main(sys.argv[2])"
)


class Reading:
    """A reading process under way; a context manager that always ends it.

    Parameters
    ----------
    path : Path
        File, as the researcher named it.
    options : ReadOptions
        How to read it, with the limits.
    batch : int
        Rows an Arrow file.
    wait : bool
        Whether the process waits while batches are not fetched.
    """

    program = _START

    def __init__(self, path: Path, options: ReadOptions, batch: int, wait: bool) -> None:
        self.path = path
        self.name = path.name
        self.memory_mb = options.memory_mb
        self.before = examine(path)
        size = self.before.st_size
        self.seconds = options.seconds or 60 + size / (1 << 20) * 5
        self._until_the_end = contextlib.ExitStack()
        draft = draft_folder(Path(tempfile.gettempdir()), "cuadernos-read-")
        self.home = self._until_the_end.enter_context(draft)
        self.peak = 0
        task = {
            "path": str(path.resolve()),
            "options": options.to_json(),
            "memory_mb": self.memory_mb,
            "seconds": self.seconds,
            "batch": batch,
            "wait": wait,
        }
        try:
            (self.home / "task.json").write_text(json.dumps(task), "utf-8")
            self.process = self._start()
        except BaseException:
            self._until_the_end.close()
            raise
        self.last_sign = time.monotonic()
        self.watched = _watch(self.process.pid)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            key: value
            for key, value in os.environ.items()
            if key.upper() in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "PATH")
        }
        environment |= {
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
        }
        with (self.home / "stderr").open("wb") as stderr:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-X",
                    "utf8",
                    "-c",
                    self.program,
                    str(_ROOT),
                    str(self.home),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self.home,
                env=environment,
                close_fds=True,
                start_new_session=os.name == "posix",
            )

    def __enter__(self) -> Reading:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and delete its folder."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._until_the_end.close()

    def wait(self) -> dict[str, Any]:
        """Wait for the answer.

        Raises
        ------
        ReadError
            When the process fails in any way.
        """
        while self.running():
            pass
        return self.answer()

    def running(self) -> bool:
        """Wait a moment; tell whether the process still runs.

        Raises
        ------
        ReadError
            When it went beyond its memory or time, after ending it.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PAUSE)
        if self.process.poll() is not None:
            return False
        if time.monotonic() - self.last_sign > 3 * self.seconds:
            self.process.kill()
            raise self.too_slow()
        if self.watched is not None:
            self.peak = max(self.peak, self.watched())
            if self.peak > self.memory_mb << 20:
                self.process.kill()
                raise self.too_large()
        return True

    def answer(self) -> dict[str, Any]:
        """Check and give the answer of a process that ended."""
        code = self.process.wait()
        path = self.home / "result.json"
        if code != 0 or not path.is_file():
            raise self._died(code)
        try:
            if path.stat().st_size > _LARGEST_RESULT:
                raise ValueError("answer too large")
            answer = json.loads(path.read_text("utf-8", errors="surrogatepass"))
            error = answer.get("error")
        except (ValueError, AttributeError, OSError) as problem:
            raise self.garbage(str(problem)) from problem
        if error is not None:
            raise self._said(error)
        self._unchanged()
        return answer

    def _said(self, error: Any) -> ReadError:
        try:
            if error["kind"] == "memory":
                return self.too_large()
            if error["kind"] == "damaged":
                problem = "está dañado o no es lo que dice su nombre"
                return ReadError(self.name, problem, _DAMAGED, str(error["detail"]))
            return from_json(self.name, error)
        except (KeyError, TypeError, ValueError) as problem:
            return self.garbage(str(problem))

    def _unchanged(self) -> None:
        after = examine(self.path)
        same = ("st_ino", "st_dev", "st_size", "st_mtime_ns")
        if any(getattr(after, key) != getattr(self.before, key) for key in same):
            raise ReadError(
                self.name,
                "cambió mientras se leía",
                "espere a que termine de descargarse o guardarse y repita la orden",
            )

    def _died(self, code: int) -> ReadError:
        said = ""
        with contextlib.suppress(OSError):
            said = (self.home / "stderr").read_text("utf-8", errors="replace")[-2000:]
        if code == -getattr(signal, "SIGXCPU", 24):
            return self.too_slow(said)
        if any(word in said for word in _OUT_OF_MEMORY) or code == -getattr(signal, "SIGKILL", 9):
            return self.too_large(said)
        try:
            cause = signal.Signals(-code).name if code < 0 else f"código {code}"
        except ValueError:
            cause = f"código {code}"
        return ReadError(
            self.name, f"hace fallar al programa que lo lee ({cause}); está dañado", _DAMAGED, said
        )

    def too_large(self, detail: str = "") -> ReadError:
        """Say that the file needs more memory than it may use."""
        return ReadError(
            self.name,
            f"necesita más de {self.memory_mb} MB de memoria para leerse",
            "suele deberse a una celda perdida muy lejos de la tabla o a un archivo dañado: copie "
            "solo las respuestas en un archivo nuevo, o guárdelas como CSV",
            detail,
        )

    def too_slow(self, detail: str = "") -> ReadError:
        """Say that the file takes more time than it may use."""
        return ReadError(
            self.name,
            f"no se terminó de leer en {max(1, round(self.seconds))} s",
            "suele deberse a un archivo dañado: " + _DAMAGED,
            detail,
        )

    def garbage(self, detail: str = "") -> ReadError:
        """Say that what the process left cannot be used."""
        problem = "el programa que lo lee no dio una tabla válida; está dañado"
        return ReadError(self.name, problem, _DAMAGED, detail)

    def batches(self) -> Iterator[pa.Table]:
        """Fetch the Arrow files in order, each once, and delete them; ends with the process."""
        number = 1
        while True:
            path = self.home / f"batch-{number:06d}.arrow"
            if path.is_file():
                table = self._table(path)
                path.unlink()
                number += 1
                self.last_sign = time.monotonic()
                yield table
                self.last_sign = time.monotonic()  # the caller's time is not the reader's
            elif not self.running() and not path.is_file():
                return

    def _table(self, path: Path) -> pa.Table:
        import pyarrow as pa

        try:
            with pa.OSFile(str(path), "rb") as source:
                table = pa.ipc.open_file(source).read_all()
            table.validate(full=True)
            names = [str(position) for position in range(table.num_columns)]
            if table.schema.names != names or any(
                t != pa.large_string() for t in table.schema.types
            ):
                raise ValueError("unexpected columns")
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise self.garbage(str(problem)) from problem
        return table


def examine(path: Path) -> os.stat_result:
    """Refuse what is not a plain, readable, non-empty file; links to plain files are followed.

    Raises
    ------
    ReadError
        With what it is instead.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        broken = path.is_symlink()
        problem = "es un enlace a un archivo que no existe" if broken else "no existe"
        raise ReadError(path.name, problem, "revise el nombre y la carpeta") from None
    except PermissionError:
        raise _not_allowed(path) from None
    except (OSError, ValueError) as error:
        raise ReadError(
            path.name, "no se puede abrir", "revise el nombre y la carpeta", str(error)
        ) from None
    if not path.is_file():
        problem = "es una carpeta" if path.is_dir() else "no es un archivo corriente"
        raise ReadError(path.name, problem, "indique un archivo con las respuestas")
    if found.st_size == 0:
        raise ReadError(path.name, "está vacío", "expórtelo de nuevo con sus respuestas")
    if not os.access(path, os.R_OK):
        raise _not_allowed(path)
    return found


def _not_allowed(path: Path) -> ReadError:
    return ReadError(
        path.name, "no hay permiso para leerlo", "pida permiso o cópielo en su carpeta"
    )


def _watch(pid: int) -> Any:
    """Give a function that measures the memory of a process; None where that is not possible."""
    try:
        import psutil

        process = psutil.Process(pid)
    except Exception:  # the process may be gone, or the system may not tell
        return None

    def measure() -> int:
        try:
            return int(process.memory_info().rss)
        except psutil.Error:
            return 0

    return measure
