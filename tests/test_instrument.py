"""Tests of the questionnaire: its tables, the check before use, what changes between versions."""

import csv
import re
import shutil

import pytest

from analysis import datapackage
from analysis.instrument import (
    InstrumentError,
    UnknownItemError,
    common_choices,
    compare,
    evaluate,
    load_crosswalk,
    load_instrument,
    parse,
    versions,
)
from analysis.instrument.check import check_instruments, version_problems
from analysis.instrument.comparison import crosswalk_problems
from analysis.instrument.create import new_version
from analysis.instrument.tables import read_tables, source_labels
from analysis.paths import Project


@pytest.fixture(scope="session")
def form(project):
    return load_instrument(project)


@pytest.fixture(scope="session")
def variant(project):
    return load_instrument(project, "demo-b")


# The version of 2017 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "number"), [("diseno", 9), ("implementacion", 17), ("evaluacion", 10)]
)
def test_the_actions_are_those_of_the_annex_with_their_labels(form, study, stage, number):
    item = form.item(f"acc_{stage}")
    actions = [choice for choice in item.choices if choice.action]
    published = study.actions[study.actions["stage"] == stage].set_index("id")
    assert [choice.code for choice in actions] == [choice.action for choice in actions]
    assert [choice.code for choice in actions] == list(published.index)
    assert len(actions) == number
    reworded = {"imp_01", "eva_06"}  # said in the tables, with the reason
    for choice in actions:
        if choice.code not in reworded:
            assert choice.label["es"] == published.loc[choice.code, "label_es"]
            assert choice.label["en"] == published.loc[choice.code, "label_en"]
    assert [c.code for c in item.choices[number:]] == ["otro", "ninguna", "no_sabe", "no_responde"]


def test_the_risks_are_those_of_the_annex(form, study):
    found = [
        choice.code
        for item in form.questions
        if item.code.startswith("riesgos_")
        for choice in item.choices
        if choice.source
    ]
    assert found == list(study.table("risks")["id"])


def test_the_mechanisms_carry_the_three_intensities(form):
    by_intensity = {}
    for choice in form.item("mecanismos").choices:
        by_intensity.setdefault(choice.intensity, []).append(choice.code)
    assert set(by_intensity) == {"discrecional", "intermitente", "constante", None}
    assert by_intensity[None] == ["otro", "ninguna", "no_sabe", "no_responde"]


def test_it_says_that_it_is_reconstructed(form):
    assert form.settings["status"]["es"] == "reconstruida"
    assert "Reconstrucción" in form.statement["es"]
    assert "Reconstruction" in form.statement["en"]


def test_the_items_that_other_parts_rely_on_are_there(form):
    singles = ["pais", "region", "tipo_entidad", "apertura", "presupuesto", "personal", "ciudad"]
    multiples = [
        "redes",
        "acc_diseno",
        "acc_implementacion",
        "acc_evaluacion",
        "momento_evaluacion",
        "mecanismos",
        "niveles_intervencion",
        "jerarquia_indicadores",
        "dimension_medida",
        "audiencias",
        "riesgos_presupuesto",
    ]
    assert {form.item(code).type for code in multiples} == {"select_multiple"}
    assert all(form.item(code).is_question for code in singles)
    assert form.item("ciudad").sensitivity == "identifying"
    opened = [item for item in form.questions if item.code.startswith("abierta_")]
    assert len(opened) == 5 and all(item.multiline for item in opened)


def test_every_otro_has_its_text_asked_only_then(form):
    for item in form.questions:
        if any(choice.other for choice in item.choices):
            text = form.other_item(item.code)
            assert text.type == "text"
            assert evaluate(text.relevant, {item.code: ["otro"]}) is True
            assert evaluate(text.relevant, {item.code: [item.choices[0].code]}) is False
        else:
            assert form.other_item(item.code) is None


def test_what_excludes_the_rest_may_not_stand_beside_it(form):
    rule = form.item("acc_diseno").constraint
    assert evaluate(rule, {}, ["ninguna"]) is True
    assert evaluate(rule, {}, ["dis_01", "dis_02"]) is True
    assert evaluate(rule, {}, ["dis_01", "ninguna"]) is False
    assert evaluate(rule, {}, ["no_sabe", "no_responde"]) is False
    assert "«No sabe»" in form.item("acc_diseno").constraint_message["es"]
    assert "“Does not know”" in form.item("acc_diseno").constraint_message["en"]


