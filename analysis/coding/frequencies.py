"""How often codes and words occur: by document, segment and city, and when new ones come.

Codings are counted as they stand in the files, of one coder; nothing is weighted. A code counts
with those below it in the codebook where ``below`` is true, once a document and once a segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.coding.codebook import Codebook
from analysis.coding.documents import Document, fold

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def segments_of(codings: pd.DataFrame) -> pd.Series:
    """Name the segment of each coding: two codes on the same span are one segment."""
    return (
        codings["document"].astype(str)
        + ":"
        + codings["start"].astype(str)
        + "-"
        + codings["end"].astype(str)
    )


def with_ancestors(codings: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Give each coding also the codes above its own, so that a heading counts what is below it.

    Returns
    -------
    DataFrame
        The codings, each repeated for every code above; codes unknown to the codebook stay alone.
    """
    above = {c: [c, *codebook.ancestors(c)] if c in codebook else [c] for c in set(codings["code"])}
    return codings.assign(code=codings["code"].map(above)).explode("code", ignore_index=True)


@dataclass(frozen=True)
class Frequencies:
    """How often codes occur.

    Parameters
    ----------
    table : DataFrame
        Index ``code`` in the order of the codebook; columns ``documents`` (documents with the code)
        and ``segments`` (segments with it), whole numbers. Codes that nobody gave have zeros.
    documents : int
        Documents that the coder coded: the base of ``documents``.
    segments : int
        Segments that bear any code: the base of ``segments``.
    """

    table: pd.DataFrame
    documents: int
    segments: int


def code_frequencies(
    codings: pd.DataFrame, codebook: Codebook, *, below: bool = True
) -> Frequencies:
    """Count documents and segments by code.

    Parameters
    ----------
    codings : DataFrame
        Of one coder.
    codebook : Codebook
        Codes and their order.
    below : bool
        Whether a code counts with those below it.

    Returns
    -------
    Frequencies
    """
    marked = codings.assign(segment=segments_of(codings))
    base = marked["document"].nunique(), marked["segment"].nunique()
    if below:
        marked = with_ancestors(marked, codebook)
    counted = marked.groupby("code")[["document", "segment"]].nunique()
    table = counted.reindex(list(codebook.codes), fill_value=0).astype(int)
    table.columns = ["documents", "segments"]
    return Frequencies(table.rename_axis("code"), int(base[0]), int(base[1]))


def by_variable(
    codings: pd.DataFrame,
    documents: Mapping[str, Document],
    variable: str | Callable[[Document], str],
    codes: Sequence[str],
    codebook: Codebook | None = None,
    *,
    count: str = "segments",
) -> pd.DataFrame:
    """Count codes by something that is known of their documents.

    Parameters
    ----------
    codings : DataFrame
        Of one coder.
    documents : mapping of str to Document
        Documents by id.
    variable : str or callable
        ``city``, ``section``, ``id``, a column of ``documents.csv`` (``scale``), or a function.
    codes : sequence of str
        Rows.
    codebook : Codebook, optional
        When given, a code counts with those below it.
    count : {"segments", "documents"}
        What is counted.

    Returns
    -------
    DataFrame
        Codes × values of the variable, whole numbers; documents without a value are left out, and
        so are values none of whose documents was coded.
    """
    value = variable if callable(variable) else _known(variable)
    marked = codings.assign(
        segment=segments_of(codings),
        value=[value(documents[d]) if d in documents else "" for d in codings["document"]],
    )
    marked = marked[marked["value"] != ""]
    order = list(dict.fromkeys(value(d) for d in documents.values()))
    order = [v for v in order if v in set(marked["value"])]
    if codebook is not None:
        marked = with_ancestors(marked, codebook)
    unit = {"segments": "segment", "documents": "document"}[count]
    counted = marked.groupby(["code", "value"])[unit].nunique().unstack(fill_value=0)
    return counted.reindex(index=list(codes), columns=order, fill_value=0).astype(int)


def _known(variable: str) -> Callable[[Document], str]:
    def value(document: Document) -> str:
        if variable in document.variables:
            return document.variables[variable]
        return str(getattr(document, variable, ""))

    return value


