"""What every chart is, and the signature that each drawing carries inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, DrawingArea, HPacker, TextArea

from analysis import texts
from analysis.provenance import EvidenceClass, Origin, ProvenanceError, evidence_name
from analysis.tables import Table, check_shown, check_words
from analysis.theme import MARKS, PALETTE, px

ALT_ITEMS = 12
"""Values that a text alternative names; the rest stand in the table beside it."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart to be shown.

    Parameters
    ----------
    id : str
        Unique in its notebook.
    title : str
        The finding, as a sentence.
    alt : str
        The finding and the main values, for who does not see the drawing.
    svg : mapping of str to str
        Drawings by canvas name (``wide``, ``narrow``).
    caption : str
        What is drawn and how.
    table : Table
        The data.
    evidence, origins, own_calculation
        As in :class:`~analysis.tables.Table`.
    """

    id: str
    title: str
    alt: str
    svg: Mapping[str, str]
    caption: str
    table: Table
    evidence: frozenset[EvidenceClass]
    origins: tuple[Origin, ...]
    own_calculation: bool

    def __post_init__(self) -> None:
        """Refuse a chart without title, text alternative, data, class or origin."""
        check_shown(self.evidence, self.origins)
        check_words(self.title, self.caption)
        for name in ("title", "alt", "caption"):
            if not getattr(self, name).strip():
                raise ProvenanceError(f"La figura «{self.id}» necesita {name}.")
        if not self.table.rows:
            raise ProvenanceError(f"La figura «{self.id}» necesita su tabla de datos.")


def sign(axes: Axes, evidence: Sequence[EvidenceClass], lang: str) -> None:
    """Write the classes of evidence inside the drawing, where no cropping parts them from it."""
    figure = axes.figure
    words = [
        TextArea(
            texts.label("chart.signature", lang),
            textprops={"fontsize": px(11.5), "color": PALETTE["soft"]},
        )
    ]
    for item in evidence:
        marker, colour = MARKS[item]
        mark = DrawingArea(px(9), px(9))
        mark.add_artist(Line2D([px(4.5)], [px(4)], marker=marker, color=colour, markersize=px(7)))
        name = TextArea(
            evidence_name(item, lang),
            textprops={"fontsize": px(11.5), "color": colour, "fontweight": 600},
        )
        words += [mark, name]
    box = AnchoredOffsetbox(
        "lower right",
        child=HPacker(children=words, pad=0, sep=px(5), align="center"),
        frameon=False,
        pad=0,
        borderpad=0,
        bbox_to_anchor=(1, 0),
        bbox_transform=figure.transFigure,
    )
    box.set_in_layout(False)
    figure.add_artist(box)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):  # a sheet leaves the room by itself
        strip = px(20) / (72 * figure.get_figheight())
        engine.set(rect=(0, strip, 1, 1 - strip))


def alternative(title: str, items: Sequence[str], lang: str) -> str:
    """Write a text alternative: the finding and the main values, and how many more there are."""
    shown = "; ".join(items[:ALT_ITEMS])
    more = len(items) - ALT_ITEMS
    if more > 0:
        shown = texts.label("chart.alt_more", lang, items=shown, count=more)
    return texts.label("chart.alt", lang, title=title, items=shown)


def classes(values: Mapping[str, object] | Sequence[object]) -> list[EvidenceClass]:
    """List the classes of evidence of some values, in their fixed order; None has none."""
    given = values.values() if isinstance(values, Mapping) else values
    found = {getattr(value, "evidence", None) for value in given}
    return [item for item in EvidenceClass if item in found]
