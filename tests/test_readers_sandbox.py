import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import readers
from analysis.readers import ReadError, ReadOptions, sandbox

PRELUDE = "import json, os, pathlib, sys; home = pathlib.Path(sys.argv[2]); "
LIMITED = (
    "sys.path.insert(0, sys.argv[1]); from analysis.readers import child; "
    "task = json.loads((home / 'task.json').read_text()); "
    "child.limit(task['memory_mb'], task['seconds']); "
)


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    return tmp_path / "a.csv"


@pytest.fixture
def faulty(monkeypatch):
    """Put a program of the test in the place of the reader."""
    return lambda code: monkeypatch.setattr(sandbox.Reading, "program", PRELUDE + code)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("os.abort()", r"hace fallar al programa que lo lee \(SIGABRT\)"),
        (f"os.kill(os.getpid(), {int(signal.SIGSEGV)})", r"\(SIGSEGV\)"),
        ("sys.exit(7)", r"\(código 7\)"),
        ("pass", r"\(código 0\)"),
        ("(home / 'result.json').write_text('garbage')", "no dio una tabla válida"),
        ("(home / 'result.json').write_text('[1]')", "no dio una tabla válida"),
        ("(home / 'result.json').write_text('{}')", "no dio una tabla válida"),
        ("(home / 'result.json').write_text('{\"error\": 3}')", "no dio una tabla válida"),
        (
            "(home / 'batch-000001.arrow').write_bytes(b'ARROW1' * 50); "
            "(home / 'result.json').write_text('{}')",
            "no dio una tabla válida",
        ),
        ("os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "MB de memoria"),
    ],
)
def test_whatever_happens_to_the_reader_is_one_sentence(path, faulty, code, message):
    faulty(code)
    with pytest.raises(ReadError, match=message) as caught:
        readers.read(path)
    assert str(caught.value).startswith("a.csv: ") and "\n" not in str(caught.value)


def test_memory_is_limited(path, faulty):
    faulty(LIMITED + "held = bytearray(500 << 20)")
    with pytest.raises(ReadError, match="más de 200 MB de memoria"):
        readers.read(path, ReadOptions(memory_mb=200))


def test_memory_is_watched_where_the_system_sets_no_limit(path, faulty):
    faulty("held = [bytearray(b'x' * (8 << 20)) for _ in range(100)]; import time; time.sleep(60)")
    with pytest.raises(ReadError, match="más de 200 MB de memoria"):
        readers.read(path, ReadOptions(memory_mb=200))


def test_processor_time_is_limited(path, faulty):
    faulty(LIMITED + "\nwhile True: pass")
    with pytest.raises(ReadError, match="no se terminó de leer en 1 s;"):
        readers.read(path, ReadOptions(seconds=1))


def test_a_reader_that_waits_for_ever_is_ended(path, faulty):
    faulty("import time; (home / 'started').touch(); time.sleep(600)")
    with pytest.raises(ReadError, match="no se terminó de leer"):
        readers.read(path, ReadOptions(seconds=0.2))


def test_a_reader_that_runs_leaves_nothing_behind(path, monkeypatch, tmp_path):
    home = tmp_path / "temporal"
    home.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(home))
    pieces = readers.read_batches(path)
    next(pieces)
    pieces.close()  # a caller that stops half way
    readers.read(path)
    assert list(home.iterdir()) == []


def test_the_reader_inherits_nothing_and_reaches_no_network(path, faulty, tmp_path):
    report = tmp_path / "report"
    secret = os.open(path, os.O_RDONLY)
    os.set_inheritable(secret, True)
    code = (
        "import stat; kinds = [stat.S_IFMT(os.fstat(n).st_mode) for n in range(256) "
        "if pathlib.Path(f'/proc/self/fd/{n}').exists() and n > 2]; "
        "sys.path.insert(0, sys.argv[1]); from analysis.readers import child; import socket; "
        "sys.addaudithook(child._refuse)\n"
        "try: socket.socket(); reached = True\n"
        "except PermissionError: reached = False\n"
        f"pathlib.Path({str(report)!r}).write_text(f'{{kinds}} {{reached}} {{len(os.environ)}}')"
    )
    faulty(code)
    try:
        with pytest.raises(ReadError):
            readers.read(path)
    finally:
        os.close(secret)
    kinds, reached, _ = report.read_text().rsplit(" ", 2)
    assert kinds == "[]" and reached == "False"


def test_reading_is_not_imported_with_the_package():
    code = (
        "import sys, analysis.readers; "
        "print(*({'pandas', 'pyarrow', 'pyreadstat', 'openpyxl'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
