"""The same notebook, built in two folders, at two times, by two users: the same bytes, with PDF."""

import base64
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from analysis.paths import ROOT_VARIABLE, Project
from analysis.publishing.verify import compare, files_of

CUADERNOS = Path(sys.executable).with_name("cuadernos")
NOTEBOOK = "04_medicion"
USERS = ("nadie-uno", "nadie-dos")
_TAKEN = re.compile(rb'href="data:[^,"]*;base64,([^"]+)"')
_CLOCK = re.compile(rb"(?<![\d:])(?!00:00:00)[012]\d:[0-5]\d:[0-5]\d(?![\d:])")


def built(project: Project, root: Path, user: str, jobs: int) -> Path:
    """Build a copy of the project as a user of a machine of its own."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(project.raw, root / "data" / "raw", ignore=unwanted)
    (root / "notebooks").mkdir()
    for name in (f"notebooks/{NOTEBOOK}.ipynb", "CITATION.cff", "requirements.lock"):
        shutil.copyfile(project.root / name, root / name)
    home = root.parent / user
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != ROOT_VARIABLE}
    environment |= {"USER": user, "LOGNAME": user, "HOME": str(home), "COLUMNS": "100"}
    environment |= {"TZ": f"Etc/GMT+{jobs}", "PYTHONHASHSEED": str(jobs)}
    done = subprocess.run(
        [CUADERNOS, "build", NOTEBOOK, "--lang", "es", "--jobs", str(jobs)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "reports"


def layers(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Give a file and what is packed in it: tables of a page, parts of a workbook or a PDF."""
    yield name, data
    if name.endswith(".html"):
        for number, found in enumerate(_TAKEN.findall(data)):
            yield from layers(f"{name}#{number}", base64.b64decode(found))
    elif data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.namelist():
                yield f"{name}/{part}", archive.read(part)
    elif data.startswith(b"%PDF"):
        plain = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as document:
            document.save(
                plain,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
                compress_streams=False,
            )
        yield f"{name}, without compression", plain.getvalue()


@pytest.mark.slow
def test_two_builds_with_pdf_are_the_same_bytes_and_say_nothing_of_the_machine(
    project: Project, tmp_path: Path
) -> None:
    one = built(project, tmp_path / "una carpeta" / "ñ", USERS[0], 1)
    two = built(project, tmp_path / "b", USERS[1], 3)
    assert compare(one, two) == []
    files = files_of(one)
    assert {Path(name).suffix for name in files} == {".html", ".pdf", ".json"}
    assert len([name for name in files if name.endswith(".pdf")]) > 1  # the variants too

    told = [str(tmp_path), str(project.root), *USERS, str(Path.home())]
    told = [text for text in told if len(text) > 5]
    unpacked = 0
    for name, path in files.items():
        for where, data in layers(name, path.read_bytes()):
            unpacked += where != name
            for text in told:
                assert text.encode() not in data, (where, text)
            if not where.endswith("without compression"):  # drawing operators look like anything
                assert _CLOCK.search(data) is None, (where, _CLOCK.search(data))
    assert unpacked > len(files)  # the tables in the pages, and what is in each
