"""Tests of the prose: its numbers are results and its values can never become markup."""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from analysis import measurement, texts
from analysis.audit import audit
from analysis.cuaderno import Cuaderno
from analysis.paths import Project
from analysis.prose import (
    Passage,
    ProseError,
    capitalized,
    headings,
    in_words,
    to_html,
    to_text,
    write,
)
from analysis.provenance import UNSTATED, Base, EvidenceClass, Origin, Quantity, Share
from analysis.published import Study
from analysis.rounding import ReportedPercentage, RoundingRule
from analysis.views import audit as audit_view
from analysis.views import measurement as measurement_view
from analysis.views import measurement_wave
from analysis.waves import load_wave

ORIGINS = (Origin("Cuaderno N.º 8", "claims", ("cif_098",), "2.1"),)
SHARE = Share(
    evidence=EvidenceClass.PUBLISHED,
    origins=ORIGINS,
    base=Base("city"),
    rounding=UNSTATED,
    method="printed",
    interval=None,
    no_interval="count_unpublished",
    published=ReportedPercentage.parse("48"),
)

Write = Callable[..., Passage]


def quantity(value: int | None, shown: str = "") -> Quantity:
    return Quantity(
        value=value, evidence=EvidenceClass.BOUNDED, origins=ORIGINS, method="audit", shown=shown
    )


@pytest.fixture
def passage(monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a made-up template as the passage ``lead`` of ``99_prueba``."""

    def write_template(template: str, **values: object) -> Passage:
        monkeypatch.setattr(texts, "passages", lambda name, lang: {"lead": template, "other": "-"})
        return write("99_prueba", "lead", "es", **values)

    return write_template


class _Reader(HTMLParser):
    """Collect the tags and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(passage: Passage) -> _Reader:
    """Read the HTML of a passage whose numbers are shown as ``[number]``."""
    numbers = [Markup.escape(f"[{value.text('es')}]") for value in passage.numbers]
    return _Reader(to_html(passage.markdown, numbers))


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("digit", ["48", "2.1", "٤"])
def test_a_digit_typed_by_hand_is_refused_with_file_key_and_line(
    passage: Write, digit: str
) -> None:
    with pytest.raises(ProseError) as caught:
        passage(f"Primera línea.\n  El {digit} de las ciudades.\nTercera.")
    assert str(caught.value).startswith("analysis/texts/es/99_prueba.md, [lead]: ")
    assert f"«El {digit} de las ciudades.»" in str(caught.value)
    assert "Primera" not in str(caught.value)


def test_a_digit_beside_a_result_is_refused_too(passage: Write) -> None:
    with pytest.raises(ProseError, match="escrita a mano"):
        passage("{{ share }} de 10 ciudades", share=SHARE)


def test_digits_of_names_code_and_addresses_are_not_figures(passage: Write) -> None:
    template = (
        "{# paso 1 #}{% if many > 20 %}no{% endif %}{{ share_2 }} "
        "con `-p max_base 200` en [esta página](https://example.org/2018)"
    )
    assert passage(template, share_2=SHARE, many=3).numbers == (SHARE,)


def test_a_missing_passage_names_the_file_and_those_that_exist(passage: Write) -> None:
    passage("Hola")
    with pytest.raises(ProseError) as caught:
        write("99_prueba", "led", "es")
    assert str(caught.value) == (
        "Falta el pasaje analysis/texts/es/99_prueba.md, [led]; hay: lead, other."
    )


@pytest.mark.parametrize("template", ["{{ a }} y {{ missing }}", "{% if missing %}a{% endif %}"])
def test_a_missing_value_is_refused_with_file_and_key(passage: Write, template: str) -> None:
    with pytest.raises(ProseError, match=r"^analysis/texts/es/99_prueba\.md, \[lead\]: "):
        passage(template, a="texto")


@pytest.mark.parametrize("number", [48, 48.5, True, None, ["a"]])
def test_a_bare_number_is_refused(passage: Write, number: object) -> None:
    with pytest.raises(ProseError) as caught:
        passage("El {{ x }}.", x=number)
    assert str(caught.value) == (
        f"analysis/texts/es/99_prueba.md, [lead]: {number!r} no es un resultado con origen "
        "ni un texto."
    )


def test_the_bare_value_of_a_result_is_refused(passage: Write) -> None:
    with pytest.raises(ProseError, match="40 no es un resultado con origen"):
        passage("El {{ base.value }}.", base=quantity(40))


def test_a_template_that_is_broken_is_refused_with_file_and_key(passage: Write) -> None:
    with pytest.raises(ProseError, match=r"99_prueba\.md, \[lead\]: "):
        passage("{% if %}")


def test_a_template_cannot_reach_the_inside_of_python(passage: Write) -> None:
    with pytest.raises(ProseError, match="unsafe"):
        passage("{{ a.__class__.__mro__ }}", a="texto")


# Numbers ---------------------------------------------------------------------------------------


def test_results_are_shown_in_their_place_and_kept_as_numbers(passage: Write) -> None:
    base = quantity(40)
    written = passage("El {{ share }} de {{ base }}, no {{ share }}.", share=SHARE, base=base)
    assert written.numbers == (SHARE, base, SHARE)
    assert shown(written).text.strip() == "El [48\u00a0%] de [40], no [48\u00a0%]."
    assert to_text(written.markdown, ["48 %", "40", "48 %"]) == "El 48 % de 40, no 48 %."


def test_more_than_ten_results_keep_their_order(passage: Write) -> None:
    many = [quantity(number) for number in range(100, 112)]
    written = passage("{% for x in many %}{{ x }} {% endfor %}", many=many)
    assert shown(written).text.split() == [f"[{number}]" for number in range(100, 112)]


def test_a_result_inside_a_word_of_markdown_stays_a_number(passage: Write) -> None:
    written = passage("**{{ share }}** y *{{ share }}*", share=SHARE)
    html = shown(written)
    assert html.tags == ["p", "strong", "em"]
    assert html.text.strip() == "[48\u00a0%] y [48\u00a0%]"


def test_words_writes_small_numbers_in_words_and_keeps_them_traceable(passage: Write) -> None:
    written = passage("{{ n|words }} y {{ m|words }}", n=quantity(10), m=quantity(21))
    assert [value.text("es") for value in written.numbers] == ["diez", "21"]
    assert [value.value for value in written.numbers] == [10, 21]
    assert all(value.origins == ORIGINS for value in written.numbers)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "cero"), (1, "uno"), (4, "cuatro"), (16, "dieciséis"), (20, "veinte"), (21, "21")],
)
def test_numbers_up_to_twenty_are_written_in_words(value: int, text: str) -> None:
    assert in_words(quantity(value), "es").text("es") == text


