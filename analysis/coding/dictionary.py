"""A dictionary that codes by rules: a transparent first pass, never a person's coding.

Rules stand in a reviewed table of the corpus, ``dictionary.csv``. An expression is a list of words
and knows no regular expressions, so that no rule can hang: every rule reads a sentence once.

======== ==========================================================================================
kind     fires on a sentence where
======== ==========================================================================================
phrase   the words stand one after another, as they are written
lemmas   every word stands somewhere, in whatever form (``medir`` is also «midieron»)
pattern  the words stand in order, in whatever form; ``~3`` allows up to three words in between
not      cancels the other rules of its code in the sentence; written as a pattern
======== ==========================================================================================

In a word, ``a|b`` is either, and ``finan*`` anything that begins so. Accents and case never count.
``negation`` says what a «no», «sin», «nunca» … up to three words before does: nothing (``any``),
it stops the rule (``absent``), or the rule wants it (``present``).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis.coding.agreement import units_of
from analysis.coding.codebook import Codebook
from analysis.coding.codings import edit_codings, frame, new_coding, now
from analysis.coding.corpus import Corpus, add_coder
from analysis.coding.documents import Document, fold, read_table

FILE = "dictionary.csv"
CODER = "diccionario"
COLUMNS = ("rule", "code", "kind", "language", "expression", "negation", "note")
KINDS = ("phrase", "lemmas", "pattern", "not")
LANGUAGES = ("es", "pt", "en")
NEGATIONS = ("any", "absent", "present")
_NEGATIVE = {
    "es": frozenset(
        ("no", "sin", "ni", "nunca", "jamas", "tampoco", "nadie", "ningun", "ninguna", "nada")
    ),
    "pt": frozenset(
        ("nao", "sem", "nem", "nunca", "jamais", "tampouco", "ninguem", "nenhum", "nenhuma", "nada")
    ),
    "en": frozenset(
        ("no", "not", "without", "nor", "never", "nobody", "none", "nothing", "cannot")
    ),
}
_REACH = 3  # words before a match in which a negation counts
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"~([1-9])")
_TERM = re.compile(r"[^\W_]+\*?(\|[^\W_]+\*?)*")
_NAMESPACE = uuid.UUID("5d7d3a34-7a43-5c1f-9a51-0d6a7a3f6f35")


class DictionaryError(ValueError):
    """The table of rules is not what it should be; carries every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        number = f"{len(problems)} problema" + ("s" if len(problems) != 1 else "")
        super().__init__(f"{number} en {FILE}:\n" + "\n".join(f"  - {p}" for p in problems))


