"""Tests of the glossary: each term explained once, where a page first uses it."""

import re
from collections import Counter

import pytest
from markupsafe import Markup
from samples import EDITION, PASSAGES, Reader, keep, prose, small

from analysis import texts
from analysis.paths import Project
from analysis.prose import to_html
from analysis.published import Study
from analysis.publishing import glossary
from analysis.publishing.glossary import Explainer, Term, terms
from analysis.publishing.page import Surroundings, render_page
from analysis.publishing.site import write_indexes

languages = pytest.mark.parametrize("lang", texts.LOCALES)


def marked(word: str, term: Term) -> Markup:
    return Markup("[{}|{}]").format(word, term.name)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A glossary of two terms, one of them with a longer form that holds the other."""
    found = (
        Term("base", ("base", "bases"), "El <total>."),
        Term("base de menciones", ("base de menciones",), "Otro total."),
    )
    monkeypatch.setattr(glossary, "terms", lambda lang: found)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, study: Study) -> Reader:
    passages = {**PASSAGES, "lead": "La base.", "findings": "- El recuento es **un recuento**."}
    monkeypatch.setattr(texts, "passages", lambda name, lang: passages)
    made = small(
        "prueba", "es", study, prose("## Una base\n\nBase y `redondeo`.\n\nOtro redondeo.")
    )
    return Reader(render_page(made, "prueba", Surroundings(edition=EDITION)))


# The texts -------------------------------------------------------------------------------------


@languages
def test_every_term_has_a_definition_and_no_form_belongs_to_two(lang: str) -> None:
    found = terms(lang)
    assert len(found) > 5
    assert all(term.definition.strip().endswith(".") and term.forms for term in found)
    forms = Counter(form.casefold() for term in found for form in term.forms)
    assert [form for form, times in forms.items() if times > 1] == []
    assert len({term.name for term in found}) == len(found)
    names = [term.name.casefold() for term in found]
    assert names == sorted(names)


def test_both_languages_explain_the_same_number_of_terms() -> None:
    assert {lang: len(terms(lang)) for lang in texts.LOCALES} == dict.fromkeys(
        texts.LOCALES, len(terms("es"))
    )


@languages
def test_no_definition_has_a_number_typed_in_it(lang: str) -> None:
    assert [term.name for term in terms(lang) if re.search(r"\d", term.definition)] == []


@languages
def test_the_index_holds_the_whole_glossary(lang: str, project: Project, study: Study, tmp_path):
    name = "04_medicion"
    keep(_of_the_project(name, lang, study), tmp_path, name, lang)
    write_indexes(project, tmp_path)
    index = Reader((tmp_path / lang / "index.html").read_text("utf-8"))
    listed = list(zip(index.text("dt"), index.text("dd"), strict=True))
    for term in terms(lang):
        assert (" ".join(term.name.split()), " ".join(term.definition.split())) in listed


def _of_the_project(name, lang, study):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "passages", lambda name, lang: PASSAGES)
        return small(name, lang, study)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(texts.MissingTextError, match="«fr»"):
        terms("fr")


# Where they are explained ----------------------------------------------------------------------


@pytest.mark.usefixtures("few")
def test_a_term_is_explained_once_in_any_of_its_forms() -> None:
    explain = Explainer("es", marked)
    assert explain("Las bases y la base; BASE.") == "Las [bases|base] y la base; BASE."
    assert explain("Otra base.") == "Otra base."


@pytest.mark.usefixtures("few")
def test_a_term_is_found_with_a_capital_but_not_inside_a_word() -> None:
    explain = Explainer("es", marked)
    assert explain("Basedow, subbase, básese") == "Basedow, subbase, básese"
    assert explain("Base una") == "[Base|base] una"


@pytest.mark.usefixtures("few")
def test_no_line_break_parts_a_term_from_the_signs_that_touch_it() -> None:
    explain = Explainer("es", marked)
    assert explain("La «base», una") == 'La <span class="keep">«[base|base]»,</span> una'


@pytest.mark.usefixtures("few")
def test_the_longest_form_wins() -> None:
    explain = Explainer("es", marked)
    assert explain("una base de menciones y una base") == (
        "una [base de menciones|base de menciones] y una [base|base]"
    )


@pytest.mark.usefixtures("few")
def test_text_is_escaped_with_and_without_terms() -> None:
    explain = Explainer("es", marked)
    assert explain("<b>base</b> & <i>") == "&lt;b&gt;[base|base]&lt;/b&gt; &amp; &lt;i&gt;"
    assert explain("<script>") == "&lt;script&gt;"


@pytest.mark.usefixtures("few")
def test_headings_and_code_explain_nothing() -> None:
    explain = Explainer("es", marked)
    html = to_html("## La base\n\n`base`, una **base** y otra base", [], explain)
    assert html.count("[base|base]") == 1
    assert "<h2>La base</h2>" in html and "<code>base</code>" in html
    assert "<strong>[base|base]</strong>" in html


@pytest.mark.usefixtures("few")
def test_a_term_inside_a_link_is_not_explained_there() -> None:
    html = to_html("[la base](https://example.org/) y la base", [], Explainer("es", marked))
    assert html.count("[base|base]") == 1
    assert '<a href="https://example.org/">la base</a> y la [base|base]' in html


def test_a_page_explains_its_terms_at_their_first_use(page: Reader) -> None:
    assert page.problems == []
    assert len(page.spans("term")) == 3
    buttons = dict(zip(map(str, page.all("button")), page.text("button"), strict=True))
    terms_of = [word for word in buttons.values() if not any(map(str.isdigit, word))]
    assert terms_of == ["recuento", "Base", "redondeo"]
    definitions = {term.name: term.definition for term in terms("es")}
    for span, name in zip(page.spans("term"), ("recuento", "base", "redondeo"), strict=True):
        assert definitions[name] in span
    assert "Una base" in page.text("h2")


def test_the_card_of_a_term_is_named_and_has_its_own_identifier(page: Reader) -> None:
    notes = page.all("span", class_="card", role="note")
    named = {a["aria-label"] for a in notes}
    assert {"base", "recuento", "redondeo"} <= named
    ids = [a["id"] for a in notes]
    assert len(ids) == len(set(ids))
    assert sorted(a["popovertarget"] for a in page.all("button")) == sorted(ids)


@pytest.mark.usefixtures("few")
def test_a_hostile_definition_is_escaped_in_its_card(
    monkeypatch: pytest.MonkeyPatch, study: Study
) -> None:
    hostile = (Term('"><b>', ("hallazgo",), "<script>alert(1)</script> & <i>"),)
    monkeypatch.setattr(glossary, "terms", lambda lang: hostile)
    passages = {**PASSAGES, "findings": "- Un hallazgo."}
    monkeypatch.setattr(texts, "passages", lambda name, lang: passages)
    made = small("prueba", "es", study)
    page = Reader(render_page(made, "prueba", Surroundings(edition=EDITION)))
    (card,) = page.spans("term")
    assert "<script>alert(1)</script> & <i>" in card
    assert page.all("b") == page.all("i") == []
    assert len(page.all("script")) == 1