def test_words_leaves_alone_a_number_that_has_no_value() -> None:
    date = quantity(None, shown="marzo de 2017")
    assert in_words(date, "es") == date


def test_capitalized_begins_a_sentence_with_a_number(passage: Write) -> None:
    written = passage("{{ n|words|capitalized }} ciudades", n=quantity(10))
    assert shown(written).text.strip() == "[Diez] ciudades"
    assert written.numbers[0].value == 10
    assert capitalized(quantity(1234), "es").text("es") == "1.234"


# Values are text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "*énfasis* **fuerte** _bajo_ __bajo__",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "<https://example.org>",
        "https://example.org",
        "`código`",
        "a | b",
        "# título",
        "\\*barra\\",
        "{{ 7 * 7 }} {% if %}",
        "a & b < c > d \"e\" 'f'",
    ],
)
def test_a_value_is_shown_as_it_is_and_makes_no_tag(passage: Write, value: str) -> None:
    written = passage("Antes {{ x }} después.", x=value)
    html = shown(written)
    assert html.tags == ["p"]
    assert html.text == f"Antes {value} después.\n"
    assert to_text(written.markdown, []) == f"Antes {value} después."


# one line of text: no controls, separators, surrogates or private use (the marks of numbers)
_LINES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))


@given(_LINES)
def test_no_text_in_a_sentence_makes_a_tag(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "passages", lambda name, lang: {"lead": "Antes {{ x }} después."})
        html = shown(write("99_prueba", "lead", "es", x=value))
    assert html.tags == ["p"]


_PIECES = [
    *("<", ">", "script", "[", "]", "(", ")", "!", "javascript:", "*", "_", "`", "\\", "\n", "|"),
    *("\n\n", "    ", "# ", "> ", "- ", "http://e.org", "&lt;", '"', "onload=", "a"),
]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_no_text_whatever_makes_a_link_an_image_or_an_attribute(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "passages", lambda name, lang: {"lead": "{{ x }} y {{ x }}"})
        html = shown(write("99_prueba", "lead", "es", x=value))
    assert not {"a", "img", "script", "iframe", "em", "strong", "table"} & set(html.tags)
    assert html.attributes == []


def test_html_typed_in_a_passage_is_escaped_too(passage: Write) -> None:
    html = shown(passage("<b onclick='x()'>hola</b>\n\n<script>alert()</script>"))
    assert html.tags == ["p", "p"]
    assert "<script>alert()</script>" in html.text


def test_a_link_of_a_passage_cannot_run_code(passage: Write) -> None:
    assert shown(passage("[x](javascript:alert())")).tags == ["p"]
    assert shown(passage("[x](https://example.org)")).tags == ["p", "a"]