def case_matrix(
    codings: pd.DataFrame,
    documents: Mapping[str, Document],
    codes: Sequence[str],
    *,
    case: str = "id",
    codebook: Codebook | None = None,
) -> pd.DataFrame:
    """Make the 0/1 matrix of cases by codes that other programs read (QCA, clustering, R).

    Parameters
    ----------
    codings : DataFrame
        Of one coder.
    documents : mapping of str to Document
        Documents by id.
    codes : sequence of str
        Columns.
    case : str
        What a case is: ``id`` (document), ``city`` or a column of ``documents.csv``.
    codebook : Codebook, optional
        When given, a code counts with those below it.

    Returns
    -------
    DataFrame
        Index ``case``, one 0 or 1 a code: whether any segment of the case bears it. Cases none of
        whose documents was coded are not there, because 0 would say that the code is absent.
    """
    counted = by_variable(codings, documents, case, codes, codebook)
    return (counted.T > 0).astype(int).rename_axis("case").rename_axis("code", axis=1)


@dataclass(frozen=True)
class Saturation:
    """How many codes are known after each document.

    Parameters
    ----------
    documents : tuple of str
        In the order read.
    new : tuple of int
        Codes that occur for the first time in each.
    known : tuple of int
        Codes known by then.
    mean, low, high : tuple of float
        Mean of ``known`` over random orders of the same documents, and the band that holds the
        middle 95 % of them.
    """

    documents: tuple[str, ...]
    new: tuple[int, ...]
    known: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def known_before(self, part: float) -> int | None:
        """Return after how many documents a part of all codes was known; None without codes."""
        if not self.known or not self.known[-1]:
            return None
        return next(n for n, k in enumerate(self.known, 1) if k >= part * self.known[-1])


def saturation(
    codings: pd.DataFrame, documents: Iterable[str], *, orders: int = 1000, seed: int = 0
) -> Saturation:
    """Count new codes document by document.

    Parameters
    ----------
    codings : DataFrame
        Of one coder.
    documents : iterable of str
        Order in which they are read; those without codings are left out.
    orders : int
        Random orders for the band: the order chosen must not make the curve.
    seed : int
        Seed of the orders.

    Returns
    -------
    Saturation
    """
    sets = codings.groupby("document")["code"].agg(set)
    order = [d for d in documents if d in sets.index]
    codes = sorted(set().union(*sets[order])) if order else []
    has = np.array([[code in sets[d] for code in codes] for d in order], dtype=bool)
    has = has.reshape(len(order), len(codes))
    known = np.maximum.accumulate(has, axis=0).sum(axis=1) if order else np.zeros(0, int)
    rng = np.random.default_rng(seed)
    drawn = np.array(
        [
            np.maximum.accumulate(has[rng.permutation(len(order))], axis=0).sum(axis=1)
            for _ in range(orders if order else 0)
        ]
    ).reshape(orders if order else 0, len(order))
    band = np.quantile(drawn, [0.025, 0.975], axis=0) if len(drawn) else np.zeros((2, len(order)))
    mean = drawn.mean(axis=0) if len(drawn) else np.zeros(len(order))
    return Saturation(
        tuple(order),
        tuple(int(n) for n in np.diff(known, prepend=0)),
        tuple(int(n) for n in known),
        tuple(float(n) for n in mean),
        tuple(float(n) for n in band[0]),
        tuple(float(n) for n in band[1]),
    )


# Passages and words -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Quotation:
    """A passage that may be shown, and where it stands.

    Parameters
    ----------
    document, title : str
        Document.
    start, end : int
        Span in code points.
    paragraph : int
        Paragraph, counted from 1.
    page : int, optional
        Page of the original.
    text : str
        The passage.
    """

    document: str
    title: str
    start: int
    end: int
    paragraph: int
    page: int | None
    text: str


