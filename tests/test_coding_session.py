"""Coding by hand: what a session does to the coder's file, and how disagreements are decided."""

import shutil

import krippendorff
import pandas as pd
import pytest

from analysis.coding.adjudication import CONSENSUS, load_decisions
from analysis.coding.agreement import agreement, units_of
from analysis.coding.codebook import Code, save_codebook
from analysis.coding.codings import edit_codings, frame, load_codings, new_coding, save_codings
from analysis.coding.corpus import add_coder, create_corpus, load_corpus
from analysis.coding.documents import Document, save_documents
from analysis.coding.exchange.refi_write import write_qdpx
from analysis.coding.passages import most_disputed, passages
from analysis.coding.read_marks import join_marks, marked_as_read
from analysis.coding.session import CodingSession, SessionError
from analysis.coding.status import corpus_status
from analysis.coding.widget import CodingWidget
from analysis.paths import Project

TEXTS = {
    "uno": "La oficina 🌎 firmó un acuerdo.\nFaltó presupuesto. Nadie lo midió.\n",
    "dos": "Se midió todo. Hubo una red.\n\nLa red creció.\n",
    "tres": "Nada que ver aquí.\n",
}


def guid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "notebooks").mkdir()
    study = tmp_path / "data" / "raw" / "cuaderno8"
    study.mkdir(parents=True)
    (study / "datapackage.json").write_text("{}")
    project = Project(tmp_path)
    folder = create_corpus(
        project,
        "prueba",
        label={"es": "Prueba", "en": "Trial"},
        kind="demo",
        made={"es": "Para probar.", "en": "For trying."},
    )
    documents = [
        Document(
            id=name, title=name.title(), text=text, origin="prueba", guid=guid(n), language="es"
        )
        for n, (name, text) in enumerate(TEXTS.items(), 1)
    ]
    save_documents(folder, documents)
    codes = [("riesgo", "", False), ("recorte", "riesgo", True), ("red", "", True)]
    save_codebook(
        folder,
        [
            Code(
                code=code,
                parent=parent,
                codable=codable,
                guid=guid(100 + n),
                name_es=code.title(),
                name_en=code.title(),
                definition_es=f"Qué es {code}.",
                definition_en=f"What {code} is.",
                color="#0b5563",
            )
            for n, (code, parent, codable) in enumerate(codes)
        ],
        "primera",
        "first",
    )
    return project


def rows(project, coder):
    codings = load_codings(load_corpus(project, "prueba").folder, coder)
    return [(r.document, r.start, r.end, r.text, r.code) for r in codings.itertuples()]


def test_every_change_is_in_the_file_at_once_and_can_be_undone(place):
    session = CodingSession("prueba", "ana", place)
    assert session.code("uno", 3, 12, ["red", "recorte"]) == 2
    # 🌎 is one code point
    assert {row[3] for row in rows(place, "ana")} == {"oficina 🌎"}
    assert session.code("uno", 3, 12, ["red"]) == 0  # it has it
    other = CodingSession("prueba", "ana", place)  # a second window, a new kernel
    assert other.code("dos", 15, 27, ["red"]) == 1
    marks = {m["code"]: m["guid"] for m in session.marks()}
    assert session.note([marks["red"]], "ver otra vez") == 1
    assert session.remove([marks["recorte"]]) == 1
    assert [row[4] for row in rows(place, "ana")] == ["red", "red"]
    assert session.undo() and session.undo() and session.undo()
    assert rows(place, "ana") == [("dos", 15, 27, "Hubo una red", "red")]  # the other's stays
    assert not session.undo()
    assert session.redo() and session.redo()
    assert [m["memo"] for m in session.marks() if m["code"] == "red"] == ["ver otra vez"]
    assert session.can == {"undo": True, "redo": True}


def test_where_one_was_is_remembered(place):
    CodingSession("prueba", "ana", place).open("dos")
    assert CodingSession("prueba", "ana", place).document == "dos"
    assert CodingSession("prueba", "luis", place).document == "uno"
    (place.processed / "coding" / "prueba-ana.json").write_text('{"document": "borrado"}')
    assert CodingSession("prueba", "ana", place).document == "uno"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("uno", 3, 999, ["red"]), "no cabe"),
        (("uno", 5, 5, ["red"]), "no cabe"),
        (("uno", 3, 10, ["nada"]), "no es un código"),
        (("uno", 3, 10, ["riesgo"]), "es un título"),
        (("cuatro", 3, 10, ["red"]), "no está en el corpus"),
    ],
)
def test_what_cannot_be_coded_is_said_and_not_written(place, change, message):
    session = CodingSession("prueba", "ana", place)
    with pytest.raises(SessionError, match=message):
        session.code(*change)
    assert rows(place, "ana") == []


