"""Tests of the published facts: how many there are, and how they are reached."""

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from analysis.paths import Project, ProjectNotFoundError
from analysis.provenance import UNSTATED, EvidenceClass, ProvenanceError
from analysis.published import Study, UnknownRowError, load_study

# How many there are ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("claims", 133),  # cif_001 to cif_133
        ("cities", 30),  # 10 respondents, 12 members with CDMX, guests, and those only named
        ("actions", 36),  # annex, charts 1 to 3
        ("table1", 41),  # annex, Tabla 1
        ("risks", 26),  # annex, lists of risks
        ("risk_categories", 5),  # annex, «Proceso afectado por...»
        ("qualitative_claims", 62),
        ("indicators", 78),  # sections 2.2.b to 2.2.c and 3
        ("cases", 10),  # Caso 1 to Caso 10
        ("case_elements", 140),
        ("codebook", 70),
    ],
)
def test_the_tables_hold_all_the_facts(study: Study, table: str, rows: int) -> None:
    assert len(study.table(table)) == rows


def test_figures_are_numbered_without_gaps(study: Study) -> None:
    assert study.claims["id"].tolist() == [f"cif_{number:03}" for number in range(1, 134)]


def test_122_figures_are_stated_and_11_follow_from_a_list(study: Study) -> None:
    claims = study.all_claims()
    assert sum(claim.stated for claim in claims) == 122
    # what the text never writes: lengths of lists and of the charts of the annex
    assert [claim.id for claim in claims if not claim.stated] == [
        "cif_001",
        "cif_016",
        "cif_041",
        "cif_077",
        "cif_086",
        "cif_096",
        "cif_123",
        "cif_126",
        "cif_127",
        "cif_132",
        "cif_133",
    ]


def test_the_three_charts_have_9_17_and_10_actions_numbered_in_order(study: Study) -> None:
    # annex: Gráfica 1 (design), 2 (implementation) and 3 (evaluation)
    numbers = {
        stage: rows["number"].tolist() for stage, rows in study.actions.groupby("stage", sort=False)
    }
    assert numbers == {
        "diseno": list(range(1, 10)),
        "implementacion": list(range(1, 18)),
        "evaluacion": list(range(1, 11)),
    }


def test_the_risks_are_5_5_5_4_and_7_by_category(study: Study) -> None:
    # annex: the lists under each «Proceso afectado por...»
    assert study.table("risks")["category_id"].value_counts().to_dict() == {
        "presupuesto": 5,
        "largo_plazo": 5,
        "liderazgo": 5,
        "comunicacion": 4,
        "cambio_gobierno": 7,
    }


def test_the_ten_respondents_are_those_of_note_10_of_the_annex(study: Study) -> None:
    short = [re.sub(r" \(.*", "", name) for name in study.respondents["name_es"]]
    assert short == [
        "Ciudad de México",
        "Medellín",
        "Área Metropolitana del Valle de Aburrá",
        "Madrid",
        "Brasilia",
        "Buenos Aires",
        "Montevideo",
        "Lima",
        "La Habana",
        "Ciudades Unidas de Francia",
    ]
    assert all("respondente" in roles for roles in study.respondents["roles"])


def test_nobody_else_is_called_a_respondent(study: Study) -> None:
    others = study.cities[~study.cities["id"].isin(study.respondents["id"])]
    assert len(others) == 20
    assert not others["roles"].str.contains("respondente").any()


def test_the_cuaderno_is_cited_by_series_and_number(study: Study) -> None:
    assert study.citation == "Cuaderno AL-LAs N.º\u00a08"
    assert study.title == "Hacia una acción internacional sostenible en las ciudades"
    assert study.publishers == ("AL-LAs", "UCCI", "Universidad del Rosario")
    assert study.year == 2018


# How they are reached --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "dtype"),
    [
        ("claims", "value", "string"),
        ("actions", "number", "Int64"),
        ("cities", "answered_questionnaire", "boolean"),
        ("cities", "case_number", "Int64"),
        ("cases", "number", "Int64"),
        ("indicators", "dimension_stated", "boolean"),
    ],
)
def test_columns_have_the_type_of_their_schema(
    study: Study, table: str, column: str, dtype: str
) -> None:
    assert str(study.table(table)[column].dtype) == dtype


def test_a_figure_has_everything_that_the_table_says_of_it(study: Study) -> None:
    # section 2.1: «el valor llega a un 48%», without a base
    claim = study.claim("cif_098")
    assert (claim.id, claim.value, claim.kind) == ("cif_098", "48", "porcentaje")
    assert (claim.qualifier, claim.scope, claim.stated) == ("exacto", "estudio", True)
    assert (claim.base_status, claim.base_unit) == ("no_declarada", "unknown")
    assert claim.measure["es"] == "Reportes, informes y reuniones intermitentes"
    assert claim.measure["en"] == "Intermittent updates, reports and meetings"
    assert claim.stated_base == {"es": "", "en": ""}
    assert claim.unit == {"es": "%", "en": "%"}
    assert str(claim.percentage) == "48"
    assert (claim.origin.table, claim.origin.rows, claim.origin.section) == (
        "claims",
        ("cif_098",),
        "2.1",
    )


def test_a_figure_cannot_be_changed(study: Study) -> None:
    with pytest.raises(FrozenInstanceError):
        study.claim("cif_098").value = "50"  # type: ignore[misc]


