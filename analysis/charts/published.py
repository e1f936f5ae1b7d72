"""Charts of the published figures: feasible bases, intervals beside the print, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis import texts
from analysis.charts.core import Chart, sign
from analysis.charts.sheet import BANDS
from analysis.provenance import EvidenceClass, Share
from analysis.tables import Table
from analysis.theme import MARKS, PALETTE, Canvas, draw, px


def feasible_bases(
    bases: Mapping[str, Sequence[int]],
    *,
    impossible: int,
    limit: int,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show on which bases a composition of percentages holds, a row for each rounding rule.

    Parameters
    ----------
    bases : mapping of str to sequence of int
        Feasible bases by name of the rounding rule, the ordinary rule first.
    impossible : int
        Base that the reader has in mind and on which it does not hold.
    limit : int
        Largest base examined.
    table : Table
        The same data.
    title, caption : str
        Finding and description.
    lang : str
        Language.
    """
    frame = pd.DataFrame(
        [(rule, base) for rule, found in bases.items() for base in found], columns=["rule", "base"]
    )
    rules = list(bases)

    def paint(axes: Axes, canvas: Canvas) -> None:
        for row, rule in enumerate(rules):
            axes.axhspan(row - 0.2, row + 0.24, color=PALETTE["band"], linewidth=0)
            first = min(bases[rule], default=None)
            words = (
                texts.label("chart.first_base", lang, rule=rule, base=texts.number(first, lang))
                if first is not None
                else texts.label("chart.no_base", lang, rule=rule, limit=texts.number(limit, lang))
            )
            axes.text(0, row - 0.42, words, va="center", fontsize=px(13.5))
        sns.scatterplot(
            frame.assign(row=frame["rule"].map(rules.index) + 0.02),
            x="base",
            y="row",
            marker="|",
            s=px(25) ** 2,
            linewidth=px(1.8 if canvas.narrow else 3.2),
            color=PALETTE["ochre"],
            ax=axes,
            legend=False,
        )
        axes.scatter(
            [impossible] * len(rules),
            [row + 0.02 for row in range(len(rules))],
            marker="x",
            s=px(10) ** 2,
            linewidth=px(2),
            color=PALETTE["rust"],
        )
        axes.text(
            limit,
            -0.42,
            texts.label("chart.impossible", lang, base=texts.number(impossible, lang)),
            color=PALETTE["rust"],
            fontweight=600,
            va="center",
            ha="right",
        )
        axes.set(xlim=(0, limit * 1.01), ylim=(len(rules) - 0.6, -0.65), yticks=[], ylabel="")
        axes.set_xlabel(texts.label("chart.bases_axis", lang))
        axes.spines["bottom"].set_visible(False)
        sign(axes, [EvidenceClass.BOUNDED], lang)

    firsts = [
        texts.label(
            "chart.first_base_alt",
            lang,
            rule=rule,
            base=texts.number(min(found), lang),
            n=texts.number(len(found), lang),
        )
        if found
        else texts.label("chart.no_base", lang, rule=rule, limit=texts.number(limit, lang))
        for rule, found in bases.items()
    ]
    return Chart(
        id="bases",
        title=title,
        alt=texts.label(
            "chart.bases_alt",
            lang,
            title=title,
            limit=texts.number(limit, lang),
            items="; ".join(firsts),
        ),
        svg=draw(paint, "bases", (112 + 52 * len(rules), 112 + 52 * len(rules))),
        caption=caption,
        table=table,
        evidence=frozenset({EvidenceClass.BOUNDED}),
        origins=table.origins,
        own_calculation=True,
    )