def quotations(
    codings: pd.DataFrame, documents: Mapping[str, Document], code: str
) -> tuple[list[Quotation], int]:
    """List the segments of a code that may be quoted.

    Returns
    -------
    quotations : list of Quotation
        In the order of the documents.
    withheld : int
        Segments of documents whose consent allows no quotation.
    """
    found, withheld = [], 0
    rows = codings[codings["code"] == code].sort_values(["document", "start", "end"])
    order = {name: number for number, name in enumerate(documents)}
    for row in sorted(rows.to_dict("records"), key=lambda r: order.get(r["document"], -1)):
        document = documents.get(row["document"])
        if document is None:
            continue
        if not document.quotable:
            withheld += 1
            continue
        found.append(_quotation(document, int(row["start"]), int(row["end"])))
    return found, withheld


def _quotation(document: Document, start: int, end: int) -> Quotation:
    place = document.place(start)
    return Quotation(
        document.id,
        document.title,
        start,
        end,
        place.paragraph,
        place.page,
        document.text[start:end],
    )


@dataclass(frozen=True)
class Context:
    """A word with what stands around it."""

    place: Quotation
    left: str
    word: str
    right: str


def keywords_in_context(
    documents: Iterable[Document], keyword: str, *, width: int = 60
) -> tuple[list[Context], int]:
    """Find a word, in whatever form, with what stands around it.

    Parameters
    ----------
    documents : iterable of Document
        Where to look.
    keyword : str
        A word (``medir`` finds «midieron» too) or a beginning (``finan*``); several with ``|``.
    width : int
        Characters on each side; a line break ends the context.

    Returns
    -------
    contexts : list of Context
        Of documents that may be quoted.
    withheld : int
        Occurrences in the others.
    """
    parts = [part for part in keyword.split("|") if part.strip("* ")]
    found, withheld = [], 0
    for document in documents:
        beginnings = tuple(fold(p.strip()[:-1]) for p in parts if p.strip().endswith("*"))
        whole = [p.strip() for p in parts if not p.strip().endswith("*")]
        forms, lemmas = set(map(fold, whole)), {lemma(p, document.language) for p in whole}
        for match in _WORD.finditer(document.text):
            word = fold(match[0])
            if not (
                word in forms
                or (beginnings and word.startswith(beginnings))
                or lemma(match[0], document.language) in lemmas
            ):
                continue
            if not document.quotable:
                withheld += 1
                continue
            start, end = match.span()
            before = document.text[max(0, start - width) : start].rsplit("\n", 1)[-1]
            after = document.text[end : end + width].split("\n", 1)[0]
            found.append(Context(_quotation(document, start, end), before, match[0], after))
    return found, withheld


@lru_cache(maxsize=100_000)
def lemma(word: str, language: str) -> str:
    """Return the lemma of a word without accents; the word itself in another language."""
    if language not in ("es", "pt", "en"):
        return fold(word)
    import simplemma

    return fold(simplemma.lemmatize(word.lower(), lang=language))


@lru_cache(maxsize=8)
def stop_words(language: str) -> frozenset[str]:
    """Return words that say nothing by themselves, without accents; none for other languages."""
    path = files("analysis.coding").joinpath("stopwords", f"{language}.txt")
    if not path.is_file():
        return frozenset()
    return frozenset(fold(word) for word in path.read_text("utf-8").split())


def word_list(documents: Iterable[Document], *, shortest: int = 3) -> pd.DataFrame:
    """Count words by lemma.

    Parameters
    ----------
    documents : iterable of Document
        Texts; words that say nothing by themselves are left out (``stopwords/``).
    shortest : int
        Letters that a word has at least.

    Returns
    -------
    DataFrame
        Columns ``word`` (the form met most), ``count`` and ``documents``, most frequent first.
    """
    rows = [
        (lemma(word, document.language), word.lower(), document.id)
        for document in documents
        for word in _WORD.findall(document.text)
        if len(word) >= shortest and fold(word) not in stop_words(document.language)
    ]
    frame = pd.DataFrame(rows, columns=["lemma", "word", "document"])
    if frame.empty:
        return pd.DataFrame({"word": [], "count": [], "documents": []})
    counted = frame.groupby("lemma").agg(
        word=("word", lambda forms: forms.value_counts(sort=True).index[0]),
        count=("word", "size"),
        documents=("document", "nunique"),
    )
    return counted.sort_values(
        ["count", "documents", "word"], ascending=[False, False, True]
    ).reset_index(drop=True)