def test_all_figures_are_given_in_the_order_of_the_document(study: Study) -> None:
    claims = study.all_claims()
    assert [claim.id for claim in claims] == study.claims["id"].tolist()
    assert claims[97] == study.claim("cif_098")
    assert all(claim.origin.section for claim in claims)


def test_a_published_share_carries_what_is_known_and_what_is_not(study: Study) -> None:
    share = study.share("cif_099")  # section 2.1: 33 % of «oficinas»
    assert share.evidence is EvidenceClass.PUBLISHED
    assert (share.base.unit, share.base.n, share.count) == ("office", None, None)
    assert (share.rounding, share.interval) == (UNSTATED, None)
    assert share.no_interval == "count_unpublished"
    assert str(share.percentage) == "33"
    assert share.origins == (study.claim("cif_099").origin,)


def test_every_published_percentage_can_be_shown_as_a_share(study: Study) -> None:
    percentages = [claim for claim in study.all_claims() if claim.kind == "porcentaje"]
    # sections 1.1.a (0.33), Caso 7 (0,7) and 2.1 (80, 20, 48 and 33)
    assert [claim.value for claim in percentages] == ["0.33", "0.7", "80", "20", "48", "33"]
    for claim in percentages:
        details = study.share(claim.id).details("es")
        assert len(details) == 7
        assert all(text.strip() for _, text in details)


def test_only_what_the_text_states_is_called_published(study: Study) -> None:
    for claim in study.all_claims():
        published = claim.evidence is EvidenceClass.PUBLISHED
        assert published is claim.stated, claim.id
        assert published or claim.evidence is EvidenceClass.BOUNDED, claim.id


def test_a_count_cannot_pass_for_a_share(study: Study) -> None:
    with pytest.raises(ValueError, match="cif_123"):
        study.share("cif_123")


def test_a_published_number_says_whether_it_was_printed_or_counted(study: Study) -> None:
    printed, counted = study.quantity("cif_010"), study.quantity("cif_123")
    assert (printed.value, printed.method) == (5, "printed")  # «cinco fases»
    assert (counted.value, counted.method) == (10, "counted_list")  # note 10: never written
    assert printed.evidence is EvidenceClass.PUBLISHED
    assert counted.evidence is EvidenceClass.BOUNDED  # it follows from a list
    assert counted.origins[0].rows == ("cif_123",)


def test_an_origin_joins_rows_and_sections_once(study: Study) -> None:
    origin = study.origin("claims", ["cif_097", "cif_098", "cif_123", "cif_097"])
    assert origin.rows == ("cif_097", "cif_098", "cif_123")
    assert origin.section == "2.1; Anexo 1"
    assert origin.document == study.citation
    assert study.origin("cities", "cuf").section == "Anexo 1; 1.3; Caso 9"


def test_a_row_may_be_asked_for_by_its_number(study: Study) -> None:
    assert study.row("cases", "7")["city_id"] == "famsi"


def test_codes_have_labels_in_both_languages(study: Study) -> None:
    assert study.code_label("intensity", "constante", "es") == "Constante"
    assert study.code_label("stage", "diseno", "en") == "design"


# What does not exist ---------------------------------------------------------------------------


def test_an_unknown_table_is_refused_with_those_that_exist(study: Study) -> None:
    with pytest.raises(UnknownRowError) as error:
        study.table("respuestas")
    message = str(error.value)
    assert message.startswith("No hay tabla «respuestas»; hay: claims, ")
    assert all(name in message for name in study.tables)


@pytest.mark.parametrize(
    "ask",
    [
        lambda study: study.claim("cif_134"),
        lambda study: study.share("cif_134"),
        lambda study: study.quantity("cif_134"),
        lambda study: study.row("claims", "cif_134"),
        lambda study: study.origin("claims", ["cif_001", "cif_134"]),
    ],
)
def test_an_unknown_row_is_refused_with_its_table(
    study: Study, ask: Callable[[Study], object]
) -> None:
    with pytest.raises(UnknownRowError) as error:
        ask(study)
    assert "tabla «claims»" in str(error.value)
    assert "«cif_134»" in str(error.value)
    assert not str(error.value).startswith(("'", '"'))


@pytest.mark.parametrize(("vocabulary", "code"), [("stage", "cierre"), ("etapa", "diseno")])
def test_an_unknown_code_is_refused_with_its_vocabulary(
    study: Study, vocabulary: str, code: str
) -> None:
    with pytest.raises(UnknownRowError, match=f"«{vocabulary}» no tiene el código «{code}»"):
        study.code_label(vocabulary, code, "es")


def test_an_origin_of_no_row_is_refused(study: Study) -> None:
    with pytest.raises(ProvenanceError):
        study.origin("claims", [])


# Loading ---------------------------------------------------------------------------------------


def test_the_study_loads_from_a_folder_inside_the_project(
    project: Project, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_study(project.notebooks).citation == study.citation
    monkeypatch.chdir(project.raw)
    assert len(load_study().claims) == 133


def test_the_variable_of_the_project_is_used_outside_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUADERNOS_ROOT", str(project.root))
    assert len(load_study().claims) == 133


def test_a_folder_without_a_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUADERNOS_ROOT", raising=False)
    with pytest.raises(ProjectNotFoundError, match="--root"):
        load_study(tmp_path)


def test_a_study_may_be_copied_with_one_table_changed(study: Study) -> None:
    fewer = replace(study, tables={**study.tables, "claims": study.claims.head(3)})
    assert [claim.id for claim in fewer.all_claims()] == ["cif_001", "cif_002", "cif_003"]
    assert len(study.claims) == 133