def test_plain_text_of_a_passage_has_no_markdown(passage: Write) -> None:
    written = passage("La **medición**\n[constante](https://example.org) de {{ x }}", x="*A*")
    assert to_text(written.markdown, []) == "La medición constante de *A*"


# The shipped passages --------------------------------------------------------------------------

_UNFINISHED = re.compile(r"[{}\ue000\ue001]|\b(None|nan|NA|Undefined|True|False)\b|\.\.|\s[.,;]")


def assert_every_passage_is_written(
    cuaderno: Cuaderno, keys: Iterable[str] = (), **more: object
) -> None:
    for key in keys or texts.passages(cuaderno.name, "es"):
        written = cuaderno.write(key, **more)
        assert written, key
        assert not _UNFINISHED.search(written), (key, written)


@pytest.mark.parametrize("rule", [rule for rule in RoundingRule if rule != "truncation"])
@pytest.mark.parametrize("max_base", [20, 39, 60, 120])
def test_every_passage_of_the_measurement_is_written_for_any_parameters(
    study: Study, rule: RoundingRule, max_base: int
) -> None:
    result = measurement.diagnose(study, max_base=max_base, rule=rule, level=0.9)
    cuaderno = Cuaderno("04_medicion", "es")
    cuaderno.let(**measurement_view.values(cuaderno, study, result), wave="")
    ordinary = [key for key in texts.passages(cuaderno.name, "es") if not key.startswith("wave_")]
    assert_every_passage_is_written(cuaderno, ordinary, low="uno", high="dos")


def test_every_passage_of_the_measurement_is_written_for_a_wave(
    study: Study, project: Project
) -> None:
    rule = RoundingRule.HALF_UP
    result = measurement.diagnose(study, max_base=60, rule=rule, level=0.9)
    wave = load_wave(project, "demo")
    found = measurement_wave.measure(study, wave, rule=rule, method="wilson", level=0.9, lang="es")
    cuaderno = Cuaderno("04_medicion", "es")
    cuaderno.let(**measurement_view.values(cuaderno, study, result), wave="")
    cuaderno.let(**measurement_wave.values(cuaderno, study, found))
    assert_every_passage_is_written(cuaderno, low="uno", high="dos")


def test_every_passage_of_the_audit_is_written_even_when_nothing_is_odd(study: Study) -> None:
    audited = audit(study)
    cuaderno = Cuaderno("01_auditoria", "es")
    cuaderno.let(**audit_view.values(cuaderno, study, audited, []))
    assert_every_passage_is_written(cuaderno, group="casos")


# Headings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("## Uno", [(2, "Uno")]),
        ("## Uno ##  ", [(2, "Uno")]),
        ("  ## Uno", [(2, "Uno")]),
        ("Uno\ndos\n---\n\ntexto", [(2, "Uno\ndos")]),
        ("Uno\n===", [(2, "Uno")]),
        ("# Uno\n\n# Dos", [(2, "Uno"), (2, "Dos")]),
        ("> ## Uno\n\n- ## Dos", [(2, "Uno"), (2, "Dos")]),
        ("##\tUno", [(2, "Uno")]),
        (
            "## Uno\n\n##### Dos\n\n###### Tres\n\n## Cuatro",
            [(2, "Uno"), (3, "Dos"), (4, "Tres"), (2, "Cuatro")],
        ),
        ("#### Uno", [(3, "Uno")]),
        ("##", [(2, "")]),
        ("##Uno", []),
        ("    ## Uno", []),
        ("```\n## Uno\n```", []),
        ("\\## Uno", []),
        ("<h2>Uno</h2>", []),
    ],
)
def test_headings_are_those_of_markdown_at_the_level_of_a_page(
    markdown: str, found: list[tuple[int, str]]
) -> None:
    assert [(heading.level, heading.markdown) for heading in headings(markdown)] == found
    reader = _Reader(to_html(markdown, []))
    drawn = [tag for tag in reader.tags if re.fullmatch(r"h\d", tag)]
    assert drawn == [f"h{level}" for level, _ in found]


@given(
    st.lists(st.sampled_from(["#", "##", "###", "####", "> #", "- ###", "a\n-", "a\n=", "x", ""]))
)
def test_no_level_is_skipped_and_no_passage_has_a_title(lines: list[str]) -> None:
    markdown = "\n\n".join(f"{line} t" if "\n" not in line else f"{line}--" for line in lines)
    levels = [heading.level for heading in headings(markdown)]
    assert all(level >= 2 for level in levels)
    assert all(after <= before + 1 for before, after in zip([2, *levels], levels, strict=False))