def test_the_conditions_of_the_groups_count(form):
    assert form.parents["audiencias"] == ("informacion",)
    assert form.conditions("audiencias") == ("${realiza_evaluacion} = 'si'",)
    assert len(form.conditions("presentacion")) == 2
    assert next(form.children("informacion")).code == "audiencias"


def test_an_unknown_item_or_choice_names_what_there_is(form):
    with pytest.raises(UnknownItemError, match="acc_diseno"):
        form.item("acc_disenyo")
    with pytest.raises(UnknownItemError, match="dis_01"):
        form.item("acc_diseno").choice("dis_99")


def test_an_unknown_version_names_those_that_exist(project):
    with pytest.raises(ValueError, match="2017, demo-b"):
        load_instrument(project, "2018")
    assert versions(project) == ("2017", "demo-b")


def test_the_tables_are_sound_and_sealed(project):
    assert check_instruments(project) == []
    names = {folder.name for folder in datapackage.packages(project.raw)}
    assert {"instrument", "2017", "demo-b"} <= names


# The check before use ----------------------------------------------------------------------------


class Tables:
    """The tables of a copied project, to be broken."""

    def __init__(self, project, version="2017"):
        self.project, self.version = project, version
        self.folder = project.raw / "instrument" / version

    def edit(self, table, change):
        path = self.folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        columns = list(rows[0])
        rows = change(rows) or rows
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def set(self, table, key, column, value, field="name"):
        def change(rows):
            next(row for row in rows if row[field] == key)[column] = value

        self.edit(table, change)

    def problems(self, study):
        tables = read_tables(self.folder)
        actions = set(study.actions["id"])
        return version_problems(self.version, tables, source_labels(study), actions)


@pytest.fixture
def tables(project, tmp_path):
    folder = tmp_path / "data" / "raw" / "instrument" / "2017"
    shutil.copytree(project.raw / "instrument" / "2017", folder)
    return Tables(Project(tmp_path))


