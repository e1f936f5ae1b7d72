import json
from pathlib import Path

import pytest

from analysis import readers
from analysis.readers import RawTable, ReadError, ReadOptions, formats
from analysis.readers.draft import Draft


def draft(path: Path, text: str, encoding: str = "utf-8", **options: object) -> Draft:
    """Read without a process of its own, to the end."""
    path.write_text(text, encoding)
    found = formats.open_draft(path, ReadOptions(**options))
    found.rows = iter(list(found.rows))
    return found


def roles(found: Draft | RawTable) -> dict[str, tuple[str, str, str]]:
    return {c.name: (c.role, c.question, c.choice) for c in found.columns}


# The columns and the first row are those of KoboToolbox's own export of its form «or_other»
# (kobotoolbox/formpack, fixtures/or_other).
OR_OTHER = (
    "fav_emperor;fav_emperor_other;fav_emperors;fav_emperors/julius;fav_emperors/augustus;"
    "fav_emperors/tiberius;fav_emperors/caligula;fav_emperors/other;fav_emperors_other\n"
    "other;Nero;caligula other;0;0;0;1;1;Commodus\n"
    "augustus;;julius tiberius;1;0;1;0;0;\n"
    "other;Marcus Aurelius;julius augustus;1;1;0;0;0;\n"
)


def test_the_or_other_export_of_kobo(tmp_path):
    (tmp_path / "a.csv").write_text(OR_OTHER, "utf-8")
    table = readers.read(tmp_path / "a.csv")
    first = table.rows.iloc[0].tolist()
    assert first == ["other", "Nero", "caligula other", *"00011", "Commodus"]
    assert roles(table) == {
        "fav_emperor": ("answer", "fav_emperor", ""),
        "fav_emperor_other": ("other", "fav_emperor", ""),
        "fav_emperors": ("summary", "fav_emperors", ""),
        **{
            f"fav_emperors/{choice}": ("choice", "fav_emperors", choice)
            for choice in ("julius", "augustus", "tiberius", "caligula", "other")
        },
        "fav_emperors_other": ("other", "fav_emperors", ""),
    }
    (group,) = table.multiple_sets
    assert (group.name, group.kind, group.counted) == ("fav_emperors", "dichotomous", "1")
    assert group.columns[3:] == ("fav_emperors/caligula", "fav_emperors/other")
    assert table.notes == ()


def test_a_summary_that_contradicts_its_columns_is_noted(tmp_path):
    found = draft(tmp_path / "a.csv", OR_OTHER.replace("julius tiberius", "julius"))
    assert "«fav_emperors» no dice lo mismo" in found.notes[0] and "(2)" in found.notes[0]


def test_groups_metadata_and_choices_without_a_summary(tmp_path):
    text = (
        "start,end,g/sub/acc/dis_01,g/sub/acc/dis_02,g/acc_x/uno,g/acc_x/dos,g/nota,_id,_uuid\n"
        "2018-03-03T10:00:00.000-05:00,x,1,0,5,1,hola,1,u1\n,,,,7,0,,2,u2\n"
    )
    found = draft(tmp_path / "a.csv", text)
    assert found.facts["tool"] == "KoboToolbox"
    assert [c.role for c in found.columns] == [
        *("metadata", "metadata", "choice", "choice", "answer", "answer", "answer"),
        *("metadata", "metadata"),
    ]
    assert found.columns[2].group == "g/sub" and found.columns[2].question == "acc"
    assert found.columns[4].group == "g/acc_x" and found.columns[4].question == "uno"
    assert [(s.name, len(s.columns)) for s in found.multiple_sets] == [("acc", 2)]
    assert "«acc» se leyó como pregunta de opción múltiple" in found.notes[0]


def test_an_odk_export(tmp_path):
    text = (
        "SubmissionDate,g-acc,g-acc/dis_01,g-acc/dis_02,g-otra,con-guion,meta-instanceID,KEY\n"
        "2018-03-03,dis_02,0,1,x,y,uuid:1,uuid:1\n"
    )
    found = draft(tmp_path / "a.csv", text)
    assert found.facts["tool"] == "ODK"
    assert roles(found)["g-acc"] == ("summary", "acc", "")
    assert roles(found)["g-acc/dis_02"] == ("choice", "acc", "dis_02")
    assert roles(found)["con-guion"] == ("answer", "con-guion", "")
    assert roles(found)["KEY"][0] == "metadata"
    assert found.columns[4].group == "g"


