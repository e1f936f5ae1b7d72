"""The dictionary coder: what a rule fires on, what it writes, and how it does against a person."""

import csv

import pytest
from test_coding_session import place, two_coders  # noqa: F401

from analysis.coding.agreement import agreement
from analysis.coding.codings import load_codings
from analysis.coding.corpus import load_corpus
from analysis.coding.dictionary import (
    CODER,
    COLUMNS,
    DictionaryError,
    Rule,
    load_rules,
    suggest,
    write_suggestions,
)
from analysis.coding.documents import Document
from analysis.coding.performance import performance
from analysis.paths import find_project


def fires(kind, expression, text, language="es", negation="any"):
    document = Document(id="d", title="", text=text, origin="", guid="", language=language)
    rule = Rule("r-1", "red", kind, language, expression, negation)
    return [(text[s.start : s.end], s.words) for s in suggest([document], [rule])]


def test_what_each_kind_fires_on():
    text = "La Mesa de Concertación se reunió. Nadie la mide."
    first = "La Mesa de Concertación se reunió."
    assert fires("phrase", "mesa de concertacion", text) == [(first, ("Mesa de Concertación",))]
    assert fires("phrase", "mesa concertación", text) == []
    assert fires("lemmas", "reunir mesa", text) == [(first, ("Mesa reunió",))]
    assert fires("lemmas", "medir mesa", text) == []  # in two sentences
    assert fires("pattern", "mesa ~1 concertación", text) == [(first, ("Mesa Concertación",))]
    assert fires("pattern", "mesa ~1 reunir", text) == []  # two words in between
    assert fires("pattern", "mesa ~3 reunir", text)
    assert fires("pattern", "concertación ~3 mesa", text) == []  # order counts
    assert fires("phrase", "concert*|diálogo", text) == [(first, ("Concertación",))]


def test_a_pattern_tries_every_way_to_fill_its_gaps():
    # the first «red» leaves no room for «ciudad»; the second does
    assert fires("pattern", "red ~2 de ~1 ciudad", "red x red de la ciudad")
    assert fires("pattern", "a ~2 b ~2 c", "a b x b y z c") == [("a b x b y z c", ("a b c",))]


@pytest.mark.parametrize(
    ("language", "expression", "text"),
    [
        ("es", "medir", "Los midieron todos."),
        ("pt", "cidade", "As cidades participam."),
        ("en", "city", "Two cities agreed."),
    ],
)
def test_three_languages_by_lemma(language, expression, text):
    assert fires("lemmas", expression, text, language)
    other = Document(id="d", title="", text=text, origin="", guid="", language="fr")
    assert suggest([other], [Rule("r", "red", "lemmas", language, expression)]) == []


def test_negation_before_the_words():
    with_no, without = "Nunca hubo recursos.", "Hubo recursos."
    assert fires("lemmas", "recurso", with_no, negation="present")
    assert not fires("lemmas", "recurso", without, negation="present")
    assert fires("lemmas", "recurso", without, negation="absent")
    assert not fires("lemmas", "recurso", with_no, negation="absent")


def test_a_not_rule_cancels_its_code_in_that_sentence():
    text = "Hay una red de pesca. Hay una red."
    rules = [
        Rule("red-1", "red", "lemmas", "es", "red"),
        Rule("red-2", "red", "not", "es", "red ~1 pesca"),
    ]
    document = Document(id="d", title="", text=text, origin="", guid="", language="es")
    for order in (rules, rules[::-1]):
        assert [text[s.start : s.end] for s in suggest([document], order)] == ["Hay una red."]


