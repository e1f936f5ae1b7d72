"""Every form of chart: all text inside the drawing, none over another, classes in every mark."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring
from gallery import DEMO, LONG, OBSERVED, WORD, gallery, some_share, words
from samples import quantity, share

from analysis import charts, texts
from analysis.charts import CountRange, CurvePoint, Link
from analysis.charts.core import ALT_ITEMS
from analysis.charts.matrix import step_of
from analysis.charts.sheet import RowLabel, place_rows
from analysis.provenance import Base, EvidenceClass, evidence_name
from analysis.theme import CANVASES, PALETTE, text_width, wrap

DRAWINGS = ("wide", "narrow")
CHARTS = {chart.id: chart for chart in gallery()}
_ANCHOR = {"middle": 0.5, "end": 1.0}


@dataclass(frozen=True)
class Words:
    """A line of text of a drawing and the box that it fills, in CSS pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float

    def overlaps(self, other: "Words") -> bool:
        near = 0.5
        return (
            self.left < other.right - near
            and other.left < self.right - near
            and self.top < other.bottom - near
            and other.top < self.bottom - near
        )


def lines(svg: str) -> Iterator[Words]:
    """Measure every line of text of a drawing."""
    for element in fromstring(svg).iter():
        if element.tag.rpartition("}")[2] != "text":
            continue
        style = element.attrib["style"]
        size = float(re.search(r"([\d.]+)px", style)[1]) / 0.75
        width = text_width(element.text or "", size, bold="600" in style)
        anchor = re.search(r"text-anchor: (\w+)", style)
        back = width * _ANCHOR.get(anchor[1] if anchor else "", 0)
        turned = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\) rotate\(-90\)",
                              element.attrib.get("transform", ""))  # fmt: skip
        moved = re.fullmatch(
            r"translate\(([-\d.]+) ([-\d.]+)\)", element.attrib.get("transform", "")
        )
        found = turned or moved
        x = float(found[1] if found else element.attrib["x"]) / 0.75
        y = float(found[2] if found else element.attrib["y"]) / 0.75
        up, down = 0.70 * size, 0.18 * size
        if turned:
            yield Words(element.text or "", x - up, y - width, x + down, y, size)
        else:
            yield Words(element.text or "", x - back, y - up, x - back + width, y + down, size)


def each_drawing(test: Callable[..., None]) -> Callable[..., None]:
    cases = [(name, drawing) for name in CHARTS for drawing in DRAWINGS]
    return pytest.mark.parametrize(("name", "drawing"), cases)(test)


@each_drawing
def test_every_word_stands_inside_the_drawing_and_is_legible(name: str, drawing: str) -> None:
    svg = CHARTS[name].svg[drawing]
    width, height = (float(n) / 0.75 for n in fromstring(svg).attrib["viewBox"].split()[2:])
    for line in lines(svg):
        assert line.left >= -0.6 and line.right <= width + 0.6, line
        assert line.top >= -0.6 and line.bottom <= height + 0.6, line
        assert line.size >= 11.4, line


@each_drawing
def test_no_word_stands_on_another(name: str, drawing: str) -> None:
    found = list(lines(CHARTS[name].svg[drawing]))
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :] if a.overlaps(b)]
    assert not pairs


@each_drawing
def test_the_classes_are_signed_inside_the_drawing(name: str, drawing: str) -> None:
    chart = CHARTS[name]
    found = [line.text for line in lines(chart.svg[drawing])]
    signature = found[found.index(texts.label("chart.signature", "es")) + 1 :]
    assert set(signature) == {evidence_name(item, "es") for item in chart.evidence}


@each_drawing
def test_what_is_fictitious_is_hatched_or_dashed_in_the_drawing_itself(
    name: str, drawing: str
) -> None:
    chart = CHARTS[name]
    svg = chart.svg[drawing]
    marked = "<pattern" in svg or "stroke-dasharray" in svg
    plum = PALETTE["plum"] in svg
    assert (marked and plum) == (EvidenceClass.DEMO in chart.evidence)


def test_the_gallery_is_the_same_bytes_every_time() -> None:
    again = {chart.id: chart for chart in gallery()}
    assert {n: dict(c.svg) for n, c in again.items()} == {n: dict(c.svg) for n, c in CHARTS.items()}


