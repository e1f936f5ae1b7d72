"""Seals of the tables of a corpus that people edit rarely: what it is and what its documents are.

``SHA256SUMS`` holds them, in the form that ``sha256sum --check`` reads. Originals and texts are
sealed by the table of documents, versions of the codebook by their register. Codings are not
sealed, because they change with every click; each is checked against the words that it quotes.
"""

from __future__ import annotations

from pathlib import Path

from analysis.datapackage import Problem, sha256
from analysis.files import write_whole

FILE = "SHA256SUMS"
SEALED = ("corpus.toml", "documents.csv")


def seals(folder: Path) -> dict[str, str]:
    """Read the seals of a corpus, by name of file; none without the list."""
    path = folder / FILE
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def seal(folder: Path, *names: str) -> list[str]:
    """Seal tables as they are now, all of them by default; returns those whose seal changed."""
    known = seals(folder)
    now = {n: sha256(folder / n) for n in names or SEALED if (folder / n).is_file()}
    changed = [name for name, digest in now.items() if known.get(name) != digest]
    if changed:
        known |= now
        lines = [f"{known[name]}  {name}\n" for name in SEALED if name in known]
        write_whole(folder / FILE, "".join(lines))
    return changed


def check_seals(folder: Path) -> list[Problem]:
    """List the tables that are not as they were sealed."""
    known, found = seals(folder), []
    for name in SEALED:
        if (folder / name).is_file() and known.get(name) != sha256(folder / name):
            what = "cambió desde que se selló" if name in known else "no está sellado"
            expected = f"{what}; si está bien así, séllelo con: cuadernos data seal"
            found.append(Problem(name, None, "", "", expected))
    return found
