"""A drawing laid out in CSS pixels, so that long labels wrap and nothing overlaps or is cropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from analysis.charts.core import sign
from analysis.provenance import EvidenceClass
from analysis.theme import CANVASES, MARKS, PALETTE, Canvas, draw, px, text_width, wrap

LINE = 17.0
"""Distance between two lines of a label, in CSS pixels."""
SIGNATURE = 26.0
"""Room for the classes of evidence below a drawing."""
_NOTE = 12.5


class Sheet:
    """The whole of a drawing, with the origin at the top left and CSS pixels as its unit."""

    def __init__(self, axes: Axes, canvas: Canvas, height: float) -> None:
        axes.figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, canvas.width), ylim=(height, 0))
        self.axes, self.canvas, self.height = axes, canvas, height

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13.5,
        colour: str = "ink",
        bold: bool = False,
        ha: str = "left",
        rotation: int = 0,
    ) -> None:
        """Write one line whose middle stands at a height."""
        self.axes.text(
            x,
            y,
            words,
            fontsize=px(size),
            color=PALETTE[colour],
            fontweight=600 if bold else 400,
            ha=ha,
            va="bottom" if rotation else "center",
            rotation=rotation,
            parse_math=False,
            zorder=4,
        )

    def patch(self, x: float, y: float, words: str, size: float, *, ha: str = "left") -> None:
        """Lay paper under a line of semi-bold text, so that it can be read over a drawing."""
        width = text_width(words, size, bold=True) + 6
        left = x - (width / 2 if ha == "center" else 3)
        self.axes.add_patch(
            Rectangle((left, y - 8), width, 16, facecolor=PALETTE["paper"], linewidth=0, zorder=2.5)
        )

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str,
        width: float,
        style: str | tuple[int, tuple[int, ...]] = "-",
    ) -> None:
        """Draw a line; ``style`` as in matplotlib."""
        self.axes.plot(
            xs, ys, color=PALETTE[colour], linewidth=px(width), linestyle=style, zorder=1
        )

    def ticks(self, x: float, ys: Sequence[float], half: float = 11) -> None:
        """Draw a short upright rule at each of several heights, as one path."""
        xs = [value for _ in ys for value in (x, x, float("nan"))]
        ends = [value for y in ys for value in (y - half, y + half, float("nan"))]
        self.axes.plot(xs, ends, color=PALETTE["rule"], linewidth=px(1), zorder=0)

    def band(
        self, x: float, y: float, width: float, height: float, evidence: EvidenceClass
    ) -> None:
        """Draw an interval or a range: filled and outlined, for a demo hatched and dashed.

        The outline is what has enough contrast; the filling alone is too pale for some eyes.
        """
        demo = evidence is EvidenceClass.DEMO
        filling, edge = BANDS[evidence]
        self.axes.add_patch(
            FancyBboxPatch(
                (x + height / 2, y - height / 2),
                max(width - height, 0.01),
                height,
                boxstyle=f"round,pad=0,rounding_size={height / 2 - 0.01}",
                mutation_aspect=1,
                facecolor=PALETTE[filling],
                edgecolor=PALETTE[edge],
                linewidth=px(1.2),
                linestyle=(0, (3, 2)) if demo else "-",
                hatch="//////" if demo else None,
                zorder=1.5,
            )
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str,
        *,
        hatch: str = "",
        alpha: float = 1.0,
        edge: str = "",
        dashed: bool = False,
    ) -> None:
        """Draw a rectangle from its top left corner; a hatched one is drawn on paper."""
        self.axes.add_patch(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=PALETTE["paper"] if hatch else PALETTE[colour],
                edgecolor=PALETTE[edge or colour] if hatch or edge else "none",
                linewidth=px(1.2) if hatch or edge else 0,
                linestyle=(0, (3, 2)) if dashed else "-",
                hatch=hatch or None,
                alpha=None if alpha == 1 else alpha,
                zorder=1.5,
            )
        )

    def mark(
        self, x: float, y: float, evidence: EvidenceClass, *, hollow: bool = False, size: float = 10
    ) -> None:
        """Draw the mark of a class of evidence; a hollow one stands for the earlier of two."""
        marker, colour = MARKS[evidence]
        self.axes.plot(
            [x],
            [y],
            marker=marker,
            markersize=px(size + 3 if evidence is EvidenceClass.DEMO else size),
            markerfacecolor=PALETTE["paper"] if hollow else colour,
            markeredgecolor=colour if hollow else PALETTE["paper"],
            markeredgewidth=px(2 if hollow else 1.5),
            linestyle="none",
            zorder=3,
        )


BANDS = {
    EvidenceClass.PUBLISHED: ("rule", "soft"),
    EvidenceClass.BOUNDED: ("ochre-band", "ochre"),
    EvidenceClass.OBSERVED: ("teal-band", "teal"),
    EvidenceClass.DEMO: ("paper", "plum"),
}
"""Filling and outline of the range of each class."""


def draw_sheet(
    paint: Callable[[Sheet], None],
    salt: str,
    heights: Iterable[float],
    evidence: Sequence[EvidenceClass],
    lang: str,
) -> dict[str, str]:
    """Draw a chart on a sheet of each canvas and sign it.

    Parameters
    ----------
    paint : callable
        Draws on a sheet.
    salt : str
        As in :func:`analysis.theme.draw`.
    heights : iterable of float
        Height of the wide and of the narrow drawing without their signature, in CSS pixels.
    evidence : sequence of EvidenceClass
        Classes that sign it.
    lang : str
        Language.
    """
    wide, narrow = (round(height + SIGNATURE) for height in heights)
    room = dict(zip((canvas.name for canvas in CANVASES), (wide, narrow), strict=True))

    def both(axes: Axes, canvas: Canvas) -> None:
        paint(Sheet(axes, canvas, room[canvas.name]))
        sign(axes, evidence, lang)

    return draw(both, salt, (wide, narrow))


@dataclass(frozen=True)
class RowLabel:
    """What is written beside one row of a chart.

    Parameters
    ----------
    text : str
        Name of the row.
    below : str
        Second line, softer.
    note : str
        Value, at the right.
    group : str
        Heading under which it stands; written where it changes.
    tone : str
        Colour of the second line.
    """

    text: str
    below: str = ""
    note: str = ""
    group: str = ""
    tone: str = "soft"


@dataclass(frozen=True)
class RowPlace:
    """Where a row stands: the middle of its mark, and its lines of text."""

    y: float
    lines: tuple[tuple[float, str, bool], ...]  # height, words, whether it is the name
    note: tuple[float, str]
    tone: str = "soft"


@dataclass(frozen=True)
class Rows:
    """Rows laid out on a canvas: labels at the left (above on a phone), values at the right.

    ``left`` and ``right`` bound what is drawn; ``bottom`` is where the axis stands; ``above`` tells
    whether labels stand above their mark.
    """

    canvas: Canvas
    above: bool
    left: float
    right: float
    bottom: float
    places: tuple[RowPlace, ...]
    headings: tuple[tuple[float, str], ...] = field(default=())

    def at(self, share: float) -> float:
        """Turn a position from 0 to 1 into pixels."""
        return self.left + share * (self.right - self.left)

    def write(self, sheet: Sheet) -> None:
        """Write headings, labels and values."""
        for y, words in self.headings:
            for number, line in enumerate(wrap(words, self.canvas.width, bold=True)):
                sheet.text(0, y + LINE * number, line, bold=True, colour="soft")
            sheet.line([0, self.canvas.width], [y - 12, y - 12], "rule", 1)
        for place in self.places:
            for y, words, name in place.lines:
                sheet.text(
                    0,
                    y,
                    words,
                    bold=name and self.above,
                    size=13.5 if name else _NOTE,
                    colour="ink" if name else place.tone,
                )
            y, words = place.note
            if words:
                sheet.text(self.canvas.width, y, words, ha="right", size=13)

    def axis(self, sheet: Sheet, ticks: Sequence[tuple[float, str]], title: str = "") -> None:
        """Draw short rules in every row and the labels of the axis below.

        Parameters
        ----------
        sheet : Sheet
            Where to draw.
        ticks : sequence of (float, str)
            Position from 0 to 1, and label.
        title : str
            What the axis measures.
        """
        for position, words in ticks:
            x = self.at(position)
            sheet.ticks(x, [place.y for place in self.places])
            half = text_width(words, 12.5) / 2
            near = min(max(x, half), self.canvas.width - half)
            sheet.text(near, self.bottom + 10, words, size=12.5, colour="soft", ha="center")
        for number, line in enumerate(wrap(title, self.canvas.width - self._axis_left, 12.5)):
            sheet.text(
                self._axis_left, self.bottom + 28 + 15 * number, line, size=12.5, colour="soft"
            )

    @property
    def _axis_left(self) -> float:
        return 0 if self.above else self.left - 6

    def height(self, title: str = "") -> float:
        """Return the height of the drawing with its axis."""
        lines = len(wrap(title, self.canvas.width - self._axis_left, 12.5)) if title else 0
        return self.bottom + 20 + 15 * lines + 4


def place_rows(
    canvas: Canvas,
    labels: Sequence[RowLabel],
    *,
    mark: float = 26,
    top: float = 4,
    beside: bool = False,
) -> Rows:
    """Lay out rows with their labels.

    Parameters
    ----------
    canvas : Canvas
        Where they are drawn.
    labels : sequence of RowLabel
        Their texts, of any length.
    mark : float
        Height of what is drawn in a row, in CSS pixels.
    top : float
        Where the first row begins.
    beside : bool
        Whether labels stand at the left on a phone too.
    """
    narrow = canvas.narrow and not beside
    notes = max((text_width(label.note, 13) for label in labels), default=0.0)
    if narrow:
        room, left, right = float(canvas.width), 9.0, canvas.width - 9.0
    else:
        names = max((text_width(label.text) for label in labels), default=0.0)
        below = max((text_width(label.below, _NOTE) for label in labels), default=0.0)
        most = 0.36 if notes > 120 else 0.4
        room = min(max(names, below, 60.0) + 2, most * canvas.width)
        left, right = room + 22, canvas.width - (notes + 22 if notes else 9)
        if not canvas.narrow:
            right = max(right, left + 160)
    places, headings, y, group = [], [], top, ""
    for label in labels:
        if label.group != group:
            group = label.group
            if group:
                y += 24 if places else 12
                headings.append((y, group))
                y += LINE * len(wrap(group, canvas.width, bold=True)) - 2
        lines = [(words, True) for words in wrap(label.text, room, bold=narrow)]
        if label.below:
            lines += [(words, False) for words in wrap(label.below, room, _NOTE)]
        tall = LINE * len(lines)
        if narrow:
            y += 8
            last = text_width(lines[-1][0], 13.5, bold=True) + text_width(label.note, 13) + 14
            note_y = y + tall - LINE / 2
            if label.note and last > canvas.width:
                note_y, tall = note_y + LINE, tall + LINE
            middle = y + tall + mark / 2
            first, step = y + LINE / 2, tall + mark
        else:
            step = max(mark, tall) + 8
            middle = y + step / 2
            first, note_y = middle - tall / 2 + LINE / 2, middle
        placed = tuple((first + LINE * n, words, name) for n, (words, name) in enumerate(lines))
        places.append(RowPlace(middle, placed, (note_y, label.note), label.tone))
        y += step
    return Rows(canvas, narrow, left, right, y + 2, tuple(places), tuple(headings))


def rows_by_canvas(
    labels: Sequence[RowLabel], *, mark: float = 26, top: float = 4, beside: bool = False
) -> dict[str, Rows]:
    """Lay out rows on every canvas."""
    return {c.name: place_rows(c, labels, mark=mark, top=top, beside=beside) for c in CANVASES}
