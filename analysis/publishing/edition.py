"""What edition of the workbench made a page, from CITATION.cff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from analysis import __version__, texts


@dataclass(frozen=True)
class Edition:
    """Version, date and authors of the workbench.

    Parameters
    ----------
    version : str
        Version of the package.
    released : date or None
        Date of the release; None when the project has no CITATION.cff.
    authors : tuple of str
        As they are cited.
    """

    version: str
    released: date | None
    authors: tuple[str, ...]

    def text(self, lang: str) -> str:
        """Write version and date."""
        if self.released is None:
            return self.version
        when = texts.day(self.released, lang)
        return texts.label("page.edition", lang, version=self.version, date=when)

    def citation(self, title: str, study: str, lang: str) -> str:
        """Write how a page is cited."""
        return texts.label(
            "page.cite_text",
            lang,
            authors=texts.listing(self.authors, lang),
            year=str(self.released.year) if self.released else texts.label("page.no_date", lang),
            title=title,
            citation=study,
            version=self.version,
        )


def read_edition(root: Path) -> Edition:
    """Read the edition of the project at ``root``."""
    file = root / "CITATION.cff"
    if not file.is_file():
        return Edition(__version__, None, ("Cuadernos",))
    cff = yaml.safe_load(file.read_text("utf-8"))
    authors = tuple(
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in cff["authors"]
    )
    return Edition(str(cff["version"]), date.fromisoformat(str(cff["date-released"])), authors)
