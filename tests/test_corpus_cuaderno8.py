"""The corpus that ships: own summaries, coded by hand, tied to the tables of facts."""

import pytest

from analysis.coding.corpus import load_corpus


@pytest.fixture(scope="module")
def corpus(project):
    return load_corpus(project, "cuaderno8")


def test_it_holds_the_ten_cases_and_the_diagnosis(corpus):
    assert [d for d in corpus.documents if d.startswith("caso-")] == [
        f"caso-{number:02d}" for number in range(1, 11)
    ]
    assert {"diagnostico", "medicion"} <= set(corpus.documents)
    assert corpus.kind == "own_summaries"
    assert all(document.quotable for document in corpus.documents.values())


def test_every_paragraph_of_a_case_is_an_element_of_the_facts(corpus, study):
    elements = study.table("case_elements")
    for number in range(1, 11):
        document = corpus.documents[f"caso-{number:02d}"]
        expected = elements[elements["case_number"] == number]["summary_es"]
        lines = document.text.splitlines()
        assert [line for line in lines if line in set(expected)] == list(expected)
        headings = [line for line in lines if line and line not in set(expected)]
        assert len(headings) <= 5  # title and four parts


def test_at_least_two_hundred_segments_are_coded_and_quote_their_text(corpus):
    segments = corpus.codings[["document", "start", "end"]].drop_duplicates()
    assert len(segments) >= 200
    assert corpus.coding_problems() == []
    assert corpus.stale().empty
    assert set(corpus.codings["document"]) == set(corpus.documents)


def test_headings_of_a_family_are_not_used_for_coding(corpus):
    assert all(corpus.codebook[code].codable for code in corpus.codings["code"])


def test_the_codebook_grew_from_the_published_proposal(corpus, study):
    proposal = set(study.table("codebook")["id"])
    assert set(corpus.codebooks["1"].codes) == proposal
    assert proposal < set(corpus.codebook.codes)
    for code in corpus.codebook:
        assert code.name_en and code.definition_en and code.example_es


def test_how_it_was_made_is_said_in_both_languages(corpus):
    assert "no es una codificación independiente" in corpus.made["es"]
    assert "neither an independent nor a blind coding" in corpus.made["en"]
