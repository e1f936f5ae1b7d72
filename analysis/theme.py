"""The look of the charts: type, palette and marks of the classes of evidence.

Charts are SVG with real text, twice: a wide drawing and a narrow one for a phone, so that no text
is ever shown under 11 px. Colours become CSS variables, so that a page's dark theme reaches them.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font, LoadFlags

from analysis.provenance import EvidenceClass

#: Colour of each role on paper; the name is the CSS variable that replaces it in a page.
PALETTE = {
    "ink": "#1d2428",
    "soft": "#566168",
    "rule": "#dcd9d0",
    "band": "#ece8db",
    "teal": "#0b5563",
    "rust": "#a33b1f",
    "ochre": "#8a5a12",
    "ochre-band": "#e0c79d",
    "teal-band": "#a9cdd2",
    "plum": "#a81d92",
    "paper": "#fbfaf6",
}
#: Marker and colour of each class: never colour alone.
MARKS: dict[EvidenceClass, tuple[str, str]] = {
    EvidenceClass.PUBLISHED: ("D", PALETTE["ink"]),
    EvidenceClass.BOUNDED: ("s", PALETTE["ochre"]),
    EvidenceClass.OBSERVED: ("o", PALETTE["teal"]),
    EvidenceClass.DEMO: ("X", PALETTE["plum"]),
}
_FAMILY = "font-family: 'Source Sans 3', sans-serif"
_PX = 0.75  # points in a CSS pixel
_EDGE = 2  # CSS pixels around a drawing: a browser sets a text a little wider than we measure it


@dataclass(frozen=True)
class Canvas:
    """One drawing of a chart.

    Parameters
    ----------
    name : str
        ``wide`` or ``narrow``.
    width : int
        Width in CSS pixels, at which text has its true size.
    """

    name: str
    width: int

    @property
    def narrow(self) -> bool:
        """Whether this is the drawing for a phone."""
        return self.name == "narrow"


CANVASES = (Canvas("wide", 680), Canvas("narrow", 328))


def px(size: float) -> float:
    """Turn CSS pixels into points."""
    return size * _PX


@cache
def _font(bold: bool) -> FT2Font:
    name = "SourceSans3-SemiBold.ttf" if bold else "SourceSans3-Regular.ttf"
    with as_file(files("analysis").joinpath("fonts", name)) as path:
        return FT2Font(str(path))


@contextmanager
def _any_letter() -> Iterator[None]:
    """Let a text hold letters that our fonts lack; the reader's own fonts show them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@cache
def text_width(words: str, size: float = 13.5, *, bold: bool = False) -> float:
    """Measure a text as a drawing shows it, in CSS pixels.

    Parameters
    ----------
    words : str
        One line.
    size : float
        Height of the type, in CSS pixels.
    bold : bool
        Whether it is set in semi-bold.
    """
    font = _font(bold)
    font.set_size(px(size), 96)
    with _any_letter():
        font.set_text(words, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64


def wrap(words: str, width: float, size: float = 13.5, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit a width; a word wider than a line is broken too.

    Parameters
    ----------
    words : str
        Text; runs of plain spaces count as one, hard spaces hold.
    width : float
        Room, in CSS pixels.
    size, bold
        As in :func:`text_width`.

    Returns
    -------
    list of str
        At least one line.
    """
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip(" ")
        if text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for letter in word:
            if lines[-1] and text_width(f"{lines[-1]}{letter}-", size, bold=bold) > width:
                lines[-1] += "-"
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line] or [""]


@cache
def _register_fonts() -> None:
    for name in ("SourceSans3-Regular.ttf", "SourceSans3-SemiBold.ttf"):
        with as_file(files("analysis").joinpath("fonts", name)) as path:
            font_manager.fontManager.addfont(path)


def _settings() -> dict[str, object]:
    return {
        **sns.axes_style("white"),
        "font.family": "sans-serif",
        "font.sans-serif": ["Source Sans 3"],
        "font.size": px(13.5),
        "axes.labelsize": px(13),
        "xtick.labelsize": px(13),
        "ytick.labelsize": px(13.5),
        "axes.labelcolor": PALETTE["soft"],
        "text.color": PALETTE["ink"],
        "xtick.color": PALETTE["soft"],
        "ytick.color": PALETTE["ink"],
        "axes.edgecolor": PALETTE["rule"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "svg.fonttype": "none",
    }


def draw(
    paint: Callable[[Axes, Canvas], float], salt: str, heights: tuple[int, int]
) -> dict[str, str]:
    """Draw a chart once for each canvas.

    Parameters
    ----------
    paint : callable
        Draws on the axes of a canvas.
    salt : str
        Makes the identifiers inside the SVG unique in a page, and equal in every run.
    heights : (int, int)
        Height of the wide and of the narrow drawing, in CSS pixels.

    Returns
    -------
    dict of str to str
        ``<svg>`` elements by canvas name.
    """
    _register_fonts()
    drawings = {}
    for canvas, height in zip(CANVASES, heights, strict=True):
        with mpl.rc_context({**_settings(), "svg.hashsalt": f"{salt}-{canvas.name}"}):
            figure = Figure(figsize=(canvas.width / 96, height / 96), layout="constrained")
            paint(figure.subplots(), canvas)
            stream = io.StringIO()
            with _any_letter():
                figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
        drawings[canvas.name] = _inline(stream.getvalue(), f"{salt}-{canvas.name}", canvas)
    return drawings


def _inline(svg: str, prefix: str, canvas: Canvas) -> str:
    """Make a drawing fit for the inside of a page: identifiers of its own, and no dead weight."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(
        r'(<svg[^>]*?) width="[^"]*"',
        rf'\1 width="{canvas.width}" aria-hidden="true" focusable="false" style="{_FAMILY}"',
        svg,
        count=1,
    )
    svg = re.sub(r'viewBox="([^"]+)"', lambda found: f'viewBox="{_widen(found[1])}"', svg, count=1)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{prefix}-", svg)
    used = set(re.findall(rf'(?:href="#|url\(#)({re.escape(prefix)}-[^")]+)', svg))
    svg = re.sub(
        r' id="([^"]+-(?:text|patch|line2d)_\d+)"',
        lambda found: found[0] if found[1] in used else "",
        svg,
    )
    svg = svg.replace(f"{_FAMILY}; ", "").replace("text-anchor: start; ", "")
    svg = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", svg)
    svg = re.sub(r">\s*\n\s*<", "><", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    for name, colour in PALETTE.items():
        svg = svg.replace(colour, f"var(--{name}, {colour})")
    return svg


def _widen(view: str) -> str:
    """Leave an edge around what a drawing shows."""
    left, top, width, height = (float(part) for part in view.split())
    edge = px(_EDGE)
    return f"{left - edge:g} {top - edge:g} {width + 2 * edge:g} {height + 2 * edge:g}"