def test_nobody_codes_by_hand_in_the_file_of_a_dictionary_or_of_the_consensus(place):
    folder = load_corpus(place, "prueba").folder
    add_coder(folder, "diccionario", "Diccionario", "dictionary")
    with pytest.raises(SessionError, match="es un diccionario"):
        CodingSession("prueba", "diccionario", place)
    with pytest.raises(SessionError, match="lo acordado"):
        CodingSession("prueba", CONSENSUS, place)
    with pytest.raises(SessionError, match="No hay codificaciones de «luis»"):
        CodingSession("prueba", "ana", place, compare=["diccionario", "luis"])


def test_blind_hides_what_others_coded(place):
    CodingSession("prueba", "luis", place).code("uno", 3, 10, ["red"])
    session = CodingSession("prueba", "ana", place)
    assert session.marks() == []
    assert [(m["coder"], m["own"]) for m in session.marks(blind=False)] == [("luis", False)]


def two_coders(place):
    corpus = load_corpus(place, "prueba")
    spans = {
        "ana": [("uno", 3, 12, "red"), ("uno", 31, 49, "recorte"), ("dos", 15, 28, "red")],
        "luis": [("uno", 3, 10, "red"), ("uno", 31, 49, "red"), ("dos", 30, 44, "red")],
    }
    for coder, given in spans.items():
        made = [new_coding(corpus.documents[d], s, e, c, coder, "1") for d, s, e, c in given]
        save_codings(corpus.folder, coder, frame(made))
        add_coder(corpus.folder, coder)
    return load_corpus(place, "prueba")


def test_passages_side_by_side(place):
    corpus = two_coders(place)
    found = passages(corpus.documents, corpus.codings, ["ana", "luis"])
    assert [(p.document, p.start, p.end, p.agreed, p.disputed) for p in found] == [
        ("uno", 3, 12, ("red",), ()),
        ("uno", 31, 49, (), ("recorte", "red")),
        ("dos", 15, 28, (), ("red",)),
        ("dos", 30, 44, (), ("red",)),
    ]
    assert [p.start for p in most_disputed(found, 2)] == [31, 15]
    assert found[1].text == "Faltó presupuesto."


def test_decisions_make_the_consensus(place):
    two_coders(place)
    session = CodingSession("prueba", "ana", place, compare=["ana", "luis"])
    assert session.accept_agreed() == 1
    session.decide("uno", 31, 49, ["recorte"], "no hay red alguna")
    session.decide("dos", 30, 44, [], "")
    assert rows(place, CONSENSUS) == [
        ("uno", 3, 12, "oficina 🌎", "red"),
        ("uno", 31, 49, "Faltó presupuesto.", "recorte"),
    ]
    state = {(p["document"], p["start"]): p["decided"] for p in session.comparison()}
    assert state == {("uno", 3): True, ("uno", 31): True, ("dos", 15): False, ("dos", 30): True}
    session.decide("uno", 31, 49, ["red"], "se habló otra vez")  # a new decision replaces
    assert [row[4] for row in rows(place, CONSENSUS)] == ["red", "red"]
    decisions = load_decisions(load_corpus(place, "prueba").folder)
    assert [(d.accepted, d.refused, d.by) for d in decisions][-1] == (("red",), ("recorte",), "ana")
    assert load_corpus(place, "prueba").coders[CONSENSUS].kind == "consensus"
    with pytest.raises(SessionError, match="alguien haya dado"):
        session.decide("uno", 31, 49, ["riesgo"], "")
    with pytest.raises(SessionError, match="cambió mientras tanto"):
        session.decide("uno", 1, 2, [], "")


