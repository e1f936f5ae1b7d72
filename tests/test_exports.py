"""Tests of the exports of the questionnaire, each read back by the tool that it is for."""

import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from lxml import etree

from analysis.exports import FORMATS, ExportError, export
from analysis.exports.columns import variables
from analysis.exports.ddi import NAMESPACE, ddi
from analysis.exports.form import paper
from analysis.exports.jsonld import jsonld
from analysis.exports.labelled import labelled
from analysis.exports.pages import codebook_page, form_page, form_pdf
from analysis.exports.template import template
from analysis.exports.words import bounds, in_words
from analysis.exports.xlsform import XlsFormError, xlsform
from analysis.instrument import evaluate, load_instrument
from analysis.instrument.flat import LONGEST_NAME

MANY = "acc_diseno"


@pytest.fixture(scope="module")
def form(project):
    return load_instrument(project)


@pytest.fixture(scope="module")
def wave(form):
    """Answers of six fictitious respondents, one with each state, as ``load_wave`` gives them."""
    index = pd.Index([f"C{n:02d}" for n in range(1, 7)], name="respondent", dtype="string")
    states = ["answered", "none", "unasked", "blank", "dont_know", "refused"]
    state = pd.Series(states, index=index, dtype="string")
    answered = state.eq("answered")

    def multiple(item):
        codes = [choice.code for choice in form.item(item).choices if not choice.missing]
        frame = pd.DataFrame(pd.NA, index=index, columns=codes, dtype="boolean")
        frame.loc[["C01", "C02"]] = False
        frame.loc["C01", codes[:2]] = True
        frame.loc["C02", "ninguna" if "ninguna" in codes else codes[0]] = True
        return frame

    def single(item):
        first = form.item(item).choices[0].code
        return pd.Series(first, index=index, dtype="string").where(answered)

    return SimpleNamespace(
        id="prueba",
        evidence="demo",
        instrument=form,
        respondents=pd.DataFrame(index=index),
        multiple=multiple,
        single=single,
        number=lambda item: pd.Series(12.5, index=index, dtype="Float64").where(answered),
        text=lambda item: pd.Series("Ñandú «así»\n2", index=index, dtype="string").where(answered),
        state=lambda item: state,
    )


