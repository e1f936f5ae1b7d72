"""Formulas in prose: MathML in the page, set by Typst on paper, and never raw TeX or an amount."""

import re

import nbformat
import pytest
from defusedxml.ElementTree import fromstring
from markupsafe import Markup
from pikepdf import Pdf

from analysis import maths, prose, texts
from analysis.prose import ProseError, to_html, to_text
from analysis.publishing.document import PageError, document
from analysis.publishing.pdf import PdfError
from tests.pdf_samples import checked, opened, pages_text, render, roles
from tests.pdf_samples import prose as prose_block

ALPHA = r"\alpha = 1 - \frac{D_o}{D_e}"
WILSON = (
    r"\frac{\hat{p} + \frac{z^2}{2n} \pm z\sqrt{\frac{\hat{p}(1-\hat{p})}{n} + \frac{z^2}{4n^2}}}"
    r"{1 + \frac{z^2}{n}}"
)
MONEY = [
    "entre $20 y 30$ pesos",
    "US$ 5 y US$ 6",
    "$20 y $30",
    "$20/$30",
    "US$a$",
    "cuesta \\$a\\$",
    "$ x $",
    "$",
    "$$",
    "`$a$`",
]
REFUSED = {
    r"\frac{a}": "falta una parte",
    r"\foo x": "la orden «\\foo» no existe",
    "48": "no tiene ninguna letra",
    r"x = 48\%": "un porcentaje no es una fórmula",
    "x^": "no se entiende",
    "{": "no se entiende",
    r"\left(x": "no se entiende",
    r"\href{javascript:alert(1)}{x}": "usa algo que no se publica",
    r"\style{color:red}{y}": "usa algo que no se publica",
    r"\begin{matrix}a & b\end{matrix}": "usa algo que no se publica",
}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</math><script>alert(1)</script>",
    'x" onload="alert(1)',
]


def mathml(tex: str) -> list[tuple[str, str]]:
    return [(node.tag, node.text or "") for node in fromstring(maths.formula(tex).mathml).iter()]


def test_a_formula_becomes_mathml_with_its_parts() -> None:
    assert mathml(ALPHA) == [
        ("math", ""), ("mrow", ""), ("mi", "α"), ("mo", "="), ("mn", "1"), ("mo", "−"),
        ("mfrac", ""), ("mrow", ""), ("msub", ""), ("mi", "D"), ("mi", "o"),
        ("mrow", ""), ("msub", ""), ("mi", "D"), ("mi", "e"),
    ]  # fmt: skip
    assert ("mo", "±") in mathml(WILSON)
    assert maths.formula(ALPHA).words == "α = 1 − (D_o) / (D_e)"


def test_a_formula_in_a_line_and_one_of_its_own() -> None:
    html = to_html(f"Si $z$ crece, *crece*\n\n$${ALPHA}$$", [])
    assert '<span class="formula"><math display="inline"><mrow><mi>z</mi>' in html
    assert f'tabindex="0" aria-label="{maths.formula(ALPHA).words}"><math display="block">' in html
    assert "<em>crece</em>" in html
    assert "$" not in html
    assert to_text("Con $x_1$ y *más*", []) == "Con x_1 y más"


@pytest.mark.parametrize("text", MONEY)
def test_an_amount_of_money_is_no_formula(text: str) -> None:
    html = to_html(text, [])
    assert "<math" not in html
    assert html.count("$") == text.count("$")


def test_a_value_and_a_number_with_origin_are_no_formula(monkeypatch) -> None:
    monkeypatch.setattr(texts, "passages", lambda *_: {"key": "Dice {{ words }}."})
    written = prose.write("cuaderno", "key", "es", words="$a$ y $b$")
    assert to_html(written.markdown, []) == "<p>Dice $a$ y $b$.</p>\n"
    html = to_html("Cuesta $\ue0000\ue001$.", [Markup("48")])
    assert "<math" not in html and "48" in html


@pytest.mark.parametrize("tex", REFUSED)
def test_what_is_no_formula_stops_the_build_and_says_why(tex: str, monkeypatch) -> None:
    monkeypatch.setattr(texts, "passages", lambda *_: {"key": f"Así: ${tex}$."})
    with pytest.raises(ProseError) as raised:
        prose.write("cuaderno", "key", "es")
    said = str(raised.value)
    assert REFUSED[tex] in said and tex in said
    assert "analysis/texts/es/cuaderno.md, [key]" in said


def test_digits_of_a_formula_are_its_own_and_others_are_still_refused(monkeypatch) -> None:
    monkeypatch.setattr(texts, "passages", lambda *_: {"key": "Con $x^2$."})
    assert "$x^2$" in prose.write("cuaderno", "key", "es").markdown
    monkeypatch.setattr(texts, "passages", lambda *_: {"key": "Con $x^2$ y 48."})
    with pytest.raises(ProseError, match="cifra escrita a mano en «Con  y 48"):
        prose.write("cuaderno", "key", "es")


@pytest.mark.parametrize("tex", HOSTILE)
def test_no_markup_comes_out_of_a_formula(tex: str) -> None:
    try:
        html = to_html(f"${tex}$", [])
    except maths.MathsError:
        return
    inside = re.findall(r"<(\w+)([^>]*)>", html.replace("<p>", "").replace("</p>", ""))
    assert {tag for tag, _ in inside} <= {*maths._PARTS, "span"}
    assert all("onerror" not in rest and "onload" not in rest for _, rest in inside)


def test_a_broken_formula_of_a_markdown_cell_is_named_with_its_cell() -> None:
    cells = [nbformat.v4.new_markdown_cell("Bien: $x$"), nbformat.v4.new_markdown_cell("$x^$")]
    with pytest.raises(PageError, match=r"En la celda 2: La fórmula «x\^» no se puede publicar"):
        document(nbformat.v4.new_notebook(cells=cells))


def test_on_paper_a_formula_is_set_and_has_an_alternative(tmp_path) -> None:
    made = render(prose_block(f"Con $\\hat{{p}}$ y $x_1$:\n\n$${WILSON}$$\n\n$${ALPHA}$$"))
    result = checked(made, tmp_path)
    assert result.errors == 0, [finding.message for finding in result.findings]
    with Pdf.open(tmp_path / "cuaderno.pdf") as tagged:
        said = [str(item.Alt) for item in roles(tagged, "/Formula")]
    assert said == [maths.formula(tex).words for tex in (r"\hat{p}", "x_1", WILSON, ALPHA)]
    words = " ".join(pages_text(made))
    assert "\\" not in words and "$" not in words
    assert "√" in words and "𝛼" in words  # those of a line of their own are painted too
    assert any("NewCMMath" in font[3] for page in opened(made) for font in page.get_fonts())


@pytest.mark.parametrize("name", ["04_medicion", "05_codificacion"])
def test_both_languages_of_a_method_show_the_same_formulas(name: str) -> None:
    shown = {
        lang: [made.words for made in maths.formulas(texts.passages(name, lang)["method"])]
        for lang in texts.LOCALES
    }
    assert shown["es"] == shown["en"]
    assert maths.formula(WILSON if name == "04_medicion" else ALPHA).words in shown["es"]


def test_a_formula_that_cannot_be_set_is_an_error_of_the_pdf() -> None:
    with pytest.raises(PdfError, match="falta una parte"):
        render(prose_block(r"$\frac{a}$"))
