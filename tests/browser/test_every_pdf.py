"""The PDF of every cuaderno, variants too, in an offline checker of PDF/UA."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from outloud import check
from test_pages import EVERY

from analysis.paths import Project
from analysis.publishing.document import blocks_of
from analysis.publishing.edition import read_edition
from analysis.publishing.pdf import render_pdf

pytestmark = pytest.mark.browser


def heads(blocks: Any) -> Iterator[str]:
    """Find the headings of every column, those of the data of figures too."""
    for block in blocks:
        for table in (block, block.get("table") or {}):
            for column in table.get("columns", ()):
                yield from re.findall(r"\w+", column["label"])


@pytest.mark.parametrize("name", [name for name in EVERY if not name.endswith("index.html")])
def test_no_pdf_has_an_error(name: str, reports: Path, project: Project, tmp_path: Path) -> None:
    executed = nbformat.read((reports / "executed" / name).with_suffix(".ipynb"), as_version=4)
    path = tmp_path / "cuaderno.pdf"
    path.write_bytes(render_pdf(executed, edition=read_edition(project.root)))
    known = set(heads(blocks_of(executed)))

    def repeated(found: Any) -> bool:
        """Whether it is a row of heads that a page repeats, an artifact as PDF/UA wants."""
        return found.rule == "TAG-002" and set(re.findall(r"\w+", str(found.evidence))) <= known

    errors = [f for f in check(str(path)).findings if f.severity == "error" and not repeated(f)]
    assert [(f.rule, f.page, f.evidence) for f in errors] == []
