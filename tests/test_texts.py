"""Tests of the texts: Colombian Spanish formats, no label missing and none left in English."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis import texts
from analysis.audit import Verdict
from analysis.paths import Project
from analysis.provenance import EvidenceClass
from analysis.rounding import RoundingRule
from analysis.texts import MissingTextError

PACKAGE = Path(analysis.__file__).parent
NBSP = "\u00a0"


# Formats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (7, "7"),
        (1234, "1.234"),
        (1234567, "1.234.567"),
        (-1234, "-1.234"),
        (Decimal("12.5"), "12,5"),
        (Decimal("20.0"), "20,0"),
        (Decimal("0.050"), "0,050"),
        (1234.5, "1.234,5"),
        (0.95, "0,95"),
        (Decimal("1E+3"), "1.000"),
    ],
)
def test_a_number_has_a_decimal_comma_and_points_between_thousands(
    value: int | float | Decimal, written: str
) -> None:
    assert texts.number(value, "es") == written


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(12, 1, "12,0"), (12.34, 1, "12,3"), (12.34, 0, "12"), (1234.567, 2, "1.234,57")],
)
def test_the_decimals_of_a_number_can_be_fixed(value: float, decimals: int, written: str) -> None:
    assert texts.number(value, "es", decimals) == written


@given(st.decimals(-(10**6), 10**6, places=3))
def test_a_written_number_reads_back_as_the_same_number(value: Decimal) -> None:
    written = texts.number(value, "es")
    assert Decimal(written.replace(".", "").replace(",", ".")) == value
    assert len(written.partition(",")[2]) == 3


@pytest.mark.parametrize(
    ("value", "written"),
    [(48, f"48{NBSP}%"), (Decimal("12.5"), f"12,5{NBSP}%"), (0, f"0{NBSP}%")],
)
def test_a_percentage_has_a_hard_space_before_its_sign(value: object, written: str) -> None:
    assert texts.percent(value, "es") == written


def test_dates_and_months_are_written_in_full() -> None:
    assert texts.day(date(2018, 2, 2), "es") == "2 de febrero de 2018"
    assert texts.day(date(2017, 12, 31), "es") == "31 de diciembre de 2017"
    assert texts.month(date(2005, 3, 1), "es") == "marzo de 2005"


@pytest.mark.parametrize(
    ("items", "joined"),
    [
        ([], ""),
        (["Quito"], "Quito"),
        (["Quito", "Lima"], "Quito y Lima"),
        (["Quito", "Lima", "Bogotá"], "Quito, Lima y Bogotá"),
        (["español", "inglés"], "español e inglés"),
        (["padres", "hijos"], "padres e hijos"),
        (["Lima", "Quito", "Íbero"], "Lima, Quito e Íbero"),
        (["agua", "hielo"], "agua y hielo"),
        (["cobre", "hierro"], "cobre y hierro"),
        (["inglés", "español"], "inglés y español"),
        (["20 %", "48 %", "33 %"], "20 %, 48 % y 33 %"),
    ],
)
def test_a_list_is_joined_as_a_sentence_does(items: list[str], joined: str) -> None:
    assert texts.listing(items, "es") == joined


@pytest.mark.parametrize(
    ("items", "joined"),
    [
        (["siete", "ocho"], "siete u ocho"),
        (["7", "8"], "7 u 8"),
        (["10", "11"], "10 u 11"),
        (["mujeres", "hombres"], "mujeres u hombres"),
        (["10", "110"], "10 o 110"),
        (["uno", "dos"], "uno o dos"),
        (["uno", "dos", "tres"], "uno, dos o tres"),
    ],
)
def test_alternatives_are_joined_with_o_or_with_u_before_o(items: list[str], joined: str) -> None:
    assert texts.listing(items, "es", style="or") == joined


@pytest.mark.parametrize(
    ("items", "joined"),
    [
        (["Anexo 1, Tabla 1", "Presentación"], "Anexo 1, Tabla 1; Presentación"),
        (["Presentación", "secciones 2 y 3", "Anexo"], "Presentación; secciones 2 y 3; Anexo"),
    ],
)
def test_items_with_a_comma_or_an_y_are_joined_by_semicolons(items: list[str], joined: str) -> None:
    assert texts.listing(items, "es") == joined


def test_one_item_with_a_comma_stays_as_it_is() -> None:
    assert texts.listing(["Anexo 1, Tabla 1"], "es") == "Anexo 1, Tabla 1"


def test_a_country_is_named_in_spanish_and_an_unknown_code_stays() -> None:
    assert texts.country("BR", "es") == "Brasil"
    assert texts.country("XX", "es") == "XX"


# Labels ----------------------------------------------------------------------------------------


def test_a_missing_label_names_its_key_and_its_file() -> None:
    with pytest.raises(MissingTextError) as caught:
        texts.label("evidence.publishd.name", "es")
    assert str(caught.value) == (
        "Falta el texto «evidence.publishd.name» en analysis/texts/es/labels.yml."
    )


def test_a_group_is_not_a_label() -> None:
    with pytest.raises(MissingTextError, match=r"«evidence\.published» no es un texto"):
        texts.label("evidence.published", "es")


def test_a_language_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(MissingTextError, match="El idioma «xx» no está disponible; hay: es"):
        texts.label("page.home", "xx")


def test_a_file_of_passages_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingTextError, match=r"analysis/texts/es/99_nada\.md"):
        texts.passages("99_nada", "es")


@pytest.mark.parametrize(
    ("count", "written"), [(1, "1 ciudad"), (2, "2 ciudades"), (0, "0 ciudades"), (1234, "1.234")]
)
def test_a_label_agrees_in_number_with_its_count(count: int, written: str) -> None:
    assert texts.label("base_unit.city", "es", count=count).startswith(written)
    assert texts.label("base_unit.city", "es", count=count).endswith("ad") == (count == 1)


def test_the_passages_of_a_file_are_those_under_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "99_prueba.md").write_text(
        "Nota para quien edita.\n\n[title]\nUn título\n\n[lead]\n\nUno.\n\n[no es una clave]\n"
        "[enlace](https://example.org)\n\n[empty]\n",
        "utf-8",
    )
    monkeypatch.setattr(texts, "files", lambda package: tmp_path)
    assert texts.passages("99_prueba", "es") == {
        "title": "Un título",
        "lead": "Uno.\n\n[no es una clave]\n[enlace](https://example.org)",
        "empty": "",
    }


# Keys used in the code -------------------------------------------------------------------------


def _labels(lang: str) -> dict[str, object]:
    return dict(texts._labels(lang))


def _group(key: str, lang: str) -> object:
    node: object = _labels(lang)
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _says_labels(function: ast.AST) -> bool:
    """Tell whether ``say`` is, inside a function, the one that says labels."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "say" for target in node.targets
        ):
            return ast.unparse(node.value).startswith(("texts.label", "display.speaker", "speaker"))
    return False


