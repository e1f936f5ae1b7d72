"""Tests of the charts: well-formed SVG with real text, legible, signed, and the same every time."""

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring

from analysis import charts, measurement, texts
from analysis.audit import audit, oddities
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.provenance import EvidenceClass, ProvenanceError, evidence_name
from analysis.published import Study
from analysis.rounding import RoundingRule
from analysis.tables import Table
from analysis.theme import MARKS, PALETTE
from analysis.views import audit as audit_view
from analysis.views import measurement as measurement_view

DRAWINGS = ("wide", "narrow")
FIGURES = ("bases", "intervals", "verdicts")
#: Least width of the screen at which each drawing is shown, and the margins of the page, in pixels.
LEAST_SCREEN = {"wide": 705, "narrow": 360}
MARGINS = 36
LEAST_FONT = 11

CASES = list(itertools.product(FIGURES, DRAWINGS))


def draw_all(study: Study) -> dict[str, Chart]:
    """Draw the figures of the shipped cuadernos."""
    audited = audit(study)
    first = Cuaderno("01_auditoria")
    first.let(**audit_view.values(first, study, audited, oddities(study)))
    result = measurement.diagnose(study, max_base=120, rule=RoundingRule.HALF_UP, level=0.95)
    fourth = Cuaderno("04_medicion")
    fourth.let(**measurement_view.values(fourth, study, result))
    found = [
        measurement_view.bases_figure(fourth, result),
        measurement_view.intervals_figure(fourth, study, result),
        audit_view.verdicts_figure(first, study, audited),
    ]
    return {chart.id: chart for chart in found}


def digests(figures: dict[str, Chart]) -> dict[str, str]:
    return {
        f"{chart.id}-{name}": hashlib.sha256(chart.svg[name].encode("utf-8")).hexdigest()
        for chart in figures.values()
        for name in DRAWINGS
    }


@pytest.fixture(scope="module")
def figures(study: Study) -> dict[str, Chart]:
    return draw_all(study)


def tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def words(svg: str) -> list[str]:
    """Read the text of a drawing."""
    return ["".join(e.itertext()) for e in fromstring(svg).iter() if tag(e) == "text"]


def identifiers(svg: str) -> list[str]:
    return [e.attrib["id"] for e in fromstring(svg).iter() if "id" in e.attrib]


def font_sizes(svg: str) -> Iterable[float]:
    """Read the size of every text of a drawing, in the units of its view box."""
    for element in fromstring(svg).iter():
        if tag(element) in ("text", "tspan"):
            style = element.attrib.get("style", "")
            found = re.search(r"font(?:-size)?:[^;]*?([\d.]+)px", style)
            if found or tag(element) == "text":
                assert found is not None, style
                yield float(found[1])


# The drawings ----------------------------------------------------------------------------------


def test_the_figures_of_the_shipped_cuadernos_are_all_examined(
    figures: dict[str, Chart],
) -> None:
    assert tuple(figures) == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_wide_and_a_narrow_drawing(figures: dict[str, Chart], name: str) -> None:
    assert set(figures[name].svg) == set(DRAWINGS)
    wide, narrow = (fromstring(figures[name].svg[drawing]) for drawing in DRAWINGS)
    assert tag(wide) == tag(narrow) == "svg"
    assert (wide.attrib["width"], narrow.attrib["width"]) == ("680", "328")
    assert "height" not in wide.attrib, "the height must follow the width"


@pytest.mark.parametrize(("name", "drawing"), CASES)
def test_the_words_of_a_drawing_are_text_and_not_outlines(
    figures: dict[str, Chart], name: str, drawing: str
) -> None:
    chart = figures[name]
    expected = {
        "bases": ["Número de respuestas sobre el que se calculó el porcentaje", "× 10: imposible"],
        "intervals": ["Intermitente", "48\u00a0% · 33 a 63\u00a0%", "100\u00a0%"],
        "verdicts": ["coincide", "no verificable", "el estudio (23)"],
    }[name]
    assert set(expected) <= set(words(chart.svg[drawing]))
    assert not re.search(r'id="[^"]*(?:Source|DejaVu)[^"]*"', chart.svg[drawing]), "glyphs"


