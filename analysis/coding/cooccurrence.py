"""Which codes occur together, counted in three ways, as a matrix and as a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.coding.agreement import Unit
from analysis.coding.codebook import Codebook

if TYPE_CHECKING:
    import networkx as nx

METHODS = ("segment", "overlap", "neighbourhood")


def cooccurrence(
    codings: pd.DataFrame,
    codes: Sequence[str],
    method: str = "overlap",
    *,
    distance: int = 200,
) -> pd.DataFrame:
    """Count how often two codes of one coder occur together.

    Parameters
    ----------
    codings : DataFrame
        Of one coder. The same code twice on one span counts once.
    codes : sequence of str
        Rows and columns.
    method : {"segment", "overlap", "neighbourhood"}
        ``segment``: spans that bear both codes. ``overlap``: pairs of spans, one of each code,
        that share a character (so also those of ``segment``). ``neighbourhood``: pairs of spans of
        one document at most ``distance`` code points apart (so also those of ``overlap``).
    distance : int
        For ``neighbourhood``.

    Returns
    -------
    DataFrame
        Symmetric, whole numbers; the diagonal holds the spans of each code.

    Raises
    ------
    ValueError
        When the method is unknown or the distance negative.
    """
    if method not in METHODS:
        raise ValueError(f"Método «{method}» desconocido; hay: {', '.join(METHODS)}.")
    if distance < 0:
        raise ValueError(f"La distancia es de 0 o más caracteres, no {distance}.")
    place = {code: number for number, code in enumerate(codes)}
    counts = np.zeros((len(codes), len(codes)), dtype=int)
    kept = codings[codings["code"].isin(codes)].drop_duplicates(
        ["document", "start", "end", "code"]
    )
    columns = (kept[c].tolist() for c in ("document", "start", "end", "code"))
    reach = distance if method == "neighbourhood" else 0
    open_spans: list[tuple[str, int, int, int]] = []
    for document, start, end, code in sorted(zip(*columns, strict=True)):
        here = (document, int(start), int(end), place[code])
        counts[here[3], here[3]] += 1
        open_spans = [s for s in open_spans if s[0] == document and _near(s, here, method, reach)]
        for other in open_spans:
            if method == "segment" and other[1:3] != here[1:3]:
                continue
            if other[3] != here[3]:
                counts[other[3], here[3]] += 1
                counts[here[3], other[3]] += 1
        open_spans.append(here)
    return pd.DataFrame(counts, index=list(codes), columns=list(codes))


def _near(
    earlier: tuple[str, int, int, int], later: tuple[str, int, int, int], method: str, reach: int
) -> bool:
    """Say whether a span that begins earlier can still meet one that begins later."""
    apart = later[1] - earlier[2]
    return apart <= reach if method == "neighbourhood" else apart < 0


def jaccard(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the part that two codes share of the spans with either; NaN when neither occurs.

    It is a similarity between 0 and 1 for ``segment``; pairs of spans can make it larger for the
    other two ways of counting, which is cut at 1.
    """
    values = counts.to_numpy(dtype=float)
    own = np.diag(values)
    either = own[:, None] + own[None, :] - values
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = np.where(either > 0, values / either, np.where(own[:, None] > 0, 1.0, np.nan))
    return pd.DataFrame(np.minimum(shared, 1), index=counts.index, columns=counts.columns)


def graph(counts: pd.DataFrame, *, least: int = 1) -> nx.Graph:
    """Make the network of codes that occur together.

    Parameters
    ----------
    counts : DataFrame
        As :func:`cooccurrence` returns it.
    least : int
        Least count of a link.

    Returns
    -------
    networkx.Graph
        Nodes with ``count`` (their spans), links with ``weight``; codes without link are left out.
    """
    import networkx as nx

    made = nx.Graph()
    values = counts.to_numpy()
    for row, first in enumerate(counts.index):
        for column in range(row + 1, len(counts)):
            if values[row, column] >= least:
                second = counts.columns[column]
                for name, number in ((first, row), (second, column)):
                    made.add_node(name, count=int(values[number, number]))
                made.add_edge(first, second, weight=int(values[row, column]))
    return made


def by_family(
    codings: pd.DataFrame,
    units: Sequence[Unit],
    codebook: Codebook,
    codes: Sequence[str],
    families: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Count units that bear a code and also one of a group of codes, e.g. code × stage.

    Parameters
    ----------
    codings : DataFrame
        Of one coder.
    units : sequence of Unit
        Where codes occur together: paragraphs, usually.
    codebook : Codebook
        A code counts with those below it.
    codes : sequence of str
        Rows.
    families : mapping of str to sequence of str
        Codes of each column, which count with those below them too.

    Returns
    -------
    DataFrame
        Codes × families, whole numbers of units.
    """
    members = [code for group in families.values() for code in group]
    expand = {code: {code, *codebook.descendants(code)} for code in [*codes, *members]}
    found: dict[str, set[int]] = {}
    starts = {}
    for number, unit in enumerate(units):
        starts.setdefault(unit.document, []).append((unit.start, unit.end, number))
    columns = (codings[c].tolist() for c in ("document", "start", "end", "code"))
    for document, start, end, code in zip(*columns, strict=True):
        for low, high, number in starts.get(document, ()):
            if low < end and start < high:
                found.setdefault(code, set()).add(number)
    where = {c: set().union(*(found.get(b, set()) for b in below)) for c, below in expand.items()}
    table = {
        name: [
            len(where[code] & set().union(*(where[member] for member in members))) for code in codes
        ]
        for name, members in families.items()
    }
    return pd.DataFrame(table, index=list(codes))
