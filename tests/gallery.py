"""One of each chart, with fictitious respondents, long labels and missing values."""

import numpy as np
import pandas as pd
from samples import ORIGINS, quantity, share, table

from analysis import charts
from analysis.charts import Chart, CountRange, CurvePoint, Link
from analysis.provenance import (
    Base,
    EvidenceClass,
    Interval,
    Share,
)
from analysis.rounding import RoundingRule
from analysis.tables import Column

LONG = (
    "Coordinación interinstitucional y articulación con las dependencias técnicas, las agencias "
    "de cooperación y los organismos multilaterales"
)
WORD = "Otorrinolaringológicoadministrativamentedescentralizadísimamente"
DEMO, OBSERVED = EvidenceClass.DEMO, EvidenceClass.OBSERVED
CLASSES = tuple(EvidenceClass)


def some_share(count: int, n: int, evidence: EvidenceClass = OBSERVED) -> Share:
    """Return a share with an interval that holds it."""
    p = count / n
    half = 1.2 * (p * (1 - p) / n) ** 0.5 + 0.04
    return Share(
        evidence=evidence,
        origins=ORIGINS,
        base=Base("city", n),
        rounding=RoundingRule.HALF_UP,
        method="count_over_base",
        interval=Interval(max(0, p - half), min(1, p + half), 0.95, "wilson"),
        count=count,
    )


def words(id: str, lang: str = "es") -> dict[str, object]:
    """Return what every chart needs besides its data."""
    return {
        "id": id,
        "title": f"La figura «{id}» dice lo que se encontró",
        "caption": "Datos de prueba.",
        "table": table(*CLASSES, columns=(Column("city", "Ciudad"),), rows=({"city": "C01"},)),
        "lang": lang,
    }


def gallery(lang: str = "es") -> list[Chart]:
    """Draw every chart, in its ordinary and its hardest forms."""
    ranges = [
        CountRange(
            label=LONG if number == 3 else f"Acción de prueba número {number}",
            low=[0, 1, 6, 10, 0][number % 5],
            high=[10, 9, 10, 10, 4][number % 5],
            group=["Diseño", "Implementación", "Evaluación"][number // 4],
            stratum="" if number % 5 == 0 else "en proceso",
        )
        for number in range(12)
    ]
    codes = ["Aprendizaje", "Coordinación entre dependencias", "Recursos propios", LONG]
    cities = [f"C{number:02}" for number in range(1, 25)]
    counts = pd.DataFrame(
        np.arange(len(codes) * 24).reshape(len(codes), 24) % 13, index=codes, columns=cities
    ).astype("Int64")
    counts.iloc[1, 2] = pd.NA
    parts = {
        "discrecional": share(12, 24, DEMO),
        "intermitente": share(5, 24, DEMO),
        "constante": share(7, 24, DEMO),
    }
    seen = [
        CurvePoint(n, 12 * (1 - 0.8**n), 11 * (1 - 0.8**n), 13 * (1 - 0.8**n)) for n in range(15)
    ]
    few = {"Uno": 4, "Dos": 8, LONG: 3, "Cuatro": 2, "Cinco": 6}
    links = [Link("Uno", "Dos", 3), Link("Dos", LONG, 1), Link("Uno", "Cinco", 2)]
    return [
        charts.possible_counts(ranges, base=Base("city", 10), **words("possible", lang)),
        charts.shares(
            {
                "Capacitación": some_share(4, 10),
                LONG: some_share(9, 10),
                WORD: some_share(0, 10),
                "Sin respuestas": None,
                "Lista completa": share(7, 10),
            },
            **words("observed", lang),
        ),
        charts.shares(
            {f"Red número {n}": some_share(n, 24, DEMO) for n in (2, 12, 24)},
            groups={"Red número 2": "Redes", "Red número 12": "Redes", "Red número 24": "Otras"},
            **words("demo", lang),
        ),
        charts.paired(
            {"Mide": some_share(4, 10), "Publica": some_share(2, 10), LONG: some_share(5, 10)},
            {
                "Mide": some_share(15, 24, DEMO),
                "Publica": None,
                LONG: some_share(3, 24, DEMO),
                "Nueva pregunta": some_share(20, 24, DEMO),
            },
            names=("2017", "Demostración 2026"),
            blocked={LONG: "Cambió la pregunta: no se comparan"},
            **words("paired", lang),
        ),
        charts.matrix(
            counts, evidence=OBSERVED, unit="Segmentos codificados", **words("matrix", lang)
        ),
        charts.matrix(
            counts.iloc[:2, :3].set_axis(["Bogotá", "Medellín", WORD], axis=1),
            evidence=DEMO,
            unit="Segmentos codificados",
            **words("matrix-demo", lang),
        ),
        charts.network(few, links, evidence=OBSERVED, **words("network", lang)),
        charts.network(few, links, evidence=DEMO, **words("network-demo", lang)),
        charts.composition({"Veinticuatro ciudades ficticias": parts}, **words("parts", lang)),
        charts.composition(
            {
                "Dos partes": {"discrecional": share(9, 10), "constante": share(1, 10)},
                "Tres partes": {
                    "discrecional": share(3, 10),
                    "intermitente": share(3, 10),
                    "constante": share(4, 10),
                },
            },
            **words("parts-observed", lang),
        ),
        charts.curve(
            {"Códigos nuevos": seen, "Otra codificadora": seen[:6], "Sin documentos": []},
            evidence=OBSERVED,
            x_axis="Documentos leídos",
            y_axis="Códigos distintos",
            **words("curve", lang),
        ),
        charts.curve(
            {"Códigos": seen},
            evidence=DEMO,
            x_axis="Documentos leídos",
            y_axis="Códigos distintos",
            **words("curve-demo", lang),
        ),
        charts.coverage(
            {"Colombia": share(3, 5), "México": share(2, 12), "Perú": quantity(1, OBSERVED)},
            **words("coverage", lang),
        ),
        charts.coverage(
            {"Colombia": share(30, 120, DEMO), "México": share(2, 12, DEMO)},
            **words("coverage-demo", lang),
        ),
    ]