def qualtrics(multiple: list[dict[str, str]]) -> str:
    ids = [
        {"ImportId": "startDate", "timeZone": "America/Bogota"},
        {"ImportId": "_recordId"},
        {"ImportId": "QID1"},
        {"ImportId": "QID1_4_TEXT"},
        *multiple,
        {"ImportId": "QID3_1"},
        {"ImportId": "QID3_2"},
    ]
    rows = [
        ["StartDate", "ResponseId", "Q1", "Q1_4_TEXT", "Q2_1", "Q2_2", "Q3_1", "Q3_2"],
        [
            *("Start Date", "Response ID", "¿Tipo?\nElija", "¿Tipo? - Otro - Texto"),
            *("Redes - Selected Choice - CGLU", "Redes - Selected Choice - Otra"),
            *("Grado - A", "Grado - B"),
        ],
        [json.dumps(found) for found in ids],
        ["2018-03-03 10:00:00", "R_1", "Otro", "Distrito", "CGLU", "", "Alto", "Bajo"],
        ["2018-03-03 11:00:00", "R_2", "NA", "", "CGLU", "Otra", "Bajo", "Medio"],
    ]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join(quoted) + "\n"


@pytest.mark.parametrize(
    ("multiple", "notes"),
    [
        ([{"ImportId": "QID2", "choiceId": "1"}, {"ImportId": "QID2", "choiceId": "2"}], 0),
        ([{"ImportId": "QID2_1"}, {"ImportId": "QID2_2"}], 1),
    ],
)
def test_the_three_header_rows_of_qualtrics(tmp_path, multiple, notes):
    found = draft(tmp_path / "a.csv", qualtrics(multiple))
    rows = list(found.rows)
    assert found.facts["tool"] == "Qualtrics" and found.facts["time_zone"] == "America/Bogota"
    assert [row[1] for row in rows] == ["R_1", "R_2"] and rows[1][2] == "NA"
    assert found.columns[2].label == "¿Tipo?\nElija"
    assert roles(found)["Q1_4_TEXT"] == ("other", "Q1", "")
    assert roles(found)["Q2_2"] == ("choice", "Q2", "2")
    assert roles(found)["Q3_1"][0] == "answer"  # a matrix, not choices
    assert roles(found)["ResponseId"][0] == "metadata"
    (group,) = found.multiple_sets
    assert group.columns == ("Q2_1", "Q2_2") and group.label == "Redes"
    assert found.columns[5].label == "Otra"
    assert len(found.notes) == notes


def rows_of(*rows: dict[str, str]) -> str:
    cells = [
        "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in row.items()) + "</row>"
        for row in rows
    ]
    return f"<rows>{''.join(cells)}</rows>"


QUESTIONS = [
    ("1", "tipo", "L", "Y", "<p>¿Tipo de entidad?</p>"),
    ("2", "acc", "M", "Y", "¿Qué acciones realiza?"),
    ("3", "grado", "A", "N", "Grado"),
    ("4", "texto", "T", "N", "Cuente"),
    ("5", "sin", "T", "N", "Sin columna"),
]
SUBQUESTIONS = [
    ("6", "2", "SQ001", "Diseñar"),
    ("7", "2", "SQ002", "Evaluar"),
    ("8", "3", "A1", "Uno"),
]
ANSWERS = [("1", "1", "A1", "Ciudad"), ("2", "1", "A2", "Provincia")]


