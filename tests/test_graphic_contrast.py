"""What a drawing or a control says without words has 3:1 against its ground (WCAG 2.2, 1.4.11).

A pale filling is allowed inside an outline that has it, and so is what says nothing alone: the
rules of a scale and the paper under a text. A shade of a matrix has its number written on it.
"""

import itertools
import re
from collections.abc import Iterator

import pytest
from defusedxml.ElementTree import fromstring
from gallery import gallery
from test_charts import draw_all
from test_palette import THEMES, Colour, contrast, over

from analysis.charts import Chart
from analysis.charts.sheet import BANDS
from analysis.display import style
from analysis.published import Study
from analysis.theme import MARKS, PALETTE

LEAST = 3.0
SILENT = {"rule", "band", "paper"}
"""Colours of what says nothing alone: scales, the ground of a row, the paper under a text."""
_NAMED = re.compile(r"var\(--([\w-]+)")

every_theme = pytest.mark.parametrize("theme", THEMES)


def ground_of(theme: str) -> dict[str, Colour]:
    return {name: THEMES[theme].get(name, THEMES["light"][name]) for name in ("paper", "sheet")}


def shapes(svg: str) -> Iterator[tuple[str, dict[str, str]]]:
    """List what is painted, in order: its outline and how it is painted."""
    for node in fromstring(svg).iter():
        if node.tag.rpartition("}")[2] in ("path", "use") and "style" in node.attrib:
            pairs = (pair.split(":", 1) for pair in node.get("style", "").split(";") if ":" in pair)
            yield node.get("d", ""), {name.strip(): value.strip() for name, value in pairs}


def strongest(painted: dict[str, str], theme: str) -> float:
    """Return the contrast of what is best seen of a shape; of one without colour, infinity."""
    back = THEMES[theme]["paper"]
    found = []
    for part in ("fill", "stroke"):
        named = _NAMED.search(painted.get(part, ""))
        if named and named[1] not in SILENT:
            alpha = float(painted.get("opacity", 1)) * float(painted.get(f"{part}-opacity", 1))
            found.append(contrast(over(THEMES[theme][named[1]], back, alpha), back))
    return max(found, default=float("inf"))


@pytest.fixture(scope="module")
def charts(study: Study) -> list[Chart]:
    """One of each kind of chart."""
    return [*gallery(), *draw_all(study).values()]


@every_theme
def test_every_shape_of_a_drawing_is_seen(charts: list[Chart], theme: str) -> None:
    faint = []
    for chart in charts:
        for svg in chart.svg.values():
            drawn = list(shapes(svg))
            assert any(strongest(painted, theme) < float("inf") for _, painted in drawn)
            for (before, under), (outline, painted) in itertools.pairwise([("", {}), *drawn]):
                if chart.id.startswith("matrix") and "opacity" in painted:
                    continue
                framed = outline == before and strongest(under, theme) >= LEAST
                if strongest(painted, theme) < LEAST and not framed:
                    faint.append((chart.id, painted))
    assert faint == []


@every_theme
def test_no_colour_of_the_palette_is_faint_but_the_fillings_and_what_is_silent(theme: str) -> None:
    fillings = {filling for filling, _ in BANDS.values()}
    for name in PALETTE.keys() - SILENT - fillings:
        for back in ground_of(theme).values():
            assert contrast(THEMES[theme][name], back) >= LEAST, name


@every_theme
def test_a_mark_is_seen_on_the_range_of_its_class(theme: str) -> None:
    named = {code: name for name, code in PALETTE.items()}
    for evidence, (filling, edge) in BANDS.items():
        mark = THEMES[theme][named[MARKS[evidence][1]]]
        assert contrast(mark, THEMES[theme][filling]) >= LEAST, evidence
        assert contrast(THEMES[theme][edge], THEMES[theme]["paper"]) >= LEAST, evidence
    assert contrast(THEMES[theme]["ochre"], THEMES[theme]["band"]) >= LEAST  # feasible bases


@every_theme
def test_focus_controls_and_edges_that_tell_a_class_are_seen(theme: str) -> None:
    css = style("screen") + style("page")
    said = re.findall(r"(?:outline|border|text-decoration)[\w-]*: [^;{}]*var\(--(\w+)\)", css)
    told = set(said) - SILENT - {"sheet"}
    assert {"teal", "soft", "plum", "ochre"} <= told
    for name in told:
        for back in ground_of(theme).values():
            assert contrast(THEMES[theme][name], back) >= LEAST, name
    for rule in re.findall(r"([^{}]*(?:input|:focus-visible)[^{}]*)\{([^{}]*)\}", css):
        for line in re.findall(r"(?:outline|border): ([^;]*)", rule[1]):
            assert set(_NAMED.findall(line)) - SILENT, f"{rule[0]}: {line}"
    # the banner of a demonstration is dashed in the colour of the sheet
    sheet = ground_of(theme)["sheet"]
    assert contrast(sheet, THEMES[theme]["plum"]) >= LEAST