def test_agreement_of_a_corpus(place):
    corpus = two_coders(place)
    found = agreement(
        corpus.documents, corpus.codings, ["ana", "luis"], list(corpus.codebook.codes)
    )
    # paragraphs of the two documents that both read: uno has 2, dos has 2, tres is left out
    assert (found.documents, found.units, found.unit) == (("uno", "dos"), 4, "paragraph")
    by_code = {c.code: c for c in found.codes}
    assert list(by_code) == ["recorte", "red"]
    assert by_code["red"].units == {"ana": 2, "luis": 3}
    # red: ana 1 0 1 0, luis 1 1 0 1: one paragraph of four agrees
    assert by_code["red"].percent.value == pytest.approx(1 / 4)
    assert by_code["red"].alpha.value < 0
    assert found.percent == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert found.overall.name == "alpha_codes"
    assert found.relevance.value < 1
    with pytest.raises(ValueError, match="al menos dos"):
        agreement(corpus.documents, corpus.codings, ["ana"], ["red"])
    with pytest.raises(ValueError, match="«eva» no ha codificado nada"):
        agreement(corpus.documents, corpus.codings, ["ana", "eva"], ["red"])


def test_a_document_read_without_codes_counts_as_read(place, tmp_path):
    corpus = two_coders(place)
    more = frame([new_coding(corpus.documents["tres"], 0, 4, "red", "ana", "1")])
    edit_codings(corpus.folder, "ana", lambda now: pd.concat([now, more], ignore_index=True))
    session = CodingSession("prueba", "luis", place)
    codes = list(corpus.codebook.codes)
    assert session.read("tres", True) and not session.read("tres", True)  # once
    assert {d["id"]: d["read"] for d in session.documents()} == {
        "uno": False,
        "dos": False,
        "tres": True,
    }
    corpus = load_corpus(place, "prueba")
    assert corpus.read == {"luis": {"tres"}}
    silent = agreement(corpus.documents, corpus.codings, ["ana", "luis"], codes)
    told = agreement(corpus.documents, corpus.codings, ["ana", "luis"], codes, marked=corpus.read)
    assert silent.documents == ("uno", "dos") and told.documents == ("uno", "dos", "tres")
    # ana coded in «tres»: what luis left there is a «no» and no longer a missing value
    assert (silent.units, told.units) == (4, 5)
    given = {c.code: c.units["ana"] for c in told.codes}
    assert sum(given.values()) > sum(c.units["ana"] for c in silent.codes)
    found = passages(corpus.documents, corpus.codings, ["ana", "luis"], corpus.read)
    assert [p.codes["luis"] for p in found if p.document == "tres"] == [()]
    # another copy of the corpus takes the mark over, once; a mark can be taken away
    copy = Project(tmp_path / "copia")
    shutil.copytree(place.root, copy.root)
    assert session.read("tres", False) and marked_as_read(corpus.folder) == {}
    other = load_corpus(copy, "prueba").folder
    assert join_marks(corpus.folder, other, corpus.documents) == {"luis": 1}
    assert join_marks(corpus.folder, other / "codings", corpus.documents) == {}
    assert corpus.read == {"luis": {"tres"}}
    (ana, luis) = corpus_status(place, "prueba")["coders"]
    assert (ana["read"], luis["read"]) == (0, 1)
    assert any("leídos" in loss for loss in write_qdpx(corpus, tmp_path / "x.qdpx"))
    with pytest.raises(SessionError, match="no está en el corpus"):
        session.read("cuatro", True)