@pytest.mark.parametrize(("name", "drawing"), CASES)
def test_no_text_is_smaller_than_11_pixels_where_it_is_shown(
    figures: dict[str, Chart], name: str, drawing: str
) -> None:
    svg = figures[name].svg[drawing]
    units = float(fromstring(svg).attrib["viewBox"].split()[2])
    shown = LEAST_SCREEN[drawing] - MARGINS
    sizes = list(font_sizes(svg))
    assert len(sizes) == len(words(svg)) > 5
    assert min(sizes) * shown / units >= LEAST_FONT


@pytest.mark.parametrize("name", FIGURES)
def test_the_class_of_evidence_is_written_inside_each_drawing(
    figures: dict[str, Chart], name: str
) -> None:
    chart = figures[name]
    for drawing in DRAWINGS:
        found = words(chart.svg[drawing])
        signature = found[found.index(texts.label("chart.signature", "es")) + 1 :]
        assert set(signature) == {evidence_name(item, "es") for item in chart.evidence}


def test_identifiers_are_unique_among_all_figures_and_drawings(
    figures: dict[str, Chart],
) -> None:
    found = [
        i for chart in figures.values() for svg in chart.svg.values() for i in identifiers(svg)
    ]
    assert len(found) > 50
    assert len(found) == len(set(found))


@pytest.mark.parametrize(("name", "drawing"), CASES)
def test_every_reference_of_a_drawing_is_to_something_inside_it(
    figures: dict[str, Chart], name: str, drawing: str
) -> None:
    svg = figures[name].svg[drawing]
    used = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', svg)
    references = {a or b for a, b in used}
    assert references
    assert references <= {f"#{i}" for i in identifiers(svg)}


@pytest.mark.parametrize(("name", "drawing"), CASES)
def test_a_drawing_holds_nothing_that_runs_or_loads(
    figures: dict[str, Chart], name: str, drawing: str
) -> None:
    root = fromstring(figures[name].svg[drawing])
    assert not {tag(e) for e in root.iter()} & {"script", "image", "foreignObject", "metadata", "a"}
    assert not [a for e in root.iter() for a in e.attrib if a.lower().startswith("on")]
    assert root.attrib["aria-hidden"] == "true", "the figure has its own text alternative"


@pytest.mark.parametrize("name", FIGURES)
def test_the_colours_of_a_drawing_are_those_of_the_page(
    figures: dict[str, Chart], name: str
) -> None:
    svg = figures[name].svg["wide"]
    for colour in PALETTE.values():
        assert svg.count(colour) == svg.count(f", {colour})"), f"{colour} outside a variable"
    assert "var(--" in svg