def _keys(node: ast.expr) -> Iterator[str]:
    """List the keys that an argument can be; a key with a variable part ends in its last dot."""
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp(body=body, orelse=orelse):
            yield from _keys(body)
            yield from _keys(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if "." in start:
            yield start[: start.rindex(".") + 1]


@dataclass(frozen=True)
class Use:
    """A place in the code that says a label, with the values that it gives."""

    key: str
    place: str
    values: frozenset[str] | None  # None when they are not written out

    @property
    def is_group(self) -> bool:
        return self.key.endswith(".")


def _uses() -> list[Use]:
    """Find every use of a literal key, in the modules and in the templates."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        calls = {
            call: function
            for function in ast.walk(tree)  # outer functions first: the innermost stays
            if isinstance(function, ast.FunctionDef | ast.Module)
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and call.args
        }
        for call, function in calls.items():
            name = ast.unparse(call.func)
            if name in ("texts.label", "label") or (name == "say" and _says_labels(function)):
                place = f"{path.relative_to(PACKAGE).as_posix()}:{call.lineno}"
                names = [keyword.arg for keyword in call.keywords]
                values = None if None in names else frozenset(filter(None, names))
                found += [Use(key, place, values) for key in _keys(call.args[0])]
    for path in sorted((PACKAGE / "templates").rglob("*.j2")):
        calls_in_template = re.findall(
            r"\bsay\(\s*\"([^\"]+)\"((?:[^()]|\([^()]*\))*)\)", path.read_text("utf-8")
        )
        for key, rest in calls_in_template:
            found.append(Use(key, path.name, frozenset(re.findall(r"(\w+)\s*=", rest))))
    return found


def _dotted_constants() -> Iterator[tuple[str, str]]:
    """Find texts that look like a key, also those that reach their call through a variable."""
    groups = set(_labels(texts.DEFAULT_LANGUAGE))
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                start, dot, _ = node.value.partition(".")
                if (
                    dot
                    and start in groups
                    and re.fullmatch(r"[\w.-]+\w(?<!html)(?<!\.j2)", node.value)
                ):
                    yield node.value, f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"


USES = _uses()


def _templates_of(key: str, lang: str) -> list[str]:
    """Return the text of a label, or its singular and its plural; nothing when there is none."""
    node = _group(key, lang)
    if isinstance(node, dict):
        return [str(node[form]) for form in ("one", "other") if form in node]
    return [node] if isinstance(node, str) else []


def test_the_search_for_keys_finds_those_of_every_kind_of_call() -> None:
    used = {use.key for use in USES}
    assert {
        "page.edition",  # texts.label
        "share.no_count",  # say = texts.label
        "index.title",  # say = display.speaker
        "page.skip",  # a template
        "rounding.",  # a key with a variable part
    } <= used
    assert len(used) > 40


@pytest.mark.parametrize("lang", texts.LOCALES)
@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.key}@{use.place}")
def test_every_label_that_the_code_names_exists_and_gets_its_values(use: Use, lang: str) -> None:
    if use.is_group:
        assert isinstance(_group(use.key[:-1], lang), dict)
        return
    templates = _templates_of(use.key, lang)
    assert templates
    for template in templates if use.values is not None else []:
        assert set(re.findall(r"\{(\w*)\}", template)) <= use.values


def test_every_key_that_reaches_its_call_through_a_variable_exists() -> None:
    found = dict(_dotted_constants())
    assert "origin.source_computed" in found
    assert [(key, where) for key, where in found.items() if _group(key, "es") is None] == []


@pytest.mark.parametrize("lang", texts.LOCALES)
@pytest.mark.parametrize(
    "key",
    [
        *(f"evidence.{item}.{part}" for item in EvidenceClass for part in ("name", "meaning")),
        *(f"rounding.{rule}" for rule in [*RoundingRule, "unstated"]),
        *(f"rounding_short.{rule}" for rule in RoundingRule),
        *(f"verdict.{verdict.key}" for verdict in Verdict),
    ],
)
def test_every_class_rule_and_verdict_has_its_name(key: str, lang: str) -> None:
    assert _templates_of(key, lang)


def _views() -> dict[str, str]:
    """Return the cuaderno of each module of views, as its notebook says."""
    found = {}
    for path in sorted((PACKAGE.parent / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        name = re.search(r"Cuaderno\(\"(\w+)\"", source)
        for module in re.findall(r"from analysis\.views import (\w+)", source):
            assert name is not None
            found.setdefault(module, name[1])  # a later notebook may borrow its results
    return found


@pytest.mark.parametrize(("module", "name"), _views().items())
def test_every_passage_that_a_view_names_exists(module: str, name: str) -> None:
    tree = ast.parse((PACKAGE / "views" / f"{module}.py").read_text("utf-8"))
    keys = {
        key
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("say", "cuaderno.write", "cuaderno.text")
        for key in _keys(call.args[0])
    }
    assert len(keys) > 5
    for lang in texts.LOCALES:
        assert keys <= set(texts.passages(name, lang))


@pytest.mark.parametrize("name", _views().values())
def test_every_cuaderno_has_the_passages_of_its_head_and_of_its_end(name: str) -> None:
    needed = {"kicker", "title", "finding", "date", "lead", "findings", "cautions"}
    for lang in texts.LOCALES:
        assert needed | {"method", "sources"} <= set(texts.passages(name, lang))


# Nothing left in English -----------------------------------------------------------------------

ENGLISH = re.compile(
    r"\b(the|and|of|with|without|for|from|table|figure|page|share|shares|count|base size|value|"
    r"method|source|sources|not|none|is|are|was|to|or|an|at|this|that|which|each|all|"
    r"missing|unknown|city|cities|published|bounded|observed|rounding|finding|findings)\b",
    re.IGNORECASE,
)


def _leaves(node: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _leaves(value, f"{key}.{place}")
    else:
        assert isinstance(node, str), f"{key} is {node!r}: quote it in labels.yml"
        yield key, re.sub(r"\{\w*\}", "", node)


def test_no_spanish_label_has_an_english_word() -> None:
    leaves = dict(_leaves(_labels("es")))
    assert len(leaves) > 100
    assert {key: text for key, text in leaves.items() if ENGLISH.search(text)} == {}


@pytest.mark.parametrize("name", sorted(p.stem for p in (PACKAGE / "texts" / "es").glob("*.md")))
def test_no_spanish_passage_has_an_english_word(name: str) -> None:
    for key, template in texts.passages(name, "es").items():
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|`[^`]*`", "", template, flags=re.DOTALL)
        assert not ENGLISH.search(plain), key


def test_a_percent_sign_in_a_passage_is_never_typed() -> None:
    for path in (PACKAGE / "texts" / "es").glob("*.md"):
        plain = re.sub(r"\{%.*?%\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert "%" not in plain, path.name


def test_every_message_of_the_command_line_is_translated_and_compiled(project: Project) -> None:
    folder = PACKAGE / "texts" / "locale" / "es" / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as stream:
        catalogue = read_po(stream, locale="es")
    assert len(catalogue) > 40
    compiled = (folder / "messages.mo").read_bytes()
    for message in catalogue:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            for string in strings:
                assert string, message.id
                assert string.encode("utf-8") in compiled, message.id


def test_labels_of_an_area_add_to_a_group_and_never_replace_a_label():
    into = {"method": {"count": "recuento"}}
    texts._merge(
        into, {"method": {"bound": "cota"}, "wave": {"title": "Ola"}}, "es/labels/wave.yml"
    )
    assert into == {"method": {"count": "recuento", "bound": "cota"}, "wave": {"title": "Ola"}}
    with pytest.raises(ValueError, match=r"es/labels/wave\.yml: la clave «count»"):
        texts._merge(into, {"method": {"count": "otro"}}, "es/labels/wave.yml")


def every_text(node: object) -> Iterator[str]:
    """Yield every text of a tree of labels."""
    if isinstance(node, Mapping):
        for inner in node.values():
            yield from every_text(inner)
    elif isinstance(node, str):
        yield node


def test_in_spanish_no_line_breaks_between_a_number_and_its_percent_sign() -> None:
    folder = Path(texts.__file__).parent / "es"
    found = [text for text in every_text(texts._labels("es")) if re.search(r"[^\u00a0\s] %", text)]
    assert found == []
    written = [
        path.name for path in folder.glob("*.md") if re.search(r"\} %", path.read_text("utf-8"))
    ]
    assert written == []


def test_a_letter_that_names_something_stays_with_its_noun() -> None:
    assert (
        texts.glued("Ola de demostración A: predomina") == "Ola de demostración\u00a0A: predomina"
    )
    assert texts.glued("Olas A y B") == "Olas\u00a0A y\u00a0B"
    assert texts.glued("Alto Aburrá y Asunción") == "Alto Aburrá y Asunción"