FAULTS = {
    "unknown item in a condition": (
        ("items", "momento_evaluacion", "relevant", "${no_hay} = 'si'"),
        "no hay ninguna pregunta «no_hay»",
    ),
    "unknown choice in a condition": (
        ("items", "momento_evaluacion", "relevant", "${realiza_evaluacion} = 'sí'"),
        "«realiza_evaluacion» no tiene la opción «sí»",
    ),
    "condition that cannot be read": (
        ("items", "momento_evaluacion", "relevant", "selected(${redes} 'x')"),
        "se esperaba «,»",
    ),
    "condition on oneself": (
        ("items", "momento_evaluacion", "relevant", "${momento_evaluacion} = 'ex_post'"),
        "las condiciones dan la vuelta",
    ),
    "condition on a later item": (
        ("items", "ciudad", "relevant", "${personal} > 0"),
        "se pregunta después",
    ),
    "condition on a group": (
        ("items", "momento_evaluacion", "relevant", "${acciones} = 'si'"),
        "no es una pregunta",
    ),
    "own answer in a condition": (
        ("items", "momento_evaluacion", "relevant", ". = 'si'"),
        "la respuesta propia",
    ),
    "unknown choice in a constraint": (
        ("items", "apertura", "constraint", ". != 'cerrada'"),
        "no tiene la opción «cerrada»",
    ),
    "question without English": (("items", "personal", "label_en", ""), "en este idioma"),
    "choice without English": (("choices", "despacho", "label_en", ""), "en este idioma"),
    "duplicate code": (("items", "personal_medicion", "name", "personal"), "dele otro"),
    "duplicate choice": (("choices", "dis_02", "name", "dis_01"), "ya está en la lista"),
    "invalid code": (("items", "personal", "name", "Personal total"), "empieza por letra"),
    "invalid choice code": (("choices", "dis_02", "name", "dis 02"), "solo letras sin tilde"),
    "word of SPSS": (("items", "abierta_logros", "name", "with"), "SPSS reserva"),
    "unknown type": (("items", "personal", "type", "range"), "se admite: text"),
    "unknown list": (("items", "apertura", "type", "select_one nada"), "no tiene opciones"),
    "list on a text": (("items", "ciudad", "type", "text pais"), "llevan una lista"),
    "otro without its text": (("items", "redes_otro", "name", "redes_mas"), "falta la pregunta"),
    "otro never opened": (("items", "redes_otro", "relevant", "true()"), "selected(${redes}"),
    "unknown action": (("choices", "dis_02", "action", "dis_99"), "actions.csv"),
    "unknown source": (("choices", "dis_02", "source_id", "dis_99"), "no existe en la tabla"),
    "missing reason that allows others": (
        ("choices", "no_sabe", "exclusive", "false"),
        "escriba true",
    ),
    "otro that allows none": (("choices", "otro", "exclusive", "true"), "escriba false"),
    "group left open": (("items", "", "type", "note"), "falta end_group"),
    "limit without words": (
        ("items", "apertura", "constraint", ". != 'interna'"),
        "falta decir qué se admite",
    ),
    "default language": (
        ("settings", "default_language", "value_es", "fr"),
        "se admite: es, en",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(tables, study, name):
    (table, key, column, value), said = FAULTS[name]
    tables.set(table, key, column, value, "setting" if table == "settings" else "name")
    found = [p for p in tables.problems(study) if said in p.expected]
    assert found, [str(p) for p in tables.problems(study)]
    assert found[0].file.startswith("2017/") and found[0].row


def test_a_circle_of_conditions_is_told(tables, study):
    tables.set("items", "metodos", "relevant", "${muestreo} = 'si'")
    tables.set("items", "muestreo", "relevant", "selected(${metodos}, 'encuestas')")
    assert any("dan la vuelta" in p.expected for p in tables.problems(study))


def test_all_faults_are_told_at_once_and_stop_the_use(project_copy):
    tables = Tables(project_copy)
    for name in ("unknown item in a condition", "otro that allows none", "unknown action"):
        tables.set(*FAULTS[name][0])
    datapackage.seal(tables.folder)
    with pytest.raises(InstrumentError) as caught:
        load_instrument(project_copy)
    assert len(caught.value.problems) == 3
    assert "3 problemas" in str(caught.value)
    assert "cuadernos instrument check" in str(caught.value)
    assert check_instruments(project_copy, "2017") == caught.value.problems


def test_a_missing_column_is_said_and_not_a_crash(project_copy):
    path = project_copy.raw / "instrument" / "2017" / "items.csv"
    path.write_text(path.read_text("utf-8").replace("relevant", "pertinente", 1), "utf-8")
    found = [str(problem) for problem in check_instruments(project_copy, "2017")]
    assert any("relevant" in problem for problem in found)


def test_a_code_that_changes_its_meaning_between_versions_is_told(project_copy):
    tables = Tables(project_copy, "demo-b")
    tables.set("items", "personal_medicion", "label_es", "¿Cuántas computadoras tiene?")
    tables.set("items", "cargo", "label_es", "¿Cuál es su profesión?")
    datapackage.seal(tables.folder)
    found = [p for p in check_instruments(project_copy) if p.file == "crosswalk.csv"]
    assert [p.value for p in found] == ["cargo"]  # the other is in the crosswalk, reviewed
    assert "dele otro código" in found[0].expected


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("version_b", "demo-z", "no hay tal versión"),
        ("item_b", "nada", "no tiene la pregunta"),
        ("choice_b", "nada", "no tiene la opción"),
    ],
)
def test_a_row_of_the_crosswalk_that_names_nothing_is_told(
    project, form, variant, column, value, said
):
    rows = load_crosswalk(project)
    rows[5] = {**rows[5], column: value}
    found = crosswalk_problems({"2017": form, "demo-b": variant}, rows)
    assert said in found[0].expected
    assert (found[0].row, found[0].column, found[0].value) == (7, column, value)


def test_the_same_code_cannot_be_declared_not_comparable(project, form, variant):
    rows = [{**row, "verdict": "not_comparable"} for row in load_crosswalk(project)]
    found = crosswalk_problems({"2017": form, "demo-b": variant}, rows)
    assert "momento_evaluacion" in {p.value for p in found}
    assert "personal" not in {p.value for p in found}  # another code, so another meaning


# Versions compared -------------------------------------------------------------------------------


def test_each_change_has_its_verdict(project, form, variant):
    frame = compare(form, variant, load_crosswalk(project))
    items = frame[frame["level"] == "item"]
    changed = items[items["change"] != "unchanged"]
    found = {
        (row.item_a if isinstance(row.item_a, str) else None): (row.change, row.verdict)
        for row in changed.itertuples()
        if isinstance(row.item_a, str)
    }
    assert found == {
        "tipo_entidad": ("choices", "comparable_with_recode"),
        "momento_evaluacion": ("reworded", "comparable"),
        "mecanismos": ("choices", "comparable_with_recode"),
        "naturaleza_indicadores": ("dropped", "not_comparable"),
        "personal": ("renamed+reworded+type", "not_comparable"),
        "personal_medicion": ("constraint+relevance+reworded", "comparable"),
    }
    assert list(changed[changed["change"] == "added"]["item_b"]) == ["indicadores_ods"]
    assert set(items[items["change"] == "unchanged"]["verdict"]) == {"comparable"}
    assert frame["reason_es"].notna().all() and frame["reason_en"].notna().all()


