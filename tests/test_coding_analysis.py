"""Counts of codes and words, what occurs together, and the commands that print them."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from test_coding_session import place, two_coders  # noqa: F401

from analysis.cli.coding import coding
from analysis.coding.agreement import Unit
from analysis.coding.codebook import Code, Codebook
from analysis.coding.codings import frame
from analysis.coding.cooccurrence import by_family, cooccurrence, graph, jaccard
from analysis.coding.corpus import load_corpus
from analysis.coding.documents import Document
from analysis.coding.frequencies import (
    by_variable,
    case_matrix,
    code_frequencies,
    keywords_in_context,
    quotations,
    saturation,
    word_list,
)
from analysis.coding.report import analyse

BOOK = Codebook(
    [
        Code(code="riesgo", guid="", codable=False),
        Code(code="recorte", guid="", parent="riesgo"),
        Code(code="relevo", guid="", parent="riesgo"),
        Code(code="red", guid=""),
    ]
)


def codings(*spans):
    keys = ("document", "start", "end", "code")
    return frame({**dict(zip(keys, span, strict=True)), "coder": "ana"} for span in spans)


MADE = codings(
    ("uno", 0, 10, "recorte"),
    ("uno", 0, 10, "relevo"),
    ("uno", 8, 20, "red"),
    ("dos", 0, 5, "red"),
    ("dos", 30, 40, "recorte"),
)


def documents(**consents):
    return {
        name: Document(
            id=name,
            title=name.title(),
            text="Se midió la red.\nNadie mide. Medir cuesta; medición, no.\n",
            origin="",
            guid="",
            language="es",
            city={"uno": "a", "dos": "b", "tres": "a"}[name],
            consent=consent,
            variables={"scale": "local"},
        )
        for name, consent in consents.items()
    }


def test_frequencies_on_both_bases():
    found = code_frequencies(MADE, BOOK)
    # 4 spans: uno 0-10 (two codes), uno 8-20, dos 0-5, dos 30-40
    assert (found.documents, found.segments) == (2, 4)
    assert found.table.to_dict("index") == {
        "riesgo": {"documents": 2, "segments": 2},
        "recorte": {"documents": 2, "segments": 2},
        "relevo": {"documents": 1, "segments": 1},
        "red": {"documents": 2, "segments": 2},
    }
    alone = code_frequencies(MADE, BOOK, below=False)
    assert alone.table.loc["riesgo"].tolist() == [0, 0]


def test_by_city_and_the_matrix_of_cases():
    docs = documents(uno="quote", dos="quote", tres="quote")
    found = by_variable(MADE, docs, "city", ["riesgo", "red"], BOOK)
    assert found.to_dict() == {"a": {"riesgo": 1, "red": 1}, "b": {"riesgo": 1, "red": 1}}
    assert by_variable(MADE, docs, "scale", ["recorte"]).to_dict() == {"local": {"recorte": 2}}
    cases = case_matrix(MADE, docs, ["recorte", "relevo", "red"])
    # tres was not coded: a row of zeros would say that nothing is there
    assert cases.to_dict("index") == {
        "uno": {"recorte": 1, "relevo": 1, "red": 1},
        "dos": {"recorte": 1, "relevo": 0, "red": 1},
    }


def test_three_ways_of_occurring_together():
    codes = ["recorte", "relevo", "red"]
    pairs = {m: cooccurrence(MADE, codes, m) for m in ("segment", "overlap", "neighbourhood")}
    assert pairs["segment"].loc["recorte", "relevo"] == 1
    assert pairs["segment"].loc["recorte", "red"] == 0
    assert pairs["overlap"].loc["recorte", "red"] == 1  # uno 0-10 with 8-20
    assert pairs["neighbourhood"].loc["recorte", "red"] == 2  # and dos, 25 characters apart
    near = cooccurrence(MADE, codes, "neighbourhood", distance=24)
    assert near.loc["recorte", "red"] == 1
    assert np.diag(pairs["overlap"]).tolist() == [2, 1, 2]
    assert jaccard(pairs["segment"]).loc["recorte", "relevo"] == pytest.approx(1 / 2)
    network = graph(pairs["neighbourhood"], least=2)
    assert [(*sorted(e[:2]), e[2]["weight"]) for e in network.edges(data=True)] == [
        ("recorte", "red", 2)
    ]
    assert network.nodes["red"]["count"] == 2
    with pytest.raises(ValueError, match="desconocido"):
        cooccurrence(MADE, codes, "cerca")


SPANS = st.lists(
    st.tuples(
        st.sampled_from(["uno", "dos"]),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(["recorte", "relevo", "red"]),
    ),
    max_size=12,
)


@given(SPANS, st.integers(0, 8))
def test_pairs_as_one_would_count_them(spans, distance):
    rows = {(d, s, s + n, c) for d, s, n, c in spans}
    made, codes = codings(*sorted(rows)), ["recorte", "relevo", "red"]
    meets = {
        "segment": lambda a, b: a[1:3] == b[1:3],
        "overlap": lambda a, b: a[1] < b[2] and b[1] < a[2],
        "neighbourhood": lambda a, b: max(a[1], b[1]) - min(a[2], b[2]) <= distance,
    }
    for method, meet in meets.items():
        found = cooccurrence(made, codes, method, distance=distance)
        for one in codes:
            for other in codes:
                if one < other:
                    expected = sum(
                        a[0] == b[0] and a[3] == one and b[3] == other and meet(a, b)
                        for a in rows
                        for b in rows
                    )
                    assert found.loc[one, other] == found.loc[other, one] == expected


def test_codes_by_a_family_of_codes():
    units = [Unit("uno", 0, 9), Unit("uno", 9, 20), Unit("dos", 0, 50)]
    found = by_family(MADE, units, BOOK, ["red"], {"riesgo": ["riesgo"], "relevo": ["relevo"]})
    # red is in uno 1 and 2 and dos; a risk in uno 1 and 2 (it reaches the second) and dos
    assert found.loc["red"].to_dict() == {"riesgo": 3, "relevo": 2}


def test_saturation():
    found = saturation(MADE, ["dos", "uno", "tres"], orders=400, seed=1)
    assert found.documents == ("dos", "uno")
    assert (found.new, found.known) == ((2, 1), (2, 3))
    # the mean over both orders of two documents: first 2 or 3 codes, then 3
    assert found.mean == pytest.approx((2.5, 3), abs=0.1)
    assert found.known_before(0.9) == 2
    assert saturation(codings(), ["uno"]).known_before(0.9) is None


def test_words_and_quotations_only_where_they_may_be_quoted():
    docs = documents(uno="quote", dos="analyse")
    contexts, withheld = keywords_in_context(docs.values(), "medir")
    assert [(c.left, c.word, c.right) for c in contexts] == [
        ("Se ", "midió", " la red."),
        ("Nadie ", "mide", ". Medir cuesta; medición, no."),
        ("Nadie mide. ", "Medir", " cuesta; medición, no."),
    ]
    assert withheld == 3
    assert {c.place.document for c in contexts} == {"uno"}
    assert [c.word for c in keywords_in_context(docs.values(), "medici*")[0]] == ["medición"]
    shown, hidden = quotations(MADE, docs, "red")
    assert [(q.document, q.start, q.paragraph, q.text) for q in shown] == [
        ("uno", 8, 1, docs["uno"].text[8:20])
    ]
    assert hidden == 1
    words = word_list([docs["uno"]])
    assert words.iloc[0].to_dict() == {"word": "midió", "count": 3, "documents": 1}
    assert "nadie" in set(words["word"]) and "la" not in set(words["word"])


def run(project, *arguments):
    result = CliRunner().invoke(coding, [*arguments, "--root", str(project.root)])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_agreement_in_every_form(place):  # noqa: F811
    two_coders(place)
    made = json.loads(run(place, "agreement", "--corpus", "prueba", "--format", "json"))
    assert made["coders"] == {"ana": "person", "luis": "person"}
    assert (made["unit"], made["units"], made["documents"]) == ("paragraph", 4, ["uno", "dos"])
    assert made["overall"]["method"] == "alpha_codes"
    assert made["overall"]["missing"] == "pairable_units"
    rows = list(
        csv.DictReader(
            io.StringIO(run(place, "agreement", "--corpus", "prueba", "--format", "csv"))
        )
    )
    assert [row["code"] for row in rows] == ["recorte", "red"]
    assert rows[1]["percent_agreement"] == "0.25"
    said = run(place, "agreement", "--corpus", "prueba", "--disputed", "1")
    assert "insuficiente" in said
    assert "(no se puede citar)" in said  # the consent of these documents says so
    result = CliRunner().invoke(
        coding, ["agreement", "--corpus", "prueba", "--coders", "ana", "--root", str(place.root)]
    )
    assert isinstance(result.exception, ValueError)


def test_the_commands_dictionary_and_matrix(place):  # noqa: F811
    corpus = two_coders(place)
    (corpus.folder / "dictionary.csv").write_text(
        "rule,code,kind,language,expression,negation,note\nred-1,red,lemmas,es,red,any,\n"
    )
    dry = run(place, "dictionary", "--corpus", "prueba", "--dry-run", "--against", "ana")
    assert "marcaría 2 veces" in dry and "todos los códigos" in dry
    assert not (corpus.folder / "codings" / "diccionario.csv").exists()
    assert "marcó 2 veces" in run(place, "dictionary", "--corpus", "prueba")
    assert (corpus.folder / "codings" / "diccionario.csv").is_file()
    said = run(place, "agreement", "--corpus", "prueba", "--coders", "ana,diccionario")
    assert "Un diccionario no es una persona" in said
    rows = list(
        csv.DictReader(io.StringIO(run(place, "matrix", "--corpus", "prueba", "--coder", "ana")))
    )
    assert rows == [
        {"case": "uno", "recorte": "1", "red": "1"},
        {"case": "dos", "recorte": "0", "red": "1"},
    ]


def test_the_word_list_is_of_what_may_be_quoted(project):
    corpus = load_corpus(project, "cuaderno8")
    found = analyse(corpus, "equipo", "diccionario")
    hidden = "caso-01"
    once = found.words.loc[found.words["documents"] == 1, "word"]
    there = set(re.findall(r"\w+", corpus.documents[hidden].text.lower()))
    only_there = {word for word in once if word in there}
    documents = dict(corpus.documents)
    documents[hidden] = replace(documents[hidden], consent="none")
    assert not documents[hidden].quotable
    left = set(analyse(replace(corpus, documents=documents), "equipo", "diccionario").words["word"])
    assert only_there and not only_there & left