def test_weights_are_compared_where_two_gave_the_same_code():
    lines = [f"Párrafo {n} de prueba." for n in range(8)]
    document = Document(id="d", title="", text="\n".join(lines), origin="", guid="")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    given = {
        "ana": {0: 1, 1: 3, 2: 5, 3: 2, 4: 4, 5: None, 6: 2},
        "luis": {0: 2, 1: 3, 2: 4, 3: 2, 4: 5, 5: 3, 7: 1},
    }
    rows = [
        new_coding(document, starts[n], starts[n] + 5, "red", coder, "1", weight=weight)
        for coder, weights in given.items()
        for n, weight in weights.items()
    ]
    # on the first paragraph luis gave the code twice: the greater weight counts
    rows.append(new_coding(document, 0, 3, "red", "luis", "1", weight=1))
    found = agreement({"d": document}, frame(rows), ["ana", "luis"], ["red"]).weights
    blank = float("nan")
    table = [
        [blank if weights.get(n) is None else float(weights[n]) for n in range(8)]
        for weights in given.values()
    ]
    names = ["alpha_ordinal", "alpha_interval", "alpha_ratio", "gwet_ac2"]
    assert [one.name for one in found] == names
    assert {one.units for one in found} == {5}  # where both gave the code with a weight
    for one, level in zip(found, ("ordinal", "interval", "ratio"), strict=False):
        assert one.value == pytest.approx(krippendorff.alpha(table, level_of_measurement=level))
        assert one.low <= one.value <= one.high
    # Gwet (2014), 5.3, by hand: agreement weights 1 - (k - l)² / 16; all values give the prevalence
    near = [1 - (a - b) ** 2 / 16 for a, b in zip(*table, strict=True) if a == a and b == b]
    shares = [[0] * 5 for _ in range(8)]
    for row in table:
        for n, value in enumerate(row):
            if value == value:
                shares[n][int(value) - 1] += 1
    shares = [[k / sum(row) for k in row] for row in shares if sum(row)]
    prevalence = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    total = sum(1 - (k - m) ** 2 / 16 for k in range(5) for m in range(5))
    chance = total / 20 * sum(p * (1 - p) for p in prevalence)
    observed = sum(near) / len(near)
    assert found[3].value == pytest.approx((observed - chance) / (1 - chance))
    plain = [{**row, "weight": None} for row in rows]
    assert agreement({"d": document}, frame(plain), ["ana", "luis"], ["red"]).weights == ()
    less = [{**row, "weight": -1} if row["start"] == starts[1] else row for row in rows]
    levels = agreement({"d": document}, frame(less), ["ana", "luis"], ["red"]).weights
    assert "alpha_ratio" not in [one.name for one in levels]  # a ratio has no negative values


def test_all_codes_together_have_kappa_and_ac1(place):
    corpus = two_coders(place)
    found = agreement(corpus.documents, corpus.codings, ["ana", "luis"], ["red", "recorte"])
    # 4 paragraphs × 2 codes; the coefficients by hand, from the units of each
    own = {c.code: c for c in found.codes}
    assert found.kappa.units == found.ac1.units == 8
    agreed = found.percent
    yes = [own["red"].units[c] + own["recorte"].units[c] for c in ("ana", "luis")]
    chance = (yes[0] * yes[1] + (8 - yes[0]) * (8 - yes[1])) / 64
    assert found.kappa.value == pytest.approx((agreed - chance) / (1 - chance))
    share = sum(yes) / 16
    assert found.ac1.value == pytest.approx(
        (agreed - 2 * share * (1 - share)) / (1 - 2 * share * (1 - share))
    )
    assert found.kappa.low is None and found.ac1.low is None  # pairs are not independent


def test_units():
    document = Document(id="d", title="", text="Uno. Dos 3.5 más.\n\n  \nTres…", origin="", guid="")
    cut = {
        kind: [document.text[u.start : u.end] for u in units_of([document], kind)]
        for kind in ("paragraph", "sentence", "document")
    }
    assert cut["paragraph"] == ["Uno. Dos 3.5 más.", "Tres…"]
    assert cut["sentence"] == ["Uno.", "Dos 3.5 más.", "Tres…"]
    assert cut["document"] == [document.text]
    with pytest.raises(ValueError, match="desconocida"):
        units_of([document], "verso")


def test_the_widget_answers_what_its_front_end_asks(place):
    widget = CodingWidget(CodingSession("prueba", "ana", place), "es")
    sent = []
    widget.send = sent.append

    def ask(**message):
        widget._answer(widget, {"id": len(sent), **message}, [])
        return sent[-1]

    assert ask(ask="read", document="tres", on=True)["done"] == 1
    assert [d["read"] for d in widget.documents] == [False, False, True]
    assert ask(ask="read", document="tres", on=False)["done"] == 1
    assert ask(ask="code", document="uno", start=3, end=10, codes=["red"])["done"] == 1
    assert [(m["code"], m["own"]) for m in widget.marks] == [("red", True)]
    assert widget.documents[0]["codings"] == 1
    assert ask(ask="code", document="uno", start=3, end=10, codes=["x"]) == {
        "id": 3,
        "ok": False,
        "done": 0,
        "error": "«x» no es un código del libro.",
    }
    assert not ask(ask="code", document="uno")["ok"]
    assert not ask(ask="rm -rf")["ok"]
    assert ask(ask="undo")["done"] == 1
    assert widget.marks == []
    assert ask(ask="open", document="dos")["ok"] and widget.document["id"] == "dos"
    assert [c["depth"] for c in widget.setup["codebook"]] == [0, 1, 0]
