"""Check that a folder of reports is whole: every notebook has its page and the index links it."""

import re
import sys
from pathlib import Path

from analysis.paths import find_project
from analysis.publishing.build import notebooks


def problems(reports: Path) -> list[str]:
    """List what is missing or cut short."""
    found = []
    index = reports / "index.html"
    text = index.read_text("utf-8") if index.is_file() else ""
    if not text.rstrip().endswith("</html>"):
        found.append("index.html is missing or cut short")
    for notebook in notebooks(find_project(Path(__file__).parent)):
        page = reports / "es" / f"{notebook.stem}.html"
        html = page.read_text("utf-8") if page.is_file() else ""
        if not html.rstrip().endswith("</html>"):
            found.append(f"{page.name} is missing or cut short")
        if f'href="es/{page.name}"' not in text:
            found.append(f"the index does not link {page.name}")
        if re.search(r'(src|href)="https?:|<script', html):
            found.append(f"{page.name} loads something or runs a script")
    failed = list((reports / "failed").glob("**/*.ipynb"))
    return found + [f"{path.name} failed" for path in failed]


if __name__ == "__main__":
    wrong = problems(Path(sys.argv[1]))
    sys.exit("\n".join(wrong) or 0)
