"""Make the demonstration waves: fictitious respondents, seeded, as messy as real answers are.

``python tools/make_demo_waves.py`` writes ``data/raw/waves/demo`` (as KoboToolbox exports it) and
``data/raw/waves/demo-b`` (a workbook, on a changed questionnaire). No respondent is a real city.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from analysis.instrument import Instrument, Item, evaluate, evaluate_all, load_instrument
from analysis.paths import Project, find_project
from analysis.provenance import EvidenceClass
from analysis.responses import WaveMeta
from analysis.waves import Correction, Source, new_wave

SEED = 2017
REGIONS = ("Región Alfa", "Región Beta", "Región Gama", "Región Delta")
Answers = dict[str, str | list[str]]

OTHERS = {
    "es": ("Un comité con universidades", "Ferias y encuentros", "Asesoría de un voluntario"),
    "en": ("A committee with universities", "Fairs and meetings", "Advice from a volunteer"),
}
OPEN = {
    "abierta_logros": (
        "Se aprobó una estrategia internacional y se nombró un equipo que la sigue.",
        "El mayor avance fue ordenar los convenios, que antes nadie tenía en una sola lista.",
        "Logramos que tres secretarías trabajen juntas.\nAntes cada una viajaba por su cuenta.",
        "We joined two networks and learned how others plan.",
        "La ciudad recibió cooperación técnica para su plan de residuos; lo hizo posible la red.",
    ),
    "abierta_dificultades": (
        "El presupuesto llega tarde y se recorta a mitad de año.",
        "Cambió el equipo y se perdió la memoria de los proyectos; hubo que empezar de nuevo.",
        "Falta personal que hable idiomas y que sepa formular proyectos.",
        "The council sees our work as travel, not as policy.",
        "Nadie pide resultados, así que medir queda para el final y no se hace.",
    ),
    "abierta_medicion": (
        "Contamos convenios, visitas y recursos; no sabemos qué cambió para la gente.",
        "Con un informe anual que va al concejo.",
        "No tenemos un método. Cuando termina un proyecto se escribe un informe y se archiva.",
        "We look at press coverage and at funds raised.",
        "Cada proyecto define sus metas al empezar y las revisa cada seis meses con los socios.",
    ),
    "abierta_sostenibilidad": (
        "Una norma que cree la oficina y le dé un presupuesto propio.",
        "Que las universidades y los gremios la defiendan cuando cambie el gobierno.",
        "Un sistema donde quede todo lo que se ha hecho: contactos, convenios y resultados.",
        "A law, and people who stay when mayors leave.",
        "Mostrar resultados que la ciudadanía entienda.",
    ),
    "abierta_comentarios": (
        "El formulario se entiende bien; la parte de indicadores es larga.",
        "Nos gustaría ver las respuestas de las demás ciudades.",
        "Gracias.",
    ),
}
_RARE = {"acc_evaluacion": 0.28, "acc_implementacion": 0.42, "acc_diseno": 0.5}


def answer(
    instrument: Instrument,
    rng: random.Random,
    *,
    city: str,
    region: str,
    day: date,
    lang: str = "es",
    before: Mapping[str, str | list[str]] | None = None,
    drift: float = 0.0,
) -> Answers:
    """Invent the answers of one respondent, valid by the questionnaire.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire.
    rng : Random
        Source of chance.
    city, region : str
        Fictitious names.
    day : date
        Day of the answer.
    lang : str
        Language of the free texts.
    before : mapping, optional
        Answers of the same respondent in an earlier wave, most of which it repeats.
    drift : float
        Added to the probability of every action, for a later wave.
    """
    found: Answers = {}
    for item in instrument.questions:
        asked = evaluate_all(instrument.conditions(item.code), found)
        if not asked:
            found[item.code] = ""
            continue
        former = (before or {}).get(item.code)
        if former and rng.random() < 0.7 and _still(item, former):
            found[item.code] = former
            continue
        if not item.required and rng.random() < 0.1:
            found[item.code] = ""
            continue
        found[item.code] = _invent(item, rng, found, city, region, day, lang, drift)
    return found


def _still(item: Item, former: str | list[str]) -> bool:
    if item.type not in ("select_one", "select_multiple"):
        return item.type not in ("date", "integer", "decimal")
    codes = {choice.code for choice in item.choices}
    return set([former] if isinstance(former, str) else former) <= codes


def _invent(
    item: Item,
    rng: random.Random,
    found: Answers,
    city: str,
    region: str,
    day: date,
    lang: str,
    drift: float,
) -> str | list[str]:
    if item.choices:
        return _choose(item, rng, drift)
    match item.code:
        case "ciudad":
            return city
        case "region":
            return region
        case "unidad":
            return rng.choice(("Oficina internacional", "Dirección de cooperación", "Área externa"))
        case "cargo":
            return rng.choice(("Dirección", "Coordinación", "Profesional de apoyo"))
        case "pais_otro":
            return "País ficticio"
        case "tipo_entidad_otro":
            return "Consorcio de municipios"
        case "poblacion":
            return str(rng.randrange(60, 3200) * 1000 + rng.randrange(1000))
        case "anio_oficina":
            return str(rng.randrange(1994, 2017))
        case "presupuesto":
            return str(round(10 ** rng.uniform(4.6, 5.9)))
        case "presupuesto_anio":
            return str(day.year - rng.randrange(2))
        case "numero_indicadores":
            return str(rng.randrange(1, 40))
        case "personal":
            return str(rng.randrange(1, 22))
        case "personal_equivalente":
            return f"{rng.randrange(2, 44) / 2:g}"
        case "personal_medicion":
            most = int(float(str(found.get("personal") or found.get("personal_equivalente") or 1)))
            return str(rng.randrange(0, max(1, most // 3 + 1)))
    if item.type == "date":
        return day.isoformat()
    if item.type in ("integer", "decimal"):
        whole = (str(n) for n in (rng.randrange(1, 50) for _ in range(50)))
        return next(n for n in whole if not item.constraint or evaluate(item.constraint, found, n))
    return rng.choice(OPEN.get(item.code) or OTHERS[lang])


def _choose(item: Item, rng: random.Random, drift: float) -> str | list[str]:
    alone = [c.code for c in item.choices if c.exclusive]
    plain = [c.code for c in item.choices if not c.exclusive and not c.other]
    other = [c.code for c in item.choices if c.other]
    if item.code == "pais":
        return other[0]  # the countries of the list are real
    if item.type == "select_one":
        if alone and rng.random() < 0.08:
            return rng.choice(alone)
        if other and rng.random() < 0.06:
            return other[0]
        if item.code == "realiza_evaluacion":
            return "si" if rng.random() < 0.7 + drift else "no"
        return rng.choice(plain)
    if alone and rng.random() < 0.09:
        return [rng.choice(alone)]
    share = _RARE.get(item.code, 0.4) + drift
    marked = [code for at, code in enumerate(plain) if rng.random() < share * (1.25 - 0.04 * at)]
    if other and rng.random() < 0.12:
        marked += other
    return marked or [rng.choice(plain)]


# Files -----------------------------------------------------------------------------------------


def kobo_columns(instrument: Instrument) -> list[tuple[str, Item, str]]:
    """Name the columns of a KoboToolbox export: header, item and, for a box, its choice."""
    found = []
    for item in instrument.questions:
        name = "/".join((*item.groups, item.code))
        found.append((name, item, ""))
        if item.type == "select_multiple":
            found += [(f"{name}/{choice.code}", item, choice.code) for choice in item.choices]
    return found


def kobo_row(instrument: Instrument, answers: Mapping[str, str | list[str]]) -> list[str]:
    """Write the answers of one respondent as KoboToolbox exports them."""
    row = []
    for _, item, choice in kobo_columns(instrument):
        value = answers.get(item.code, "")
        marked = value if isinstance(value, list) else value.split()
        if choice:
            row.append("" if not marked else "1" if choice in marked else "0")
        else:
            row.append(" ".join(value) if isinstance(value, list) else value)
    return row


def kobo_csv(instrument: Instrument, rows: Sequence[tuple[list[str], Answers]]) -> str:
    """Write a KoboToolbox export as CSV; each row comes with its start, end, language and code."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    heads = [name for name, _, _ in kobo_columns(instrument)]
    writer.writerow(["start", "end", "respondente", "idioma", *heads, "_id", "_uuid"])
    for number, (about, answers) in enumerate(rows, 1):
        made = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:cuadernos:demo:{SEED}:{about[2]}")
        writer.writerow([*about, *kobo_row(instrument, answers), str(number), str(made)])
    return stream.getvalue()