def write_rules(folder, rows):
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def test_every_problem_of_the_table_is_said_at_once(place):  # noqa: F811
    corpus = load_corpus(place, "prueba")
    with pytest.raises(FileNotFoundError, match=r"dictionary\.csv"):
        load_rules(corpus.folder)
    write_rules(
        corpus.folder,
        [
            ("a", "red", "lemmas", "es", "red", "any", ""),
            ("a", "riesgo", "lemmas", "es", "riesgo", "any", ""),
            ("b", "nada", "regex", "fr", "(a+)+$", "quizá", ""),
            ("c", "red", "phrase", "es", "~2 red", "any", ""),
            ("d", "red", "lemmas", "es", "", "any", ""),
        ],
    )
    with pytest.raises(DictionaryError) as caught:
        load_rules(corpus.folder, corpus.codebook)
    said = str(caught.value)
    for words in (
        "fila 3 (a): «riesgo» es un título",
        "fila 3 (a): «a» ya está en la fila 2",
        "fila 4 (b): «nada» no es un código",
        "kind «regex»",
        "language «fr»",
        "negation «quizá»",
        "«(a+)+$» no es una palabra",
        "fila 5 (c): «~2» va entre dos palabras",
        "«~2» solo vale en pattern",
        "fila 6 (d): la expresión está vacía",
    ):
        assert words in said


def test_it_writes_its_own_file_and_nobody_elses(place):  # noqa: F811
    corpus = two_coders(place)
    write_rules(corpus.folder, [("red-1", "red", "lemmas", "es", "red", "any", "")])
    suggestions = suggest(corpus.documents.values(), load_rules(corpus.folder, corpus.codebook))
    before = (corpus.folder / "codings" / "ana.csv").read_bytes()
    for person in ("ana", "luis"):
        with pytest.raises(ValueError, match="nunca escribe en su archivo"):
            write_suggestions(corpus, suggestions, person)
    write_suggestions(corpus, suggestions)
    assert (corpus.folder / "codings" / "ana.csv").read_bytes() == before
    written = (corpus.folder / "codings" / f"{CODER}.csv").read_bytes()
    write_suggestions(load_corpus(place, "prueba"), suggestions)
    assert (corpus.folder / "codings" / f"{CODER}.csv").read_bytes() == written
    assert load_corpus(place, "prueba").coders[CODER].kind == "dictionary"
    codings = load_codings(corpus.folder, CODER)
    assert list(codings["text"]) == ["Hubo una red.", "La red creció."]
    assert set(codings["memo"]) == {"red-1: red"}


def test_precision_and_recall_by_hand(place):  # noqa: F811
    corpus = two_coders(place)
    write_rules(corpus.folder, [("red-1", "red", "lemmas", "es", "red|firmar", "any", "")])
    rules = load_rules(corpus.folder, corpus.codebook)
    write_suggestions(corpus, suggest(corpus.documents.values(), rules))
    corpus = load_corpus(place, "prueba")
    overall, by_code = performance(corpus.documents, corpus.codings, "ana", ["recorte", "red"])
    # red, paragraphs uno 1 2, dos 1 2: ana 1 0 1 0, dictionary 1 0 1 1; recorte: ana uno 2
    assert [(p.code, p.both, p.only_dictionary, p.only_person) for p in by_code] == [
        ("recorte", 0, 0, 1),
        ("red", 2, 1, 0),
    ]
    assert (by_code[1].precision, by_code[1].recall) == (2 / 3, 1)
    assert by_code[1].f1 == pytest.approx(0.8)
    assert (by_code[0].precision, by_code[0].recall, by_code[0].f1) == (None, 0, 0)
    assert overall.f1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    with pytest.raises(ValueError, match="«eva» no ha codificado"):
        performance(corpus.documents, corpus.codings, "eva", ["red"])


def test_the_shipped_dictionary_is_what_its_rules_give():
    corpus = load_corpus(find_project(), "cuaderno8")
    rules = load_rules(corpus.folder, corpus.codebook)
    given = [
        (s.document, s.start, s.end, s.code) for s in suggest(corpus.documents.values(), rules)
    ]
    file = corpus.codings_of(CODER)
    written = zip(file["document"], file["start"], file["end"], file["code"], strict=True)
    assert sorted(given) == sorted(written)
    assert {"es", "pt", "en"} == {rule.language for rule in rules}
    covered = {rule.code for rule in rules}
    assert covered >= {code.code for code in corpus.codebook if code.codable}
    found = agreement(
        corpus.documents,
        corpus.codings,
        ["equipo", CODER],
        list(corpus.codebook.codes),
        resamples=50,
    )
    assert found.documents == tuple(corpus.documents)
    assert found.overall.value < 0.667  # a dictionary is no second person