def test_no_identifier_of_the_gallery_repeats() -> None:
    found = Counter(
        element.attrib["id"]
        for chart in CHARTS.values()
        for svg in chart.svg.values()
        for element in fromstring(svg).iter()
        if "id" in element.attrib
    )
    assert [name for name, times in found.items() if times > 1] == []


def test_36_ranges_weigh_less_than_100_kilobytes_a_drawing() -> None:
    ranges = [CountRange(label=f"Acción {n}", low=n % 5, high=5 + n % 6) for n in range(36)]
    chart = charts.possible_counts(ranges, base=Base("city", 10), **words("many"))
    assert all(len(svg.encode()) < 100_000 for svg in chart.svg.values())


# What the drawings say ---------------------------------------------------------------------------


def test_a_share_is_written_with_count_base_and_interval() -> None:
    chart = charts.shares({"Mide": some_share(4, 10)}, **words("one"))
    for drawing in DRAWINGS:
        found = [line.text for line in lines(chart.svg[drawing])]
        assert "4 de 10 (40\u00a0%) · 17 a 63\u00a0%" in found


def test_nobody_answered_is_said_and_not_drawn_as_zero() -> None:
    empty = charts.shares({"Mide": None}, **words("none"))
    assert "Mide: nadie respondió" in empty.alt
    zero = charts.shares({"Mide": some_share(0, 10)}, **words("none"))
    teal = f"fill: var(--teal, {PALETTE['teal']})"
    mark = re.compile(rf'<use [^>]*style="{re.escape(teal)}')
    counts = [len(mark.findall(chart.svg["wide"])) for chart in (empty, zero)]
    assert counts[1] == counts[0] + 1


def test_waves_that_cannot_be_compared_are_not_joined() -> None:
    values = {"Mide": some_share(4, 10)}, {"Mide": some_share(6, 10)}
    names = ("2017", "2026")
    joined = charts.paired(*values, names=names, **words("pair"))
    reason = "Cambió la pregunta"
    apart = charts.paired(*values, names=names, blocked={"Mide": reason}, **words("pair"))
    soft = f"stroke: var(--soft, {PALETTE['soft']})"
    assert joined.svg["wide"].count(soft) == apart.svg["wide"].count(soft) + 1
    assert reason in apart.alt
    assert reason in [line.text for line in lines(apart.svg["narrow"])]


def test_an_alternative_names_the_main_values_and_counts_the_rest() -> None:
    ranges = [CountRange(label=f"Acción {n}", low=0, high=4) for n in range(36)]
    chart = charts.possible_counts(ranges, base=Base("city", 10), **words("many"))
    assert chart.alt.startswith(f"{chart.title}. Acción 0: 0 a 4; Acción 1: 0 a 4")
    assert chart.alt.endswith(f"; y {36 - ALT_ITEMS} más en la tabla.")


def test_a_range_that_says_nothing_is_an_outline() -> None:
    known = charts.possible_counts(
        [CountRange(label="A", low=0, high=4)], base=Base("city", 10), **words("a")
    )
    unknown = charts.possible_counts(
        [CountRange(label="A", low=0, high=10)], base=Base("city", 10), **words("a")
    )
    band = PALETTE["ochre-band"]
    assert band in known.svg["wide"] and band not in unknown.svg["wide"]


def test_the_matrix_names_its_largest_cells_and_leaves_the_unobserved_empty() -> None:
    counts = pd.DataFrame(
        [[3, 0], [pd.NA, 7]], index=["Aprender", "Medir"], columns=["C01", "C02"], dtype="Int64"
    )
    chart = charts.matrix(counts, evidence=DEMO, unit="Segmentos", **words("m"))
    assert chart.alt.endswith("Medir en C02: 7; Aprender en C01: 3.")
    for drawing in DRAWINGS:
        numbers = [line.text for line in lines(chart.svg[drawing]) if line.text.isdigit()]
        assert sorted(numbers) == ["0", "3", "7"]


def test_shades_grow_with_the_counts_and_use_the_whole_scale() -> None:
    shades = [step_of(value, 20) for value in range(1, 21)]
    assert shades == sorted(shades)
    assert (shades[0], shades[-1]) == (0, 4)
    assert step_of(1, 1) == 4


def test_the_parts_of_a_bar_are_drawn_as_they_are() -> None:
    parts = {"uno": share(2, 4), "dos": share(1, 4), "tres": share(1, 4)}
    chart = charts.composition({"Todo": parts}, **words("p"))
    assert chart.alt.endswith(
        "Todo: uno 2 de 4 (50\u00a0%); dos 1 de 4 (25\u00a0%); tres 1 de 4 (25\u00a0%)."
    )


