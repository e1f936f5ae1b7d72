"""LimeSurvey answers, described by the questionnaire's own structure (.lss).

The exported answers name columns ``CODE``, ``CODE[SUB]``, ``CODE[other]``, ``CODE[SUB][comment]``;
what they mean is only known from the .lss, which is taken as the truth.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, parse

from analysis.readers.draft import Draft, Row
from analysis.readers.errors import ReadError
from analysis.readers.table import MultipleSet, RawColumn, ReadOptions

_METADATA: Final = frozenset(
    [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "startdate",
        "datestamp",
        "ipaddr",
        "refurl",
        "token",
        "firstname",
        "lastname",
        "email",
        "interviewtime",
    ]
)
_SURE: Final = frozenset(("submitdate", "lastpage", "startlanguage"))
_HEADER: Final = re.compile(r"(?P<code>\w+)(?P<parts>(?:\[[^\]]*\])*)(?:\. .*)?", re.DOTALL)
_SGQA: Final = re.compile(r"[0-9]+X[0-9]+X([0-9]+)(.*)")
_YES: Final = ("Y", "Sí", "Yes", "Oui", "Sim")
_FIXED: Final = {
    "Y": {"Y": "Sí", "N": "No"},
    "G": {"F": "Femenino", "M": "Masculino"},
    "C": {"Y": "Sí", "U": "No sé", "N": "No"},
    "E": {"I": "Aumenta", "S": "Igual", "D": "Disminuye"},
}
_MULTIPLE: Final = ("M", "P")


@dataclass
class Question:
    """A question of the structure.

    Parameters
    ----------
    code, type, text, group : str
        Its code, LimeSurvey's letter for its type, its wording and its group's name.
    subquestions, answers : dict of str to str
        Wording by code.
    other : bool
        Whether it has «other» with its own text.
    """

    code: str
    type: str
    text: str
    group: str
    other: bool
    subquestions: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def recognise(
    path: Path, draft: Draft, first: list[Row], rest: Iterator[Row], options: ReadOptions
) -> bool:
    """Describe the columns by the structure; tell whether it was an export of LimeSurvey."""
    codes = [_code(column.header) for column in draft.columns]
    known = {code for code, _ in codes}
    structured = options.structure is not None and options.structure.suffix.lower() == ".lss"
    if not structured and not known >= _SURE:
        return False
    draft.facts["tool"] = "LimeSurvey"
    for position, (code, parts) in enumerate(codes):
        if code in _METADATA and not parts:
            draft.columns[position] = replace(draft.columns[position], role="metadata")
    if not structured or options.structure is None:
        draft.notes.append(
            "Es de LimeSurvey: con --structure y su archivo .lss se leen también las preguntas, "
            "las etiquetas y las opciones múltiples."
        )
        return True
    title, questions, by_id = read_structure(options.structure)
    if title:
        draft.facts["title"] = title
    _describe(path, draft, codes, questions, by_id, options.structure.name)
    _sets(draft, questions, first)
    return True


def _code(header: str) -> tuple[str, list[str]]:
    """Split a header into the question's code and what stands in brackets."""
    match = _HEADER.fullmatch(header)
    if match is None:
        return header, []
    return match["code"], re.findall(r"\[([^\]]*)\]", match["parts"])


def _describe(
    path: Path,
    draft: Draft,
    codes: list[tuple[str, list[str]]],
    questions: dict[str, Question],
    by_id: dict[str, Question],
    structure: str,
) -> None:
    unknown, used = [], set()
    for position, (code, parts) in enumerate(codes):
        column = draft.columns[position]
        question = questions.get(code)
        if question is None and (match := _SGQA.fullmatch(code)):
            question, rest = by_id.get(match[1]), match[2]
            parts = [*([rest] if rest else []), *parts]
            if question is None and rest:  # the digits of a code that follow the identifier
                question, parts = _split_id(match[1] + rest, by_id)
        if question is None:
            if column.role != "metadata":
                unknown.append(f"«{column.header}»")
            continue
        used.add(question.code)
        draft.columns[position] = _column(replace(column, role="answer"), question, parts)
    if not used:
        raise ReadError(
            path.name,
            f"ninguna columna es una pregunta de {structure}",
            "indique el .lss del mismo cuestionario y exporte las respuestas con el código de la "
            "pregunta como encabezado",
        )
    absent = [q.code for q in questions.values() if q.code not in used and q.type not in "X*"]
    if unknown:
        draft.notes.append(f"Columnas que no están en {structure}: {', '.join(unknown)}.")
    if absent:
        draft.notes.append(f"Preguntas de {structure} sin columna: {', '.join(absent)}.")


def _split_id(text: str, by_id: dict[str, Question]) -> tuple[Question | None, list[str]]:
    for length in range(len(text), 0, -1):
        question = by_id.get(text[:length])
        if question and (length == len(text) or text[length:] in question.subquestions):
            return question, [text[length:]] if text[length:] else []
    return None, []