# XLSForm -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def survey(form):
    book = openpyxl.load_workbook(io.BytesIO(xlsform(form)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_the_form_is_taken_by_pyxform_in_both_languages(form):
    from pyxform.xls2xform import convert

    warnings = []
    made = convert(io.BytesIO(xlsform(form)), warnings=warnings, file_type=".xlsx")
    assert warnings == []
    root = etree.fromstring(made.xform.encode("utf-8"))
    names = {"x": "http://www.w3.org/2002/xforms"}
    languages = root.xpath("//x:translation/@lang", namespaces=names)
    assert sorted(languages) == ["English (en)", "Español (es)"]
    binds = {b.get("nodeset"): b for b in root.xpath("//x:bind", namespaces=names)}
    chosen = binds["/data/acciones/acc_diseno"]
    assert "count-selected(.)" in chosen.get("constraint") and chosen.get("required") == "true()"
    other = binds["/data/acciones/acc_diseno_otro"].get("relevant")
    assert re.sub(r"\s", "", other) == "selected(/data/acciones/acc_diseno,'otro')"
    assert len(root.xpath("//x:select", namespaces=names)) == sum(
        item.type == "select_multiple" for item in form.questions
    )


def test_the_form_has_every_item_and_choice_once_and_no_or_other(form, survey):
    columns = survey["survey"][0]
    rows = [dict(zip(columns, row, strict=True)) for row in survey["survey"][1:]]
    names = [row["name"] for row in rows if row["type"] != "end_group"]
    assert names == [item.code for item in form.items]
    assert not any("or_other" in row["type"] for row in rows)
    opened = [row["name"] for row in rows if row["type"] == "begin_group"]
    assert opened == [row["name"] for row in rows if row["type"] == "end_group"]
    lists = {}
    for name, code, *_ in survey["choices"][1:]:
        lists.setdefault(name, []).append(code)
    for item in form.questions:
        if item.list_name:
            assert lists[item.list_name] == [choice.code for choice in item.choices]
    assert dict(zip(*survey["settings"], strict=True))["version"] == "2017"


def test_a_form_that_pyxform_refuses_is_said(form):
    from dataclasses import replace

    broken = replace(form, items=(*form.items, form.item("personal")))
    with pytest.raises(XlsFormError, match="pyxform"):
        xlsform(broken)


# SPSS and Stata ----------------------------------------------------------------------------------


def read(made, kind, folder):
    path = folder / f"x.{kind}"
    path.write_bytes(made.data)
    return getattr(pyreadstat, f"read_{kind}")(path, user_missing=True)


def test_names_of_variables_serve_everywhere_and_are_unique(form):
    names = [variable.name for variable in variables(form)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(rf"[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}", name) for name in names)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_an_empty_file_has_labels_measures_and_missing_codes(form, kind, tmp_path):
    made = labelled(form, kind)
    frame, meta = read(made, kind, tmp_path)
    assert len(frame) == 0
    assert meta.column_names_to_labels["apertura"] == form.item("apertura").label["es"]
    labels = meta.variable_value_labels["apertura"]
    assert [labels[n] for n in (1, 2, 3)] == [c.label["es"] for c in form.item("apertura").choices][
        :3
    ]
    if kind == "sav":
        assert meta.variable_measure["apertura"] == "nominal"
        assert meta.variable_measure["presupuesto"] == "scale"
        assert {r["lo"] for r in meta.missing_ranges["apertura"]} == {9996, 9998, 9999}
        assert "Reconstrucción" in " ".join(meta.notes)
    else:
        assert {"a", "b", "c"} <= set(labels)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_filled_file_keeps_answers_and_the_reason_for_each_missing_one(
    form, wave, kind, tmp_path
):
    made = labelled(form, kind, wave=wave)
    frame, _ = read(made, kind, tmp_path)
    frame = frame.set_index("respondent")
    side = json.loads(made.sidecar)
    reasons = side["variables"]["apertura"]["missing"]
    wanted = {r: str(v).lstrip(".") if kind == "dta" else v for r, v in reasons.items()}
    assert frame.loc["C01", "apertura"] == 1
    assert side["variables"]["apertura"]["numbers"]["1"] == "interna"
    for respondent, reason in (("C03", "unasked"), ("C05", "dont_know"), ("C06", "refused")):
        for name in ("apertura", "acc_diseno__dis_01", "presupuesto"):
            expected = wanted[reason]
            if kind == "sav":
                expected = side["variables"][name]["missing"][reason]
            assert frame.loc[respondent, name] == expected, (respondent, name)
    assert pd.isna(frame.loc["C04", "apertura"])  # a blank has no code
    assert list(frame.loc[["C01", "C02"], "acc_diseno__dis_01"]) == [1, 0]
    assert list(frame.loc[["C01", "C02"], "acc_diseno__ninguna"]) == [0, 1]
    assert frame.loc["C01", "presupuesto"] == 12.5
    assert frame.loc["C01", "abierta_logros"] == "Ñandú «así»\n2"
    assert side["missing_texts"]["abierta_logros"]["C06"] == "refused"
    assert side["evidence"] == "demo"


def test_the_sidecar_holds_what_the_file_cannot(form):
    side = json.loads(labelled(form, "dta").sidecar)
    assert any("respuesta múltiple" in loss for loss in side["not_in_the_file"])
    assert any("se acortaron" in loss for loss in side["not_in_the_file"])
    made = side["multiple_response_sets"][MANY]
    assert made["counted"] == 1 and len(made["variables"]) == 11  # 9 actions, otro, ninguna
    first = side["variables"][made["variables"][0]]
    assert (first["choice"], first["action"], first["stage"]) == ("dis_01", "dis_01", "diseno")
    assert first["label"]["en"].startswith("Definition of an")


# DDI and JSON-LD ---------------------------------------------------------------------------------


@pytest.mark.skipif(
    "CUADERNOS_SCHEMAS" not in os.environ, reason="CUADERNOS_SCHEMAS names no folder of schemas"
)
def test_the_ddi_is_valid_empty_and_with_counts(form, wave):
    folder = Path(os.environ["CUADERNOS_SCHEMAS"]) / "ddi-codebook-2.5"
    schema = etree.XMLSchema(etree.parse(folder / "codebook.xsd"))
    for given in (None, wave):
        document = etree.fromstring(ddi(form, given))
        assert schema.validate(document), schema.error_log


def test_the_ddi_has_variables_groups_and_counts(form, wave):
    root = etree.fromstring(ddi(form, wave))
    names = {"d": NAMESPACE}
    found = root.xpath("//d:var/@name", namespaces=names)
    assert found == [variable.name for variable in variables(form)]
    group = root.xpath("//d:varGrp[@name='acc_diseno']", namespaces=names)[0]
    assert group.get("type") == "multipleResp" and len(group.get("var").split()) == 11
    (variable,) = root.xpath("//d:var[@name='apertura']", namespaces=names)
    counts = {
        c.findtext(f"{{{NAMESPACE}}}catValu"): c.findtext(f"{{{NAMESPACE}}}catStat")
        for c in variable.iter(f"{{{NAMESPACE}}}catgry")
    }
    assert counts == {"1": "1", "2": "0", "3": "0", "9996": "1", "9998": "1", "9999": "1"}
    (chosen,) = root.xpath("//d:var[@name='acc_diseno__dis_01']", namespaces=names)
    assert chosen.findtext(f"{{{NAMESPACE}}}TotlResp") == "2"
    assert "${realiza_evaluacion} = 'si'" in variable.findtext(f"{{{NAMESPACE}}}universe")


def test_the_json_ld_names_each_variable_in_both_languages(form, wave):
    about = json.loads(jsonld(form, wave))
    assert (about["@context"], about["@type"]) == ("https://schema.org", "Dataset")
    assert about["size"]["value"] == 6
    assert "Reconstrucción" in about["description"][0]["@value"]
    measured = {v["propertyID"]: v for v in about["variableMeasured"]}
    assert list(measured) == [variable.name for variable in variables(form)]
    one = measured["apertura"]
    assert {label["@language"] for label in one["description"]} == {"es", "en"}
    assert one["valueReference"][0]["termCode"] == "1"
    assert {p["name"]: p["value"] for p in one["additionalProperty"]}["answered"] == 2


# Pages -------------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.levels, self.ids, self.links, self.text, self.lang = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        assert tag not in ("script", "img", "link"), tag
        if tag == "html":
            self.lang = found["lang"]
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if "id" in found:
            self.ids.append(found["id"])
        if found.get("href", "").startswith("#"):
            self.links.append(found["href"][1:])

    def handle_data(self, data):
        if self.get_starttag_text() != "<style>" or "{" not in data:
            self.text.append(data)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("make", [codebook_page, form_page])
def test_a_page_is_well_formed_and_says_what_it_is(form, make, lang):
    page = Page(make(form, lang))
    said = " ".join(page.text)
    assert page.lang == lang and page.levels[0] == 1 and page.levels.count(1) == 1
    assert all(
        after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False)
    )
    assert len(page.ids) == len(set(page.ids)) and set(page.links) <= set(page.ids)
    assert form.statement[lang] in said
    for item in form.questions:
        for choice in item.choices:
            assert choice.label[lang] in said
    assert "http" not in said


def test_the_codebook_counts_with_a_base_and_no_percentage(form, wave):
    text = codebook_page(form, "es", wave)
    said = " ".join(Page(text).text)
    assert "Recuento (de 2)" in said and "Recuentos de la ola prueba, 6 respondentes" in said
    assert "DEMOSTRACIÓN" in said  # its respondents are fictitious
    assert not re.search(r"\d\s*%", said)
    assert "DEMOSTRACIÓN" not in codebook_page(form, "es")


def test_hostile_labels_stay_text(form):
    from dataclasses import replace

    label = {"es": "<script>alert(1)</script>", "en": "<b>x</b>"}
    items = tuple(replace(i, label=label) if i.code == "ciudad" else i for i in form.items)
    for make in (codebook_page, form_page):
        Page(make(replace(form, items=items), "es"))  # refuses a script
    assert form_pdf(replace(form, items=items)).startswith(b"%PDF")


def test_the_paper_form_numbers_questions_and_says_skips_in_plain_words(form):
    sheet = paper(form, "es")
    questions = [q for s in sheet["sections"] for r in s["runs"] for q in r["questions"]]
    assert [q["number"] for q in questions] == list(range(1, len(questions) + 1))
    others = [i for i in form.questions if i.code.endswith("_otro")]
    assert len(questions) == len(form.questions) - len(others)
    whens = [r["when"] for s in sheet["sections"] for r in s["runs"] if r["when"]]
    whens += [s["when"] for s in sheet["sections"] if s["when"]]
    assert "Responda las preguntas 17 a 22 solo si en la pregunta 16 respondió «Sí»." in whens
    assert "Responda esta parte solo si en la pregunta 16 respondió «Sí»." in whens
    assert not any(re.search(r"[$_{}]", when) for when in whens)
    assert {q["code"] for q in questions if q["kind"] == "lines"} == {
        i.code for i in form.questions if i.multiline
    }


def test_the_paper_form_is_a_tagged_pdf_in_its_language(form):
    import pikepdf

    with pikepdf.open(io.BytesIO(form_pdf(form, "en"))) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.docinfo["/Title"] == form.title["en"]
        assert 6 <= len(pdf.pages) <= 14


# The template ------------------------------------------------------------------------------------


def test_the_template_has_the_codes_that_are_read_back_and_drop_downs(form):
    book = openpyxl.load_workbook(io.BytesIO(template(form, "es")))
    guide, answers, lists = book.worksheets
    assert (guide.title, answers.title, lists.sheet_state) == ("Guía", "Respuestas", "hidden")
    heads = [cell.value for cell in answers[1]]
    assert (
        heads[:2] == ["respondente", "ciudad"]
        and "acc_diseno/dis_01" in heads
        and "acc_diseno_otro" in heads
    )
    assert len(heads) == len(set(heads))
    rules = {str(r.sqref): r for r in answers.data_validations.dataValidation}
    column = openpyxl.utils.get_column_letter(heads.index("apertura") + 1)
    rule = rules[f"{column}2:{column}201"]
    assert rule.type == "list" and rule.prompt.startswith(form.item("apertura").label["es"])
    area = rule.formula1.split("!")[1].replace("$", "")
    shown = [cell[0].value for cell in lists[area]]
    assert shown == [choice.label["es"] for choice in form.item("apertura").choices]
    column = openpyxl.utils.get_column_letter(heads.index("personal") + 1)
    rule = rules[f"{column}2:{column}201"]
    assert (rule.type, rule.formula1, rule.formula2) == ("whole", "0", "5000")
    codes = {row[0].value for row in guide.iter_rows()}
    assert {item.code for item in form.questions} <= codes


# Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "es", "en"),
    [
        ("selected(${redes}, 'ucci')", "en redes marcó", "in redes “Union"),
        ("not(selected(${redes}, 'otro'))", "no marcó «Otra»", "is not marked"),
        ("${personal} >= 3", "escribió 3 o un número mayor", "3 or more"),
        ("not(${personal} >= 3)", "menor que 3", "less than 3"),
        ("count-selected(${redes}) > 1", "marcó más de 1 opciones", "more than 1"),
        ("${cargo} != 'x'", "no respondió «x»", "is not “x”"),
        ("true()", "siempre", "always"),
        ("${personal} > ${poblacion}", "${personal} > ${poblacion}", "${personal}"),
    ],
)
def test_a_condition_is_said_in_words(form, rule, es, en):
    assert es in in_words([rule], form, "es", str)
    assert en in in_words([rule], form, "en", str)