def test_the_drawings_are_the_same_bytes_in_another_process(figures: dict[str, Chart]) -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import test_charts as t; "
        "from analysis.published import load_study; "
        "print(json.dumps(t.digests(t.draw_all(load_study(sys.argv[1])))))"
    )
    folder = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        env={**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == digests(figures)


# What they show --------------------------------------------------------------------------------


def test_the_chart_of_bases_draws_a_mark_for_every_feasible_base(
    figures: dict[str, Chart], study: Study
) -> None:
    result = measurement.diagnose(study, max_base=120, rule=RoundingRule.HALF_UP, level=0.95)
    bases = sum(len(found) for found in result.by_rule.values())
    for drawing in DRAWINGS:
        root = fromstring(figures["bases"].svg[drawing])
        groups = [e for e in root.iter() if "PathCollection" in e.attrib.get("id", "")]
        marks = [sum(tag(e) == "use" for e in group.iter()) for group in groups]
        assert marks == [bases, len(result.by_rule)]


def test_a_rule_without_any_base_says_so(study: Study) -> None:
    table = a_table(study)
    chart = charts.feasible_bases(
        {"Al azar": (), "Siempre": (40, 80)},
        impossible=10,
        limit=120,
        table=table,
        title="Título",
        caption="Pie",
        lang="es",
    )
    assert "Al azar: ninguna hasta 120" in words(chart.svg["wide"])
    assert "Siempre: desde 40" in words(chart.svg["narrow"])
    assert chart.alt == (
        "Título. Bases posibles hasta 120 según la regla de redondeo: "
        "Al azar: ninguna hasta 120; Siempre: desde 40, en 2 bases."
    )


def test_the_chart_of_verdicts_writes_every_count(figures: dict[str, Chart]) -> None:
    rows = figures["verdicts"].table.rows
    verdicts = ["matches", "possible", "impossible", "unverifiable"]
    expected = sorted(row[v].text("es") for row in rows for v in verdicts)
    for drawing in DRAWINGS:
        numbers = [word for word in words(figures["verdicts"].svg[drawing]) if word.isdigit()]
        assert sorted(numbers) == expected


def test_a_chart_of_verdicts_draws_bars_in_proportion(study: Study) -> None:
    counts = pd.DataFrame(
        [[10, 5, 0, 1], [2, 0, 0, 0]],
        index=["grupo a", "grupo b"],
        columns=["coincide", "posible", "imposible", "no verificable"],
    )
    chart = charts.verdicts(counts, table=a_table(study), title="Título", caption="Pie", lang="es")
    widths = bar_widths(chart.svg["wide"])
    longest = max(widths)
    assert [round(10 * width / longest, 2) for width in widths] == [10, 2, 5, 0, 0, 0, 1, 0]
    assert chart.alt == "Título. coincide: 12; posible: 5; imposible: 0; no verificable: 1."


def bar_widths(svg: str) -> list[float]:
    """Measure the bars of a drawing, in the order in which they were drawn."""
    widths = []
    for path in fromstring(svg).iter():
        if tag(path) == "path" and "clip-path" in path.attrib and "d" in path.attrib:
            across = [float(x) for x in re.findall(r"[ML] (-?[\d.]+)", path.attrib["d"])]
            widths.append(max(across) - min(across))
    return widths


def test_the_text_alternative_holds_the_finding_and_the_main_values(
    figures: dict[str, Chart],
) -> None:
    parts = {
        "bases": ["La mitad, hacia arriba: desde 40", "Siempre hacia abajo: ninguna hasta 120"],
        "intervals": ["Constante: publicado 33\u00a0%, intervalo de 20\u00a0% a 48\u00a0%"],
        "verdicts": ["imposible: 8", "no verificable: 51"],
    }
    for name, chart in figures.items():
        assert chart.alt.startswith(f"{chart.title}. ")
        for part in parts[name]:
            assert part in chart.alt


def test_every_class_of_evidence_has_its_own_mark_and_colour() -> None:
    assert set(MARKS) == set(EvidenceClass)
    markers, colours = zip(*MARKS.values(), strict=True)
    assert len(set(markers)) == len(set(colours)) == len(EvidenceClass)


# Refusals --------------------------------------------------------------------------------------


def a_table(study: Study) -> Table:
    """Return some table with a row."""
    cuaderno = Cuaderno("01_auditoria")
    return audit_view.claims_table(cuaderno, study, audit(study)[:1], "Una cifra")


@pytest.mark.parametrize("field", ["title", "alt", "caption"])
@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_figure_without_its_words_is_refused(
    figures: dict[str, Chart], field: str, blank: str
) -> None:
    with pytest.raises(ProvenanceError) as caught:
        replace(figures["bases"], **{field: blank})
    assert str(caught.value) == f"La figura «bases» necesita {field}."


def test_a_figure_without_data_is_refused(figures: dict[str, Chart]) -> None:
    chart = figures["bases"]
    with pytest.raises(ProvenanceError, match="La figura «bases» necesita su tabla de datos"):
        replace(chart, table=replace(chart.table, rows=()))


def test_a_figure_without_class_is_refused(figures: dict[str, Chart]) -> None:
    with pytest.raises(ProvenanceError, match="Falta la clase de evidencia"):
        replace(figures["bases"], evidence=frozenset())
    with pytest.raises(ProvenanceError, match="no es una clase de evidencia"):
        replace(figures["bases"], evidence=frozenset({"published"}))


def test_a_figure_without_origin_is_refused(figures: dict[str, Chart]) -> None:
    with pytest.raises(ProvenanceError, match="Falta el origen"):
        replace(figures["bases"], origins=())