def _column(column: RawColumn, question: Question, parts: list[str]) -> RawColumn:
    column = replace(column, question=question.code, group=question.group, label=question.text)
    if parts and parts[-1] in ("comment", "other", "othercomment"):
        role = "other" if parts[-1] == "other" else "comment"
        if len(parts) > 1 and parts[0] in question.subquestions:
            column = replace(column, choice=parts[0])
        return replace(column, role=role)
    if question.type in _MULTIPLE and parts:
        wording = question.subquestions.get(parts[0], "")
        return replace(column, role="choice", choice=parts[0], label=wording)
    labels = dict(_FIXED.get(question.type) or question.answers)
    if question.other and question.type in "L!" and not parts:
        labels["-oth-"] = "Otro"
    if parts:
        wordings = [question.subquestions.get(code, code) for code in _axes(question, parts[0])]
        column = replace(
            column, choice=parts[0], label=" — ".join([question.text, *wordings]).strip(" —")
        )
    return replace(column, value_labels=labels)


def _axes(question: Question, part: str) -> list[str]:
    """Split the code of a cell in a table of two axes."""
    if part in question.subquestions or question.type not in ":;":
        return [part]
    return part.split("_", 1)


def _sets(draft: Draft, questions: dict[str, Question], first: list[Row]) -> None:
    for question in questions.values():
        members = [
            position
            for position, column in enumerate(draft.columns)
            if column.question == question.code and column.role == "choice"
        ]
        if members:
            seen = {row[position] for row in first for position in members}
            counted = next((yes for yes in _YES if yes in seen), "Y")
            names = tuple(draft.columns[position].name for position in members)
            found = MultipleSet(question.code, question.text, "dichotomous", counted, names)
            draft.multiple_sets.append(found)


def read_structure(path: Path) -> tuple[str, dict[str, Question], dict[str, Question]]:
    """Read a .lss.

    Parameters
    ----------
    path : Path
        Structure of a LimeSurvey questionnaire, of version 3 (texts beside the questions) or later
        (texts apart, by language).

    Returns
    -------
    title : str
        Title of the questionnaire.
    questions, by_id : dict of str to Question
        By code, and by LimeSurvey's number.

    Raises
    ------
    ReadError
        When it is not such a file.
    """
    try:
        root = parse(path, forbid_dtd=True).getroot()
        if root.findtext("LimeSurveyDocType") != "Survey":
            raise ValueError("not a survey")
    except (OSError, ParseError, DefusedXmlException, ValueError) as error:
        raise ReadError(
            path.name,
            "no es la estructura de un cuestionario de LimeSurvey",
            "expórtela de nuevo como «Estructura de la encuesta (.lss)»",
            str(error),
        ) from error
    language = _language(root)
    groups = _texts(root, "groups", "group_l10ns", "gid", "group_name", language)
    wordings = _texts(root, "questions", "question_l10ns", "qid", "question", language)
    subwordings = _texts(root, "subquestions", "question_l10ns", "qid", "question", language)
    answers = _texts(root, "answers", "answer_l10ns", "aid", "answer", language)
    questions: dict[str, Question] = {}
    by_id: dict[str, Question] = {}
    for row in _rows(root, "questions"):
        if row.get("parent_qid", "0") != "0" or row["title"] in questions:
            continue
        number = row["qid"]
        question = Question(
            code=row["title"],
            type=row.get("type", ""),
            text=wordings.get(number, ""),
            group=groups.get(row.get("gid", ""), ""),
            other=row.get("other") == "Y",
        )
        questions[question.code] = by_id[number] = question
    for row in _rows(root, "subquestions"):
        parent = by_id.get(row.get("parent_qid", ""))
        if parent is not None:
            parent.subquestions.setdefault(row["title"], subwordings.get(row["qid"], ""))
    for row in _rows(root, "answers"):
        parent = by_id.get(row.get("qid", ""))
        if parent is not None and row.get("language", language) == language:
            text = answers.get(row["aid"]) if "aid" in row else None
            parent.answers.setdefault(row["code"], text or _plain(row.get("answer", "")))
    titles = [
        row.get("surveyls_title", "")
        for row in _rows(root, "surveys_languagesettings")
        if row.get("surveyls_language", language) == language
    ]
    return (titles[0] if titles else ""), questions, by_id


def _rows(root: Any, section: str) -> list[dict[str, str]]:
    return [
        {child.tag: child.text or "" for child in row}
        for row in root.iterfind(f"{section}/rows/row")
    ]


def _language(root: Any) -> str:
    """Choose Spanish if the questionnaire has it, or its own language."""
    languages = [element.text or "" for element in root.iterfind("languages/language")]
    spanish = [language for language in languages if language.startswith("es")]
    own = [row.get("language", "") for row in _rows(root, "surveys")]
    return [*spanish, *own, *languages, "es"][0]


def _texts(
    root: Any, section: str, apart: str, key: str, column: str, language: str
) -> dict[str, str]:
    """Read wordings by number, wherever this version keeps them."""
    found: dict[str, str] = {}
    for row in [*_rows(root, apart), *_rows(root, section)]:
        if key in row and row.get(column) and row.get("language", language) == language:
            found.setdefault(row[key], _plain(row[column]))
    return found


def _plain(text: str) -> str:
    """Take the markup out of a wording."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
