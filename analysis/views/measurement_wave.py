"""Tables and figures of the cuaderno 04_medicion for a wave of answers, beside 2017."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis import charts
from analysis.actions import UNIT
from analysis.charts import Chart
from analysis.cuaderno import Cuaderno
from analysis.measurement import (
    WaveDimension,
    WaveIntensity,
    measure_dimension,
    measure_intensity,
)
from analysis.provenance import EvidenceClass, Quantity, Share, interval_name
from analysis.published import Study
from analysis.responses import Wave
from analysis.rounding import RoundingRule
from analysis.tables import Column, Table, Tag, merged_origins

MECHANISMS = "mecanismos"
DIMENSION = "dimension_medida"


@dataclass(frozen=True)
class WaveMeasurement:
    """What a wave says of measurement; a part that its questionnaire does not ask for is None."""

    wave: Wave
    intensity: WaveIntensity | None
    dimension: WaveDimension | None
    dimension_names: Mapping[str, str]


def measure(
    study: Study, wave: Wave, *, rule: RoundingRule, method: str, level: float, lang: str
) -> WaveMeasurement:
    """Compute the intensity and the dimension of what a wave measures."""
    known = {item.code: item for item in wave.instrument.items}
    intensity, dimension, names = None, None, {}
    if MECHANISMS in known:
        item = known[MECHANISMS]
        intensity = measure_intensity(
            study,
            wave.multiple(MECHANISMS),
            {choice.code: choice.intensity for choice in item.choices if choice.intensity},
            evidence=wave.evidence,
            origins=(wave.origin(MECHANISMS, lang),),
            rule=rule,
            unit=UNIT,
            method=method,
            level=level,
            frame_size=wave.meta.frame_size,
        )
    if DIMENSION in known and known[DIMENSION].type == "select_multiple":
        item = known[DIMENSION]
        answers = wave.multiple(DIMENSION)
        kept = [c for c in item.choices if c.code in answers and not c.exclusive]
        names = {choice.code: choice.label[lang] for choice in kept}
        dimension = measure_dimension(
            study,
            answers[list(names)],
            evidence=wave.evidence,
            origins=(wave.origin(DIMENSION, lang),),
            rule=rule,
            unit=UNIT,
            method=method,
            level=level,
            frame_size=wave.meta.frame_size,
        )
    return WaveMeasurement(wave, intensity, dimension, names)


def values(cuaderno: Cuaderno, study: Study, found: WaveMeasurement) -> dict[str, object]:
    """Return what the prose names about a wave."""
    lang, wave = cuaderno.lang, found.wave
    result: dict[str, object] = {
        "wave": wave.meta.label[lang],
        "wave_dates": dates(wave),
        "answered": Quantity(
            value=len(wave.respondents),
            evidence=wave.evidence,
            origins=(wave.origins(lang=lang),),
            method="counted_rows",
        ),
        "interval_name": "",
        "has_intensity": "yes" if found.intensity and found.intensity.mentions else "",
        "has_dimension": "yes" if found.dimension and found.dimension.mentions else "",
    }
    if found.intensity and found.intensity.mentions:
        by = found.intensity.mentions
        top = max(by, key=lambda code: by[code].proportion)
        others = [share for code, share in by.items() if code != top]
        low = by[top].interval.lower if by[top].interval else float(by[top].proportion)
        clear = all(low > (o.interval.upper if o.interval else float(o.proportion)) for o in others)
        result["interval_name"] = interval_name(found.intensity.cities.values(), lang)
        result |= {f"wave_{code}": _counted(share) for code, share in by.items()}
        result |= {
            "top_name": study.code_label("intensity", top, lang).lower(),
            "top": _counted(by[top]),
            "clear": "yes" if clear else "",
            "joint": "yes" if any(found.intensity.joint) else "",
        }
    if found.dimension and found.dimension.mentions:
        by = found.dimension.mentions
        top = max(by, key=lambda code: by[code].proportion)
        result |= {
            "dimension_name": found.dimension_names[top],
            "dimension_top": _counted(by[top]),
        }
    return result


def dates(wave: Wave) -> str:
    """Say in which years a wave was answered."""
    years = sorted({day.year for day in (wave.meta.starts, wave.meta.ends) if day})
    return "–".join(map(str, years)) or wave.id


def _counted(share: Share) -> Share:
    return replace(share, with_count=True)


def intensity_figure(cuaderno: Cuaderno, study: Study, found: WaveMeasurement) -> Chart:
    """Draw the three shares of the mentions of the wave above the three published ones."""
    assert found.intensity is not None
    lang, say = cuaderno.lang, cuaderno.write
    names = {code: study.code_label("intensity", code, lang) for code in found.intensity.published}
    return charts.composition(
        {
            found.wave.meta.label[lang]: {
                names[code]: share for code, share in found.intensity.mentions.items()
            },
            study.citation: {
                names[code]: share for code, share in found.intensity.published.items()
            },
        },
        id="intensidad-ola",
        table=intensity_table(cuaderno, study, found),
        title=say("wave_figure"),
        caption=say("wave_caption"),
        lang=lang,
    )


def intensity_table(cuaderno: Cuaderno, study: Study, found: WaveMeasurement) -> Table:
    """Show the three shares on both bases beside the published ones."""
    assert found.intensity is not None
    lang, say = cuaderno.lang, cuaderno.write
    rows = []
    for code, printed in found.intensity.published.items():
        city, mention = found.intensity.cities.get(code), found.intensity.mentions.get(code)
        fits = any(found.intensity.allowed[code])
        rows.append(
            {
                "way": study.code_label("intensity", code, lang),
                "cities": _counted(city) if city else "–",
                "cities_interval": (city.interval if city else None) or "–",
                "mentions": _counted(mention) if mention else "–",
                "mentions_interval": (mention.interval if mention else None) or "–",
                "published": printed,
                "fits": Tag(
                    "possible" if fits else "impossible", say("fits_yes" if fits else "fits_no")
                ),
            }
        )
    shares = (*found.intensity.cities.values(), *found.intensity.mentions.values())
    return Table(
        caption=say("wave_table"),
        columns=(
            Column("way", say("column_way")),
            Column("cities", say("column_entities"), numeric=True),
            Column("cities_interval", say("column_interval"), numeric=True),
            Column("mentions", say("column_mentions"), numeric=True),
            Column("mentions_interval", say("column_interval"), numeric=True),
            Column("published", say("column_published"), numeric=True),
            Column("fits", say("column_fits_base")),
        ),
        rows=tuple(rows),
        evidence=frozenset({EvidenceClass.PUBLISHED, found.wave.evidence}),
        origins=merged_origins(*shares, *found.intensity.published.values()),
        own_calculation=True,
        note=say("wave_note"),
    )


def dimension_table(cuaderno: Cuaderno, study: Study, found: WaveMeasurement) -> Table:
    """Show what dimension is measured, on both bases, beside the published share."""
    assert found.dimension is not None
    say = cuaderno.write
    rows = [
        {
            "dimension": name,
            "cities": _counted(found.dimension.cities[code]),
            "cities_interval": found.dimension.cities[code].interval or "–",
            "mentions": _counted(found.dimension.mentions[code]),
            "mentions_interval": found.dimension.mentions[code].interval or "–",
        }
        for code, name in found.dimension_names.items()
        if code in found.dimension.cities and code in found.dimension.mentions
    ]
    return Table(
        caption=say("wave_table_dimension"),
        columns=(
            Column("dimension", say("column_dimension"), wide=True),
            Column("cities", say("column_entities"), numeric=True),
            Column("cities_interval", say("column_interval"), numeric=True),
            Column("mentions", say("column_mentions"), numeric=True),
            Column("mentions_interval", say("column_interval"), numeric=True),
        ),
        rows=tuple(rows),
        evidence=frozenset({found.wave.evidence}),
        origins=merged_origins(
            *found.dimension.cities.values(), *found.dimension.mentions.values()
        ),
        own_calculation=True,
    )