def _times(rng: random.Random, first: date, days: int) -> tuple[datetime, datetime]:
    begun = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
        days=rng.randrange(days), hours=rng.randrange(13, 22), minutes=rng.randrange(60)
    )
    return begun, begun + timedelta(minutes=rng.randrange(18, 55), seconds=rng.randrange(60))


def _label_of(item: Item, value: str, lang: str) -> str:
    return item.choice(value).label[lang] if item.choices and value else value


def workbook(instrument: Instrument, rows: Sequence[tuple[list[str], Answers]], path: Path) -> None:
    """Write a workbook as an office makes it: questions as headers, labels, real numbers."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2020, 1, 1)})
    sheet = book.add_worksheet("Respuestas")
    heads: list[tuple[str, Item, str]] = []
    for item in instrument.questions:
        same = [q for q in instrument.questions if q.label["es"] == item.label["es"]]
        name = item.label["es"] if len(same) == 1 else item.code
        boxes = [(f"{name} / {c.label['es']}", item, c.code) for c in item.choices]
        heads += boxes if item.type == "select_multiple" else [(name, item, "")]
    names = ["Respondente", "start", "end", "idioma", *(name for name, _, _ in heads)]
    for column, name in enumerate(names):
        sheet.write_string(0, column, name)
    for line, (about, answers) in enumerate(rows, 1):
        begun, ended, code, lang = about
        for column, text in enumerate((code, begun, ended, lang)):
            sheet.write_string(line, column, text)
        for column, (_, item, choice) in enumerate(heads, 4):
            value = answers.get(item.code, "")
            if choice:
                if value:
                    sheet.write_string(line, column, "Sí" if choice in value else "No")
            elif item.type in ("integer", "decimal") and str(value).replace(".", "").isdigit():
                sheet.write_number(line, column, float(str(value)))
            elif value:
                sheet.write_string(line, column, _label_of(item, str(value), "es"))
    book.close()


# Waves -----------------------------------------------------------------------------------------


def first_wave(instrument: Instrument) -> list[tuple[list[str], Answers]]:
    """Invent the 24 respondents of the first wave."""
    rng = random.Random(SEED)
    rows = []
    for number in range(1, 25):
        code, region = f"C{number:02d}", REGIONS[(number - 1) % 4]
        begun, ended = _times(rng, date(2017, 9, 4), 40)
        lang = "en" if rng.random() < 0.2 else "es"
        answers = answer(
            instrument,
            rng,
            city=f"Ciudad ficticia {code}",
            region=region,
            day=begun.date(),
            lang=lang,
        )
        rows.append(([begun.isoformat(), ended.isoformat(), code, lang], answers))
    rows[4][1]["abierta_comentarios"] = "  Respondimos «a varias manos», en dos días.  "
    rows[6][1]["personal"], rows[6][1]["personal_medicion"] = "90", "2"  # corrected below
    return rows


def second_wave(
    instrument: Instrument, before: Sequence[tuple[list[str], Answers]]
) -> list[tuple[list[str], Answers]]:
    """Invent the second wave: 16 of the first respondents and 4 new ones."""
    rng = random.Random(SEED + 1)
    rows = []
    numbers = [*range(1, 17), *range(25, 29)]
    for number in numbers:
        code, region = f"C{number:02d}", REGIONS[(number - 1) % 4]
        begun, ended = _times(rng, date(2020, 3, 2), 30)
        lang = "en" if rng.random() < 0.2 else "es"
        former = before[number - 1][1] if number <= 24 else None
        answers = answer(
            instrument,
            rng,
            city=f"Ciudad ficticia {code}",
            region=region,
            day=begun.date(),
            lang=lang,
            before=former,
            drift=0.12,
        )
        rows.append(([begun.isoformat(), ended.isoformat(), code, lang], answers))
    loose = next(r for r in rows if r[1].get("poblacion"))
    loose[1]["poblacion"] = f"unos {loose[1]['poblacion']}"
    return rows


def make(project: Project) -> None:
    """Write both waves into a project, in place of former ones."""
    first, second = load_instrument(project, "2017"), load_instrument(project, "demo-b")
    rows = first_wave(first)
    consent = {
        "consent": {
            "es": "Datos ficticios: no hay personas ni ciudades que consientan.",
            "en": "Fictitious data: there are no people or cities to consent.",
        },
        "contact": "Proyecto Cuadernos",
    }
    meta = WaveMeta(
        id="demo",
        label={"es": "Ola de demostración A", "en": "Demonstration wave A"},
        instrument="2017",
        evidence=EvidenceClass.DEMO,
        starts=date(2017, 9, 4),
        ends=date(2017, 10, 13),
        frame={
            "es": "40 entidades ficticias de cuatro regiones ficticias",
            "en": "40 fictitious bodies of four fictitious regions",
        },
        frame_size=40,
        frame_item="region",
        strata=dict(zip(REGIONS, (10, 12, 8, 10), strict=True)),
        mode=dict.fromkeys(("es", "en"), "KoboToolbox"),
        **consent,
    )
    with tempfile.TemporaryDirectory() as folder:
        kobo = Path(folder) / "cuestionario_demo.csv"
        kobo.write_text(kobo_csv(first, rows), "utf-8", newline="")
        reason = "La entidad ficticia confirmó que son nueve personas."
        fixed = Correction(8, "recursos/personal", "9", reason=reason)
        _bring(project, meta, Source(kobo, first, corrections=(fixed,)))
        later = replace(
            meta,
            id="demo-b",
            label={"es": "Ola de demostración B", "en": "Demonstration wave B"},
            instrument="demo-b",
            starts=date(2020, 3, 2),
            ends=date(2020, 3, 31),
            mode=dict.fromkeys(("es", "en"), "Excel"),
        )
        book = Path(folder) / "respuestas_demo_b.xlsx"
        workbook(second, second_wave(second, rows), book)
        _bring(project, later, Source(book, second))


def _bring(project: Project, meta: WaveMeta, source: Source) -> None:
    shutil.rmtree(project.raw / "waves" / meta.id, ignore_errors=True)
    found = new_wave(project, meta, source)
    if not found.report.ok:
        faults = "\n".join(
            f"{f.kind} {f.respondent} {f.column} {f.item} {f.value}" for f in found.report.errors
        )
        raise SystemExit(f"The wave {meta.id} is not valid:\n{faults}")
    print(f"{meta.id}: {found.report.respondents} respondents, {found.report.counts}")
    for f in found.report.warnings:
        print("  ", f.kind, f.respondent, f.item, f.value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", help="project folder; by default that of this file")
    make(find_project(parser.parse_args().root or Path(__file__).parent))