def intervals(
    shares: Mapping[str, Share],
    published: Mapping[str, Share],
    *,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show shares with their intervals, and the published value of each as a diamond.

    Parameters
    ----------
    shares : mapping of str to Share
        Shares with an interval, by label.
    published : mapping of str to Share
        Published shares under the same labels.
    table : Table
        The same data.
    title, caption : str
        Finding and description.
    lang : str
        Language.
    """
    labels, ticks = list(shares), [0, 20, 40, 60, 80, 100]
    evidence = list(
        dict.fromkeys([EvidenceClass.PUBLISHED, *(s.evidence for s in shares.values())])
    )
    marker, ink = MARKS[EvidenceClass.PUBLISHED]
    frame = pd.DataFrame(
        {
            "x": [float(published[name].percentage.decimal) for name in labels],
            "y": range(len(labels)),
        }
    )

    def paint(axes: Axes, canvas: Canvas) -> None:
        for row, name in enumerate(labels):
            interval = shares[name].interval
            assert interval is not None
            low, high = 100 * interval.lower, 100 * interval.upper
            for colour, width in zip(
                reversed(BANDS[EvidenceClass.BOUNDED]), (12, 9.6), strict=True
            ):
                axes.plot(
                    [low, high],
                    [row, row],
                    color=PALETTE[colour],
                    linewidth=px(width),
                    solid_capstyle="round",
                    zorder=1,
                )
            axes.vlines(
                ticks, row - 0.14, row + 0.2, color=PALETTE["rule"], linewidth=px(1), zorder=0
            )
            words = texts.label(
                "chart.interval_label",
                lang,
                value=published[name].text(lang),
                low=texts.number(round(low), lang),
                high=texts.percent(round(high), lang),
            )
            axes.text(0, row - 0.36, name, fontweight=600, va="center")
            axes.text(100, row - 0.36, words, va="center", ha="right", color=PALETTE["soft"])
        sns.scatterplot(
            frame,
            x="x",
            y="y",
            marker=marker,
            color=ink,
            s=px(11) ** 2,
            ax=axes,
            zorder=3,
            linewidth=0,
        )
        axes.set_xticks(ticks, [texts.percent(tick, lang) for tick in ticks])
        axes.set(xlim=(-1, 101), ylim=(len(labels) - 0.55, -0.7), yticks=[], xlabel="", ylabel="")
        axes.spines["bottom"].set_visible(False)
        sign(axes, evidence, lang)

    items = [
        texts.label(
            "chart.interval_alt",
            lang,
            name=name,
            value=published[name].text(lang),
            low=texts.percent(round(100 * share.interval.lower), lang),
            high=texts.percent(round(100 * share.interval.upper), lang),
        )
        for name, share in shares.items()
        if share.interval is not None
    ]
    return Chart(
        id="intervals",
        title=title,
        alt=f"{title}. " + "; ".join(items) + ".",
        svg=draw(paint, "intervals", (84 + 62 * len(labels), 84 + 62 * len(labels))),
        caption=caption,
        table=table,
        evidence=frozenset(evidence),
        origins=table.origins,
        own_calculation=True,
    )


def verdicts(
    counts: pd.DataFrame,
    *,
    table: Table,
    title: str,
    caption: str,
    lang: str,
) -> Chart:
    """Show how many figures of each group got each verdict.

    Parameters
    ----------
    counts : DataFrame
        A row for each group (index: its label) and a column for each verdict (its label), from
        the surest to the least sure, with whole numbers.
    table : Table
        The same data.
    title, caption : str
        Finding and description.
    lang : str
        Language.
    """
    groups, names = list(counts.index), list(counts.columns)
    looks = [("teal", ""), ("ochre", "||||"), ("rust", "////"), ("soft", "")]
    longest = int(counts.to_numpy().max())
    room = 0.74  # of a column; the rest is for the number

    def paint(axes: Axes, canvas: Canvas) -> None:
        for column, (name, (colour, hatch)) in enumerate(zip(names, looks, strict=True)):
            lengths = room * counts[name] / longest
            sns.barplot(
                x=lengths,
                y=groups,
                left=column,
                orient="h",
                width=0.36,
                ax=axes,
                color=PALETTE["paper"] if hatch else PALETTE[colour],
                edgecolor=PALETTE[colour],
                linewidth=px(1.2),
                saturation=1,
                hatch=hatch,
            )
            axes.text(column, -0.95, name, fontweight=600, va="center", fontsize=px(13))
            for row, (length, size) in enumerate(zip(lengths, counts[name], strict=True)):
                axes.annotate(
                    texts.number(int(size), lang),
                    (column + length, row),
                    xytext=(px(5), 0),
                    textcoords="offset points",
                    va="center",
                    color=PALETTE["ink" if size else "soft"],
                )
        for row, group in enumerate(groups):
            total = texts.number(int(counts.iloc[row].sum()), lang)
            words = texts.label("chart.group", lang, name=group, n=total)
            axes.text(0, row - 0.42, words, va="center", color=PALETTE["soft"])
        axes.set(xlim=(0, 4), ylim=(len(groups) - 0.65, -1.2), xlabel="", ylabel="")
        axes.set(xticks=[], yticks=[])
        axes.spines["bottom"].set_visible(False)
        sign(axes, [EvidenceClass.PUBLISHED, EvidenceClass.BOUNDED], lang)

    totals = counts.sum()
    items = [f"{name}: {texts.number(int(totals[name]), lang)}" for name in names]
    return Chart(
        id="verdicts",
        title=title,
        alt=texts.label("chart.verdicts_alt", lang, title=title, items="; ".join(items)),
        svg=draw(paint, "verdicts", (80 + 54 * len(groups), 80 + 54 * len(groups))),
        caption=caption,
        table=table,
        evidence=frozenset({EvidenceClass.PUBLISHED, EvidenceClass.BOUNDED}),
        origins=table.origins,
        own_calculation=True,
    )