def test_what_no_one_reviewed_is_not_comparable(form, variant):
    frame = compare(form, variant, [])
    row = frame[frame["item_a"].eq("momento_evaluacion") & frame["level"].eq("item")].iloc[0]
    assert row["verdict"] == "not_comparable" and not row["reviewed"]
    choices = frame[frame["level"].eq("choice") & frame["item_a"].eq("mecanismos")]
    assert set(choices["change"]) == {"dropped", "added"}


def test_a_version_compared_with_itself_has_no_change(project, form):
    frame = compare(form, form, load_crosswalk(project))
    assert set(frame["change"]) == {"unchanged"} and set(frame["verdict"]) == {"comparable"}
    assert len(frame) == len(form.questions)


def test_the_comparison_may_be_asked_the_other_way(project, form, variant):
    there = compare(form, variant, load_crosswalk(project))
    back = compare(variant, form, load_crosswalk(project))

    def verdicts(frame, a, b):
        pairs = frame[frame["level"].eq("item")][[a, b, "verdict"]].fillna("")
        return sorted(map(tuple, pairs.to_numpy()))

    assert verdicts(there, "item_a", "item_b") == verdicts(back, "item_b", "item_a")


def test_merged_and_split_choices_get_a_common_code(project, form, variant):
    crosswalk = load_crosswalk(project)
    split = common_choices(form, variant, crosswalk, "mecanismos").set_index(["version", "choice"])
    assert split.loc[("demo-b", "informes_anuales"), "common"] == "informes_gestion"
    assert split.loc[("demo-b", "informes_parciales"), "common"] == "informes_gestion"
    merged = common_choices(form, variant, crosswalk, "tipo_entidad")
    merged = merged.set_index(["version", "choice"])["common"]
    kinds = ["gobierno_provincial", "gobierno_regional", "gobierno_estatal"]
    assert (
        len({merged["2017", kind] for kind in kinds} | {merged["demo-b", "gobierno_intermedio"]})
        == 1
    )
    assert merged["2017", "ciudad"] == merged["demo-b", "ciudad"] == "ciudad"
    alone = common_choices(form, variant, [], "mecanismos").set_index(["version", "choice"])
    assert alone.loc[("2017", "informes_gestion"), "common"] is not alone
    assert alone["common"].isna().sum() == 3


def test_conditions_of_every_version_can_be_read(form, variant):
    for instrument in (form, variant):
        for item in instrument.items:
            for text in filter(None, (item.relevant, item.constraint)):
                assert parse(text).items <= {other.code for other in instrument.questions}


def test_the_wording_is_not_that_of_an_export(form):
    labels = [item.label[lang] for item in form.items for lang in form.languages]
    assert all(label == label.strip() and not re.search(r"\s{2}|\$\{", label) for label in labels)


def test_a_version_starts_as_a_sealed_copy_that_says_what_it_is(project, tmp_path, form):
    for name in ("cuaderno8", "instrument"):
        shutil.copytree(project.raw / name, tmp_path / "data" / "raw" / name)
    (tmp_path / "notebooks").mkdir()
    here = Project(tmp_path)
    folder = new_version(here, "red-2027", "2017", {"en": "Network survey"})
    assert datapackage.validate(folder) == [] and check_instruments(here) == []
    made = load_instrument(here, "red-2027")
    assert made.items == form.items
    assert made.title == {"es": form.title["es"], "en": "Network survey"}
    assert "red-2027" in made.statement["es"] and made.settings["status"]["es"] == "propia"
    assert made.settings["form_id"]["es"] == "cuadernos_ciudades_red_2027"
    same = compare(form, made, load_crosswalk(here))
    assert set(same["change"]) == {"unchanged"} and set(same["verdict"]) == {"comparable"}
    for name, source in (("red-2027", "2017"), ("Red 2027", "2017"), ("2028", "1999")):
        with pytest.raises(ValueError, match=r"versión"):
            new_version(here, name, source)
    assert not list((here.raw / "instrument").glob(".*"))