def test_what_is_said_of_one_question_names_it_once(form):
    said = in_words(["${personal} > 1 and not(${personal} > 9)"], form, "es", str)
    assert said.count("personal") == 1
    assert evaluate("${personal} > 1 and not(${personal} > 9)", {"personal": 5}) is True


def test_simple_limits_are_read():
    assert bounds(". >= 1800 and . <= 2100") == (1800, 2100)
    assert bounds(". <= ${personal}") == (None, None)
    assert bounds(None) == (None, None)


# The command's work ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ddi", "sav"])
def test_a_file_is_written_and_never_replaced_unasked(form, kind, tmp_path):
    out = tmp_path / f"nuevo{FORMATS[kind][0]}"
    files, _ = export(form, kind, out)
    assert all(path.is_file() for path in files)
    assert len(files) == (2 if kind == "sav" else 1)
    before = files[-1].read_bytes()
    with pytest.raises(ExportError, match="--force"):
        export(form, kind, out)
    assert files[-1].read_bytes() == before
    export(form, kind, out, force=True)


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("xlsform", "x.xls", r"\.xlsx"),
        ("print", "x.docx", r"\.html o \.pdf"),
        ("nada", "x.xlsx", "xlsform, sav"),
        ("ddi", ".", "carpeta"),
    ],
)
def test_what_cannot_be_written_is_said(form, kind, name, said, tmp_path):
    with pytest.raises(ExportError, match=said):
        export(form, kind, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_format_without_answers_refuses_a_wave(form, wave, tmp_path):
    with pytest.raises(ExportError, match="--wave"):
        export(form, "template", tmp_path / "x.xlsx", wave=wave)