@dataclass(frozen=True)
class Rule:
    """One row of the table of rules; see the module for its words."""

    rule: str
    code: str
    kind: str
    language: str
    expression: str
    negation: str = "any"
    note: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A sentence that rules give a code.

    Parameters
    ----------
    document : str
        Document.
    start, end : int
        The sentence, in code points, end exclusive.
    code : str
        Code suggested.
    rules : tuple of str
        Rules that fired, in the order of the table.
    words : tuple of str
        Words of the text that made each of them fire.
    """

    document: str
    start: int
    end: int
    code: str
    rules: tuple[str, ...]
    words: tuple[str, ...]


# Rules -------------------------------------------------------------------------------------------


def load_rules(folder: Path, codebook: Codebook | None = None) -> list[Rule]:
    """Read the rules of a corpus.

    Raises
    ------
    FileNotFoundError
        When the corpus has no table of rules.
    DictionaryError
        With everything that is wrong in it.
    """
    path = folder / FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"El corpus {folder.name} no tiene {FILE}. Cree esa tabla con las columnas "
            f"{', '.join(COLUMNS)}; docs/ y el corpus cuaderno8 muestran cómo."
        )
    header, rows = read_table(path)
    if missing := [column for column in COLUMNS if column not in header]:
        raise DictionaryError([f"faltan las columnas {', '.join(missing)}"])
    problems: list[str] = []
    found: list[Rule] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        rule = Rule(**{column: row[column].strip() for column in COLUMNS})
        wrong = _problems(rule, codebook)
        if rule.rule in seen:
            wrong.append(f"«{rule.rule}» ya está en la fila {seen[rule.rule]}")
        seen.setdefault(rule.rule, number)
        problems += [f"fila {number} ({rule.rule or 'sin nombre'}): {w}" for w in wrong]
        found.append(rule)
    if problems:
        raise DictionaryError(problems)
    return found


def _problems(rule: Rule, codebook: Codebook | None) -> list[str]:
    wrong = []
    if not rule.rule:
        wrong.append("la regla necesita un nombre en la columna rule")
    if codebook is not None and rule.code not in codebook:
        wrong.append(f"«{rule.code}» no es un código del libro")
    elif codebook is not None and not codebook[rule.code].codable:
        wrong.append(f"«{rule.code}» es un título del libro y no se asigna")
    for name, value, allowed in (
        ("kind", rule.kind, KINDS),
        ("language", rule.language, LANGUAGES),
        ("negation", rule.negation, NEGATIONS),
    ):
        if value not in allowed:
            wrong.append(f"{name} «{value}»: se admite {', '.join(allowed)}")
    terms = rule.expression.split()
    if not terms:
        wrong.append("la expresión está vacía")
    for at, term in enumerate(terms):
        if _GAP.fullmatch(term):
            if rule.kind not in ("pattern", "not"):
                wrong.append(f"«{term}» solo vale en pattern y not")
            if at in (0, len(terms) - 1):
                wrong.append(f"«{term}» va entre dos palabras")
        elif not _TERM.fullmatch(term):
            wrong.append(
                f"«{term}» no es una palabra; se admite palabra, uno|otro, comien* y ~3 entre dos"
            )
    return wrong


# Matching ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    text: str
    form: str
    lemma: str


@lru_cache(maxsize=50_000)
def _lemma(word: str, language: str) -> str:
    import simplemma

    return fold(simplemma.lemmatize(word.lower(), lang=language))


def _tokens(sentence: str, language: str) -> list[_Token]:
    return [
        _Token(m[0], fold(m[0]), _lemma(m[0], language) if language in LANGUAGES else fold(m[0]))
        for m in _WORD.finditer(sentence)
    ]


@dataclass(frozen=True)
class _Term:
    """One word of an expression, with how many words may stand before it."""

    forms: frozenset[str]
    lemmas: frozenset[str]
    beginnings: tuple[str, ...]
    gap: int

    def fits(self, token: _Token) -> bool:
        return (
            token.form in self.forms
            or token.lemma in self.lemmas
            or any(token.form.startswith(beginning) for beginning in self.beginnings)
        )


@lru_cache(maxsize=5_000)
def _compiled(rule: Rule) -> tuple[_Term, ...]:
    terms, gap = [], 0
    for word in rule.expression.split():
        if found := _GAP.fullmatch(word):
            gap = int(found[1])
            continue
        whole = [part for part in word.split("|") if not part.endswith("*")]
        begun = tuple(fold(part[:-1]) for part in word.split("|") if part.endswith("*"))
        lemmas = [] if rule.kind == "phrase" else [_lemma(part, rule.language) for part in whole]
        terms.append(_Term(frozenset(map(fold, whole)), frozenset(lemmas), begun, gap))
        gap = 0
    return tuple(terms)


def _match(rule: Rule, tokens: Sequence[_Token]) -> list[int] | None:
    """Return the positions of the words that a rule needs, or None."""
    terms = _compiled(rule)
    if rule.kind == "lemmas":
        places = [next((n for n, t in enumerate(tokens) if term.fits(t)), None) for term in terms]
        found = None if None in places else sorted(set(places))  # type: ignore[type-var]
        return found if found and _negation_fits(rule, tokens, found[0]) else None
    for first, token in enumerate(tokens):
        if not terms[0].fits(token):
            continue
        ends = {first: [first]}  # every place where the words so far can end, with their places
        for term in terms[1:]:
            ends = {
                at: [*places, at]
                for end, places in ends.items()
                for at in range(end + 1, min(end + term.gap + 2, len(tokens)))
                if term.fits(tokens[at])
            }
        if ends and _negation_fits(rule, tokens, first):
            return min(ends.values())
    return None


def _negation_fits(rule: Rule, tokens: Sequence[_Token], first: int) -> bool:
    if rule.negation == "any":
        return True
    before = tokens[max(0, first - _REACH) : first]
    negated = any(token.form in _NEGATIVE[rule.language] for token in before)
    return negated == (rule.negation == "present")


def suggest(documents: Iterable[Document], rules: Sequence[Rule]) -> list[Suggestion]:
    """Apply rules to documents, sentence by sentence.

    Parameters
    ----------
    documents : iterable of Document
        A document without language is read with every language's rules.
    rules : sequence of Rule
        As :func:`load_rules` returns them.

    Returns
    -------
    list of Suggestion
        One a sentence and code, in the order of the text and of the rules.
    """
    found = []
    for document in documents:
        known = [r for r in rules if not document.language or r.language == document.language]
        for unit in units_of([document], "sentence"):
            sentence = document.text[unit.start : unit.end]
            fired: dict[str, list[tuple[str, str]]] = {}
            stopped: set[str] = set()
            by_language: dict[str, list[_Token]] = {}
            for rule in known:
                tokens = by_language.setdefault(rule.language, [])
                if not tokens:
                    tokens += _tokens(sentence, rule.language)
                if rule.code in stopped or (places := _match(rule, tokens)) is None:
                    continue
                if rule.kind == "not":
                    stopped.add(rule.code)
                else:
                    words = " ".join(tokens[at].text for at in places)
                    fired.setdefault(rule.code, []).append((rule.rule, words))
            found += [
                Suggestion(unit.document, unit.start, unit.end, code, *zip(*hits, strict=True))
                for code, hits in fired.items()
                if code not in stopped
            ]
    return found


# Writing -----------------------------------------------------------------------------------------


def check_dictionary(corpus: Corpus, coder: str = CODER) -> None:
    """Refuse to let a dictionary write as a coder that is not one."""
    known = corpus.coders.get(coder)
    if known is not None and known.kind != "dictionary":
        raise ValueError(
            f"«{coder}» es una persona o un consenso y un diccionario nunca escribe en su archivo. "
            f"Use otro identificador, por ejemplo --coder {CODER}."
        )


def write_suggestions(
    corpus: Corpus, suggestions: Iterable[Suggestion], coder: str = CODER
) -> pd.DataFrame:
    """Replace the file of the dictionary by its suggestions, each with the rules that fired.

    The same suggestion keeps its identity and time, so that running it twice changes nothing.

    Raises
    ------
    ValueError
        When the coder is a person or the consensus.
    """
    check_dictionary(corpus, coder)
    add_coder(corpus.folder, coder, "Diccionario", "dictionary")
    version, moment = corpus.codebook.version, now()

    def change(old: pd.DataFrame) -> pd.DataFrame:
        times = dict(zip(old["guid"], zip(old["time"], old["memo"], strict=True), strict=True))
        rows = []
        for s in suggestions:
            key = f"{corpus.id}/{s.document}/{s.start}-{s.end}/{s.code}"
            guid = str(uuid.uuid5(_NAMESPACE, key))
            fired = zip(s.rules, s.words, strict=True)
            memo = "; ".join(f"{rule}: {words}" for rule, words in fired)
            time, former = times.get(guid, (moment, memo))
            rows.append(
                new_coding(
                    corpus.documents[s.document],
                    s.start,
                    s.end,
                    s.code,
                    coder,
                    version,
                    memo=memo,
                    time=time if former == memo else moment,
                    guid=guid,
                    selection=str(uuid.uuid5(_NAMESPACE, key.rsplit("/", 1)[0])),
                )
            )
        return frame(rows)

    return edit_codings(corpus.folder, coder, change)
