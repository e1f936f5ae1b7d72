"""Check that a folder of reports is whole: every page, PDF and link is there."""

import re
import sys
from pathlib import Path

from analysis import texts
from analysis.paths import find_project
from analysis.publishing.build import notebooks

_POLICY = 'http-equiv="Content-Security-Policy"'


def whole(path: Path) -> str:
    """Return the text of a page, empty when it is missing or cut short."""
    html = path.read_text("utf-8") if path.is_file() else ""
    return html if html.rstrip().endswith("</html>") else ""


def problems(reports: Path) -> list[str]:
    """List what is missing, cut short or unsafe."""
    found = []
    names = [path.stem for path in notebooks(find_project(Path(__file__).parent))]
    if not whole(reports / "index.html"):
        found.append("index.html is missing or cut short")
    for lang in texts.LOCALES:
        index = whole(reports / lang / "index.html")
        for name in names:
            page = whole(reports / lang / f"{name}.html")
            pdf = reports / lang / f"{name}.pdf"
            if not page:
                found.append(f"{lang}/{name}.html is missing or cut short")
            if f'href="{name}.html"' not in index:
                found.append(f"the index in {lang} does not link {name}")
            if not (pdf.is_file() and pdf.read_bytes().rstrip().endswith(b"%%EOF")):
                found.append(f"{lang}/{name}.pdf is missing or cut short")
            if re.search(r'\bsrc="https?:|<link\b', page) or _POLICY not in page:
                found.append(f"{lang}/{name}.html loads something or has no policy")
    if not (reports / "provenance" / "ro-crate-metadata.json").is_file():
        found.append("the provenance is missing")
    failed = list((reports / "failed").glob("**/*.ipynb"))
    return found + [f"{path.name} failed" for path in failed]


if __name__ == "__main__":
    wrong = problems(Path(sys.argv[1]))
    sys.exit("\n".join(wrong) or 0)
