"""The colours that tell things apart, as colour-blind readers and a grey printer see them.

Distances are CAM02-UCS (Luo, Cui and Li 2006), where 2 is about one just noticeable difference;
deficiencies are those of Machado, Oliveira and Fernandes (2009) at full severity.
"""

import itertools
import re

import pytest
from colorspacious import cspace_convert, deltaE

from analysis.charts.matrix import _LIGHT, _STEPS
from analysis.charts.parts import LOOKS
from analysis.display import style
from analysis.provenance import EvidenceClass
from analysis.theme import MARKS, PALETTE

FAR = 10.0
"""Least distance between two colours that a reader has to tell apart: five times the noticeable."""
SIGHTS = ("normal", "deuteranomaly", "protanomaly", "tritanomaly", "grey")
Colour = tuple[float, float, float]


def colour(code: str) -> Colour:
    return tuple(int(code[n : n + 2], 16) / 255 for n in (1, 3, 5))


def variables(css: str) -> dict[str, Colour]:
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css)
    return {name: colour(code) for name, code in found}


THEMES = {
    "light": variables(style("screen")),
    "dark": variables(style("page")[style("page").index("prefers-color-scheme: dark") :]),
}


def luminance(rgb: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: Colour, b: Colour) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(rgb: Colour, sight: str) -> Colour:
    if sight == "normal":
        return rgb
    if sight == "grey":
        linear = luminance(rgb)
        grey = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
        return (grey,) * 3
    space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
    return tuple(min(1.0, max(0.0, float(c))) for c in cspace_convert(rgb, space, "sRGB1"))


def over(front: Colour, back: Colour, alpha: float) -> Colour:
    return tuple(alpha * f + (1 - alpha) * b for f, b in zip(front, back, strict=True))


def name_of(code: str) -> str:
    return next(name for name, value in PALETTE.items() if value == code)


def test_the_page_defines_every_colour_of_the_charts_in_both_themes() -> None:
    for name, code in PALETTE.items():
        assert THEMES["light"][name] == colour(code)
        assert name in THEMES["dark"]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS[:4])
def test_the_colours_of_the_classes_stay_apart(theme: str, sight: str) -> None:
    names = [name_of(code) for _, code in MARKS.values()]
    for a, b in itertools.combinations(names, 2):
        distance = deltaE(*(seen(THEMES[theme][n], sight) for n in (a, b)), input_space="sRGB1")
        assert distance >= FAR, (theme, sight, a, b, round(float(distance), 1))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_parts_of_a_bar_stay_apart_by_colour_or_by_hatch(theme: str, sight: str) -> None:
    hatches = [hatch for _, hatch in LOOKS if hatch]
    assert len(set(hatches)) == len(hatches), "what is hatched differs by its hatch"
    solid = [name for name, hatch in LOOKS if not hatch]
    for a, b in itertools.combinations(solid, 2):
        distance = deltaE(*(seen(THEMES[theme][n], sight) for n in (a, b)), input_space="sRGB1")
        assert distance >= FAR, (theme, sight, a, b, round(float(distance), 1))


def test_no_two_classes_share_a_mark_so_that_grey_is_enough() -> None:
    markers = [MARKS[item][0] for item in EvidenceClass]
    assert len(set(markers)) == len(markers)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_graphics_have_enough_contrast(theme: str) -> None:
    colours = THEMES[theme]
    light = THEMES["light"]
    for ground in ("paper", "sheet"):
        back = colours.get(ground, light[ground])
        for name in ("ink", "soft", "teal", "rust", "ochre", "plum"):
            assert contrast(colours[name], back) >= 4.5, (theme, name, ground)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hue", ["teal", "plum"])
def test_the_numbers_of_a_matrix_are_readable_on_every_shade(theme: str, hue: str) -> None:
    colours = THEMES[theme]
    for step, alpha in enumerate(_STEPS):
        back = over(colours[hue], colours["paper"], alpha)
        front = colours["paper" if step >= _LIGHT else "ink"]
        assert contrast(front, back) >= 4.5, (theme, hue, step)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("hue", ["teal", "plum"])
def test_the_shades_of_a_matrix_grow_for_every_reader(theme: str, sight: str, hue: str) -> None:
    colours = THEMES[theme]
    shades = [over(colours[hue], colours["paper"], alpha) for alpha in (0.0, *_STEPS)]
    for a, b in itertools.pairwise(shades):
        distance = deltaE(seen(a, sight), seen(b, sight), input_space="sRGB1")
        assert distance >= 4, (theme, sight, hue, round(float(distance), 1))