def structure(path: Path, version: int) -> Path:
    """Write a questionnaire's structure as LimeSurvey 3 or 6 does: texts beside, or apart."""
    new = version > 3
    questions, texts, subs = [], [], []
    for number, code, kind, other, text in QUESTIONS:
        row = {"qid": number, "parent_qid": "0", "gid": "9", "type": kind, "title": code}
        row |= {"other": other} | ({} if new else {"question": text, "language": "es"})
        questions.append(row)
        texts.append({"qid": number, "question": text, "language": "es"})
        texts.append({"qid": number, "question": "English", "language": "en"})
    for number, parent, code, text in SUBQUESTIONS:
        row = {"qid": number, "parent_qid": parent, "title": code}
        subs.append(row | ({} if new else {"question": text, "language": "es"}))
        texts.append({"qid": number, "question": text, "language": "es"})
    answers = [
        {"aid": a, "qid": q, "code": c}
        if new
        else {"qid": q, "code": c, "answer": t, "language": "es"}
        for a, q, c, t in ANSWERS
    ]
    apart = [{"aid": a, "answer": t, "language": "es"} for a, _, _, t in ANSWERS]
    group = {"gid": "9"} | ({} if new else {"group_name": "Primera", "language": "es"})
    parts = {
        "groups": rows_of(group),
        "questions": rows_of(*questions),
        "subquestions": rows_of(*subs),
        "answers": rows_of(*answers),
        "surveys": rows_of({"sid": "1", "language": "en"}),
        "surveys_languagesettings": rows_of(
            {"surveyls_language": "es", "surveyls_title": "Ciudades"}
        ),
    }
    if new:
        parts["group_l10ns"] = rows_of({"gid": "9", "group_name": "Primera", "language": "es"})
        parts["question_l10ns"] = rows_of(*texts)
        parts["answer_l10ns"] = rows_of(*apart)
    body = "".join(f"<{name}>{content}</{name}>" for name, content in parts.items())
    languages = "<languages><language>en</language><language>es</language></languages>"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey'
        f"</LimeSurveyDocType>{languages}{body}</document>",
        "utf-8",
    )
    return path


LIME = (
    '"id","submitdate","lastpage","startlanguage","tipo","tipo[other]","acc[SQ001]","acc[SQ002]",'
    '"acc[other]","grado[A1]","texto"\n'
    '"1","2018-03-03 10:00:00","3","es","-oth-","Distrito","Y","N","Otra","3","N/A"\n'
    '"2","","1","es","A1","","","","","",""\n'
)


@pytest.mark.parametrize("version", [3, 6])
def test_limesurvey_is_described_by_its_structure(tmp_path, version):
    lss = structure(tmp_path / "s.lss", version)
    found = draft(tmp_path / "a.csv", LIME, "utf-8-sig", structure=lss)
    by_name = {c.name: c for c in found.columns}
    assert found.facts["tool"] == "LimeSurvey" and found.facts["title"] == "Ciudades"
    assert by_name["id"].role == "metadata"
    tipo = by_name["tipo"]
    assert tipo.label == "¿Tipo de entidad?" and tipo.group == "Primera"
    assert tipo.value_labels == {"A1": "Ciudad", "A2": "Provincia", "-oth-": "Otro"}
    assert roles(found)["tipo[other]"] == ("other", "tipo", "")
    assert roles(found)["acc[SQ002]"] == ("choice", "acc", "SQ002")
    assert by_name["acc[SQ002]"].label == "Evaluar"
    assert roles(found)["acc[other]"] == ("other", "acc", "")
    assert by_name["grado[A1]"].label == "Grado — Uno"
    (group,) = found.multiple_sets
    assert (group.name, group.label, group.counted) == ("acc", "¿Qué acciones realiza?", "Y")
    assert group.columns == ("acc[SQ001]", "acc[SQ002]")
    assert any("sin columna: sin" in note for note in found.notes)
    assert next(found.rows)[-1] == "N/A"


def test_limesurvey_without_structure_says_how_to_give_it(tmp_path):
    found = draft(tmp_path / "a.csv", LIME)
    assert found.facts["tool"] == "LimeSurvey" and "--structure" in found.notes[0]


def test_a_structure_of_another_questionnaire_is_refused(tmp_path):
    lss = structure(tmp_path / "s.lss", 6)
    with pytest.raises(ReadError, match=r"ninguna columna es una pregunta de s\.lss"):
        draft(tmp_path / "a.csv", "uno,dos\n1,2\n", structure=lss)
    lss.write_text("<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", "utf-8")
    with pytest.raises(ReadError, match="no es la estructura"):
        draft(tmp_path / "a.csv", LIME, structure=lss)


def test_an_ordinary_table_is_not_taken_for_an_export(tmp_path):
    found = draft(tmp_path / "a.csv", "id,start,km/h,q_other\n1,2,3,4\n")
    assert "tool" not in found.facts
    assert {c.role for c in found.columns} == {"answer"}