def test_a_curve_without_points_is_named_as_empty() -> None:
    axes = {"x_axis": "Documentos", "y_axis": "Códigos"}
    series = {"Vacía": [], "Otra": [CurvePoint(1, 2), CurvePoint(9, 5.5)]}
    chart = charts.curve(series, evidence=OBSERVED, **axes, **words("c"))
    assert "Vacía: sin datos; Otra: de 2 con 1 a 5,5 con 9" in chart.alt
    empty = charts.curve({"Vacía": []}, evidence=OBSERVED, **axes, **words("c"))
    assert "Vacía (sin datos)" in [line.text for line in lines(empty.svg["wide"])]


def test_a_network_without_links_says_so() -> None:
    chart = charts.network({"Uno": 2, "Dos": 1}, [], evidence=OBSERVED, **words("n"))
    assert "ninguna coincidencia" in chart.alt


def test_charts_without_rows_are_still_signed() -> None:
    for chart in (charts.shares({}, **words("e")), charts.coverage({}, **words("e"))):
        assert chart.evidence == frozenset(EvidenceClass)


# Refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "links",
    [
        [Link("Uno", "Tres", 1)],
        [Link("Uno", "Uno", 1)],
        [Link("Uno", "Dos", 1), Link("Dos", "Uno", 2)],
        [Link("Uno", "Dos", 0)],
    ],
)
def test_a_network_that_contradicts_itself_is_refused(links: list[Link]) -> None:
    with pytest.raises(ValueError, match="«n»"):
        charts.network({"Uno": 2, "Dos": 1}, links, evidence=OBSERVED, **words("n"))


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="no se pueden leer"):
        charts.network({str(n): 1 for n in range(25)}, [], evidence=OBSERVED, **words("n"))
    with pytest.raises(ValueError, match="curvas"):
        charts.curve(
            {str(n): [] for n in range(5)}, evidence=DEMO, x_axis="x", y_axis="y", **words("c")
        )
    with pytest.raises(ValueError, match="ordenados"):
        charts.curve(
            {"a": [CurvePoint(2, 1), CurvePoint(1, 1)]},
            evidence=DEMO, x_axis="x", y_axis="y", **words("c"),
        )  # fmt: skip
    with pytest.raises(ValueError, match="partes"):
        charts.composition({"Todo": {str(n): share(1, 9) for n in range(6)}}, **words("p"))
    with pytest.raises(ValueError, match="matriz"):
        charts.matrix(pd.DataFrame(), evidence=DEMO, unit="u", **words("m"))
    with pytest.raises(ValueError, match="negativo"):
        charts.matrix(pd.DataFrame({"a": [-1]}), evidence=DEMO, unit="u", **words("m"))
    with pytest.raises(ValueError, match="rango"):
        charts.possible_counts(
            [CountRange(label="a", low=0, high=11)], base=Base("city", 10), **words("r")
        )
    with pytest.raises(ValueError, match="rango imposible"):
        CountRange(label="a", low=3, high=2)


def test_coverage_of_a_value_without_count_is_refused() -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="no tiene recuento"):
        charts.coverage({"Perú": replace(quantity(1), value=None, shown="varias")}, **words("v"))


# Layout ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [LONG, WORD, "", "a", "un\u00a0solo\u00a0renglón", "x" * 300])
@pytest.mark.parametrize("width", [60, 130, 328])
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: float) -> None:
    found = wrap(text, width)
    assert all(text_width(line) <= width for line in found)
    plain = [line.rstrip("-") for line in found]
    assert "".join(plain).replace(" ", "") == text.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("canvas", CANVASES, ids=lambda canvas: canvas.name)
def test_rows_never_share_their_room(canvas: object) -> None:
    labels = [
        RowLabel(LONG, WORD, "4 de 10 (40 %) · 17 a 69 %", f"Grupo {n // 2}") for n in range(6)
    ]
    rows = place_rows(canvas, labels)
    middles = [place.y for place in rows.places]
    assert middles == sorted(middles)
    for place, after in zip(rows.places, rows.places[1:], strict=False):
        assert place.y + 6 <= min(y for y, _, _ in after.lines) - 6
