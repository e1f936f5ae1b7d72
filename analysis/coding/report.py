"""Everything that a cuaderno of codings shows, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.coding.agreement import Agreement, agreement, units_of
from analysis.coding.cooccurrence import METHODS, by_family, cooccurrence
from analysis.coding.corpus import Corpus
from analysis.coding.frequencies import (
    Context,
    Frequencies,
    Quotation,
    Saturation,
    by_variable,
    case_matrix,
    code_frequencies,
    keywords_in_context,
    quotations,
    saturation,
    word_list,
)
from analysis.coding.passages import Passage, most_disputed, passages
from analysis.coding.performance import Performance, performance

CROSSED = ("etapa", "dimension", "escala")
"""Headings of the shipped codebook whose codes make the columns of the cross table."""


@dataclass(frozen=True)
class CodingReport:
    """What was found in the codings of one coder, and how far a second one agrees.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    coder, second : str
        Coder whose codings are counted, and the one compared.
    codings : DataFrame
        Of ``coder``.
    codes : tuple of str
        Codes that may be given, in the order of the codebook.
    own : Frequencies
        By code alone; ``whole`` counts each code with those below it.
    by_document : DataFrame
        Codes × documents, segments of each code alone.
    by_city : DataFrame
        Codes × ids of cities, segments of each code alone; no column when no document has a city.
    cases : DataFrame
        Cases × codes, 0 or 1.
    crossed : DataFrame
        Codes × codes of stage, dimension and scale, units that bear both.
    together : mapping of str to DataFrame
        Co-occurrence by way of counting.
    saturation : Saturation
        New codes by document.
    agreement : Agreement
        Of both coders.
    overall, by_code : Performance
        The second coder against the first.
    passages, disputed : list of Passage
        All, and the most disputed first.
    contexts, withheld : list of Context, int
        The keyword in its context.
    quotations : list of Quotation
        Of the code in most documents.
    words : DataFrame
        Word list of the documents that may be quoted.
    """

    corpus: Corpus
    coder: str
    second: str
    codings: pd.DataFrame
    codes: tuple[str, ...]
    own: Frequencies
    whole: Frequencies
    by_document: pd.DataFrame
    by_city: pd.DataFrame
    cases: pd.DataFrame
    crossed: pd.DataFrame
    together: Mapping[str, pd.DataFrame]
    saturation: Saturation
    agreement: Agreement
    overall: Performance
    by_code: tuple[Performance, ...]
    passages: list[Passage]
    disputed: list[Passage]
    contexts: list[Context]
    withheld: int
    quotations: list[Quotation]
    words: pd.DataFrame

    @property
    def ranked(self) -> list[str]:
        """Codes given, those in most documents first, then in most segments."""
        table = self.own.table.loc[list(self.codes)]
        table = table[table["segments"] > 0]
        ordered = table.sort_values(["documents", "segments"], ascending=False, kind="stable")
        return list(ordered.index)

    @property
    def is_dictionary(self) -> bool:
        """Whether the second coder is a dictionary."""
        known = self.corpus.coders.get(self.second)
        return known is not None and known.kind == "dictionary"


def analyse(
    corpus: Corpus,
    coder: str,
    second: str,
    *,
    unit: str = "paragraph",
    case: str = "id",
    keyword: str = "evaluación",
    distance: int = 200,
    seed: int = 0,
) -> CodingReport:
    """Compute everything that a cuaderno of codings shows.

    Parameters
    ----------
    corpus : Corpus
        As :func:`analysis.coding.corpus.load_corpus` returns it.
    coder, second : str
        Coder whose codings are counted, and the one compared.
    unit : str
        Unit of agreement and of the cross table.
    case : str
        What a case is; see :func:`~analysis.coding.frequencies.case_matrix`.
    keyword : str
        Word shown in its context.
    distance : int
        Characters within which codes are neighbours.
    seed : int
        Seed of the bootstrap and of the orders of documents.

    Raises
    ------
    ValueError
        When a coder has no codings.
    """
    book = corpus.codebook
    codings = corpus.codings[corpus.codings["coder"] == coder]
    if codings.empty:
        known = ", ".join(sorted(corpus.codings["coder"].unique())) or "nadie"
        raise ValueError(f"«{coder}» no ha codificado nada; han codificado: {known}.")
    codes = tuple(code.code for code in book if code.codable)
    read = corpus.read
    found = agreement(
        corpus.documents,
        corpus.codings,
        [coder, second],
        codes,
        marked=read,
        unit=unit,
        seed=seed,
    )
    every = passages(corpus.documents, corpus.codings, [coder, second], read)
    overall, by_code = performance(
        corpus.documents,
        corpus.codings,
        coder,
        codes,
        dictionary=second,
        marked=read.get(coder, ()),
        unit=unit,
    )
    own = code_frequencies(codings, book, below=False)
    contexts, withheld = keywords_in_context(corpus.documents.values(), keyword)
    columns = {code: [code] for head in CROSSED if head in book for code in book.children(head)}
    units = units_of(corpus.documents.values(), unit)
    order = own.table.loc[list(codes)].sort_values(
        ["documents", "segments"], ascending=False, kind="stable"
    )
    return CodingReport(
        corpus=corpus,
        coder=coder,
        second=second,
        codings=codings,
        codes=codes,
        own=own,
        whole=code_frequencies(codings, book),
        by_document=by_variable(codings, corpus.documents, "id", codes),
        by_city=by_variable(codings, corpus.documents, "city", codes),
        cases=case_matrix(codings, corpus.documents, codes, case=case),
        crossed=by_family(codings, units, book, codes, columns),
        together={m: cooccurrence(codings, codes, m, distance=distance) for m in METHODS},
        saturation=saturation(codings, corpus.documents, seed=seed),
        agreement=found,
        overall=overall,
        by_code=by_code,
        passages=every,
        disputed=most_disputed(every),
        contexts=contexts,
        withheld=withheld,
        quotations=quotations(codings, corpus.documents, order.index[0])[0],
        words=word_list(d for d in corpus.documents.values() if d.quotable),
    )
