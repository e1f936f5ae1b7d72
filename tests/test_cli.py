"""Tests of the command ``cuadernos``: what it prints, in which form, and always in Spanish.

Screens are compared with the golden files of ``tests/golden``, written for a terminal of 100
columns. After a change that is meant: ``UPDATE_GOLDEN=1 python -m pytest tests/test_cli.py``.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import pytest
from filelock import FileLock

from analysis import __version__
from analysis.audit import Verdict, audit
from analysis.cli import COMMANDS as COMMAND_LINES
from analysis.cli import cuadernos as group
from analysis.paths import ROOT_VARIABLE, Project
from analysis.published import PACKAGE, Study

GOLDEN = Path(__file__).parent / "golden"
CUADERNOS = Path(sys.executable).with_name("cuadernos")
ENGLISH = re.compile(
    r"\b(Usage|Options|Commands|Arguments?|Missing|Invalid|No such|Try|help\.|default|required|"
    r"Got unexpected|does not exist|Directory|requires|is not|one of|Did you mean|Aborted|"
    r"version \d|the|and|with|file|folder|Traceback)\b"
)


@dataclass(frozen=True)
class Screen:
    """What a command leaves behind."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return f"{self.out}{self.err}"


def environment() -> dict[str, str]:
    """Return an environment whose screens do not depend on who runs the tests."""
    unwanted = (ROOT_VARIABLE, "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "LINES")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "COLUMNS": "100", "NO_COLOR": "1", "LANGUAGE": "en", "PYTHONUTF8": "1"}


def cuadernos(*arguments: str, cwd: Path) -> Screen:
    """Run the command as a user does."""
    done = subprocess.run(
        [CUADERNOS, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return Screen(done.returncode, done.stdout, done.stderr)


_DRIVER = """
import contextlib, io, json, sys
from analysis.cli import main
screens = []
for arguments in json.load(sys.stdin):
    out, err, sys.argv = io.StringIO(), io.StringIO(), ["cuadernos", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
    screens.append([code, out.getvalue(), err.getvalue()])
json.dump(screens, sys.stdout)
"""


def many(calls: list[list[str]], cwd: Path) -> list[Screen]:
    """Run the command several times in one other process, which takes the time of one."""
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER],
        input=json.dumps(calls),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return [Screen(*screen) for screen in json.loads(done.stdout)]


def trimmed(screen: str) -> str:
    """Return a screen without the spaces that nobody sees at the end of its lines."""
    return "\n".join(line.rstrip() for line in screen.strip("\n").splitlines()) + "\n"


def assert_golden(name: str, screen: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(trimmed(screen), "utf-8", newline="\n")
    assert path.is_file(), f"write it with UPDATE_GOLDEN=1: {path}"
    assert trimmed(screen) == path.read_text("utf-8")


def assert_spanish(screen: Screen) -> None:
    found = ENGLISH.search(screen.all)
    assert found is None, f"«{found[0] if found else ''}» in\n{screen.all}"


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


@pytest.fixture(scope="session")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside any project, the same for all the processes of a session."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "nowhere"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def screens(nowhere: Path, project: Project) -> dict[str, Screen]:
    """All the screens that can be had in one process, once in a session, outside a project."""
    root = ["--root", str(project.root)]
    inside = {**AUDIT, **PARAMS, **REFUSED}
    calls = {
        **{f"help {name}": [*command, "--help"] for name, command in COMMANDS.items()},
        **{f"mistake {name}": arguments for name, (arguments, _, _) in MISTAKES.items()},
        **{f"consistency {n}": ["consistency", *text.split()] for n, text in CONSISTENCY.items()},
        **{f"example {number}": example for number, example in enumerate(EXAMPLES)},
        **{f"needing {' '.join(call)}": call for call in NEEDING},
        **{name: [*call, *root] for name, call in inside.items()},
        "version": ["--version"],
        "root before": [*root, *PARAMS["params table"]],
        "root within": ["params", *root, "04_medicion"],
        "root inside": ["params", "04_medicion", "--root", str(project.root / "data")],
    }
    kept = nowhere.parent / "screens.json"
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            made = many(list(calls.values()), nowhere)
            kept.write_text(json.dumps([asdict(screen) for screen in made]), "utf-8")
    read = [Screen(**screen) for screen in json.loads(kept.read_text("utf-8"))]
    return dict(zip(calls, read, strict=True))


# Help ------------------------------------------------------------------------------------------


def _walk(command: click.Command, path: list[str]) -> dict[str, list[str]]:
    found = {"-".join(path): path}
    for name, inner in getattr(command, "commands", {}).items():
        found |= _walk(inner, [*path, name])
    return found


COMMANDS = _walk(group, [])


@pytest.fixture(scope="session")
def helps(screens: dict[str, Screen]) -> dict[str, Screen]:
    return {name: screens[f"help {name}"] for name in COMMANDS}


def test_there_is_one_golden_help_for_each_command() -> None:
    kept = {path.stem.removeprefix("help").removeprefix("-") for path in GOLDEN.glob("help*.txt")}
    assert kept == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_in_spanish(helps: dict[str, Screen], name: str) -> None:
    screen = helps[name]
    assert screen.code == 0
    assert screen.err == ""
    assert screen.out.startswith(" ".join(["Uso: cuadernos", *COMMANDS[name]]))
    assert_spanish(screen)
    assert not [line for line in screen.out.splitlines()[1:] if line.endswith("...")]
    assert_golden(f"help-{name}" if name else "help", screen.out)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("data", "instrument")])
def test_the_help_of_a_command_shows_an_example_of_it(helps: dict[str, Screen], name: str) -> None:
    _, found, examples = helps[name].out.partition("Ejemplo")
    assert found
    assert re.search(rf"^ +cuadernos {' '.join(COMMANDS[name])}", examples, re.MULTILINE)


EXAMPLES = [
    example.split()
    for example in re.findall(
        r"^ +cuadernos (consistency .*)$",
        (GOLDEN / "help-consistency.txt").read_text("utf-8"),
        re.MULTILINE,
    )
]


def test_the_examples_of_consistency_work_as_they_are_written(screens: dict[str, Screen]) -> None:
    assert len(EXAMPLES) >= 3
    for number, _ in enumerate(EXAMPLES):
        screen = screens[f"example {number}"]
        assert screen.code == 0, screen.err
        assert re.search(r"^(Base|Imposible con) ", screen.out, re.MULTILINE)


# Mistakes --------------------------------------------------------------------------------------

MISTAKES = {
    "unknown-command": (["construir"], 2, "No existe la orden 'construir'"),
    "unknown-inner-command": (["data", "sellar"], 2, "No existe la orden 'sellar'"),
    "near-command": (["biuld"], 2, "No existe la orden 'biuld'"),
    "unknown-option": (["audit", "--forma"], 2, "No existe la opción '--forma'"),
    "unknown-choice": (["audit", "--verdict", "falso"], 2, "'falso' no es ninguno de 'coincide'"),
    "unknown-format": (["audit", "--format", "xml"], 2, "'xml' no es ninguno de 'table'"),
    "missing-argument": (["params"], 2, "Falta el argumento 'CUADERNO'"),
    "missing-arguments": (["consistency"], 2, "Falta el argumento 'PORCENTAJE...'"),
    "missing-name": (["new"], 2, "Falta el argumento 'NOMBRE'"),
    "missing-target": (["publish"], 2, "Falta el argumento 'DESTINO'"),
    "no-reports": (["verify", "nada"], 2, "Carpeta 'nada' no existe"),
    "no-reports-to-publish": (["publish", "a", "--reports", "no"], 2, "Carpeta 'no' no existe"),
    "no-root": (["audit", "--root", "nada"], 2, "Carpeta 'nada' no existe"),
    "file-for-a-folder": (["build", "--out", __file__], 2, "es un archivo"),
    "missing-value": (["build", "--out"], 2, "La opción '--out' necesita un valor"),
    "missing-values": (["build", "-p", "level"], 2, "La opción '-p' necesita 2 valores"),
    "extra-argument": (["params", "uno", "dos"], 2, "Sobra un argumento (dos)"),
    "not-a-number": (["consistency", "48", "--max-base", "x"], 2, "'x' no es un número válido"),
    "out-of-range": (["build", "--jobs", "0"], 2, "0 no está en el intervalo x>=1"),
    "not-a-percentage": (["consistency", "20", "ocho"], 1, "Porcentaje no válido: 'ocho'"),
    "too-big-a-percentage": (["consistency", "101"], 1, "Porcentaje fuera de rango: 101"),
    "bases-out-of-order": (
        ["consistency", "48", "--min-base", "9", "--max-base", "3"],
        2,
        "--min-base no puede ser mayor que --max-base",
    ),
    "conflicting-designs": (
        ["consistency", "20", "80", "--exclusive", "--multiple", "2"],
        2,
        "use --exclusive o --multiple, no las dos",
    ),
    "respondents-alone": (
        ["consistency", "48", "--respondents", "10"],
        2,
        "--respondents y --repeatable necesitan --multiple K",
    ),
    "repeatable-alone": (
        ["consistency", "48", "--multiple", "2", "--repeatable"],
        2,
        "--repeatable necesita --respondents N",
    ),
    "over-the-limit": (
        ["consistency", "20", "48", "33", "--exclusive", "--limit", "5", "--format", "json"],
        1,
        "hay 40 combinaciones y el límite es 5. Baje --max-base, suba --limit o use --format table",
    ),
}


@pytest.fixture(scope="session")
def mistakes(screens: dict[str, Screen]) -> dict[str, Screen]:
    return {name: screens[f"mistake {name}"] for name in MISTAKES}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained_in_spanish(mistakes: dict[str, Screen], name: str) -> None:
    _, code, message = MISTAKES[name]
    screen = mistakes[name]
    assert screen.code == code
    assert screen.out == ""
    assert re.search(r"^Error: ", screen.err, re.MULTILINE)
    assert message in " ".join(screen.err.split())
    assert_spanish(screen)


def test_a_mistake_shows_how_to_get_help(mistakes: dict[str, Screen]) -> None:
    assert_golden("mistake-choice", mistakes["unknown-choice"].err)
    assert_golden("mistake-argument", mistakes["missing-arguments"].err)
    assert_golden("mistake-command", mistakes["unknown-command"].err)


def test_a_command_near_another_is_suggested(mistakes: dict[str, Screen]) -> None:
    assert "¿Quiso decir 'build'?" in mistakes["near-command"].err


# The project -----------------------------------------------------------------------------------

NEEDING = [
    ["build"],
    ["build", "04_medicion"],
    ["params", "04_medicion"],
    ["audit"],
    ["data", "check"],
    ["data", "seal"],
    ["new", "20_mi_tema"],
    ["verify"],
    ["publish", "sitio"],
]


@pytest.mark.parametrize("call", NEEDING, ids=" ".join)
def test_outside_a_project_a_command_that_needs_one_says_so(
    screens: dict[str, Screen], nowhere: Path, call: list[str]
) -> None:
    screen = screens[f"needing {' '.join(call)}"]
    assert screen.code == 1
    assert screen.out == ""
    assert screen.err.startswith(f"Error: No hay un proyecto Cuadernos en {nowhere} ")
    assert "indíquela con --root CARPETA; si ejecuta papermill, con --cwd CARPETA" in screen.err
    assert_spanish(screen)


def test_root_works_before_and_after_the_command(screens: dict[str, Screen]) -> None:
    after = screens["params table"]
    assert after.code == 0
    assert "max_base" in after.out
    assert after == screens["root before"] == screens["root within"]


def test_root_can_be_any_folder_of_the_project(screens: dict[str, Screen]) -> None:
    assert screens["root inside"] == screens["params table"]


# consistency -----------------------------------------------------------------------------------


def test_consistency_gives_the_bases_and_counts_as_json(tmp_path: Path) -> None:
    screen = cuadernos(
        *("consistency", "20", "48", "33", "--exclusive", "--rounding", "half-up"),
        *("--max-base", "200", "--format", "json"),
        cwd=tmp_path,
    )
    assert screen.code == 0
    assert screen.err == ""
    found = json.loads(screen.out)
    assert found[0] == {"base": 40, "counts": [8, 19, 13]}
    assert len(found) == 40
    assert {sum(item["counts"]) == item["base"] for item in found} == {True}
    bases = [item["base"] for item in found]
    assert bases == sorted(bases) and bases[-1] == 200


CONSISTENCY = {
    "csv": "20 48 33 --exclusive --max-base 60 --format csv",
    "table": "20 48 33 --exclusive --max-base 120",
    "even": "20 48 33 --exclusive --rounding half-even --max-base 120",
    "impossible": "20 48 33 --exclusive --max-base 39",
    "independent": "12,5 50 --max-base 16",
    "multiple": "80 60 40 --multiple 2 --max-base 20",
    "mentions": "20 48 33 --multiple 5 --respondents 10 --max-base 60",
    "repeatable": "20 48 33 --multiple 5 --respondents 10 --repeatable",
    "long": "50 --max-base 100",
    "empty-json": "20 48 33 --exclusive --max-base 39 --format json",
    "multiple-json": "80 60 40 --multiple 2 --max-base 5 --format json",
}


@pytest.fixture(scope="session")
def found(screens: dict[str, Screen]) -> dict[str, Screen]:
    chosen = {name: screens[f"consistency {name}"] for name in CONSISTENCY}
    assert [screen.code for screen in chosen.values()] == [0] * len(chosen)
    return chosen


def test_consistency_gives_a_column_for_every_count_as_csv(found: dict[str, Screen]) -> None:
    assert found["csv"].out == ("base,count_1,count_2,count_3\n40,8,19,13\n46,9,22,15\n")


@pytest.mark.parametrize(
    "name", ["table", "even", "independent", "multiple", "mentions", "repeatable", "impossible"]
)
def test_consistency_prints_a_table_to_be_read(found: dict[str, Screen], name: str) -> None:
    assert_spanish(found[name])
    assert_golden(f"consistency-{name}", found[name].out)


def test_consistency_of_multiple_responses_lets_counts_pass_the_base(
    found: dict[str, Screen],
) -> None:
    # 80 + 60 + 40 % of 5 are 4 + 3 + 2 = 9 mentions, within 2 for each of the 5
    assert json.loads(found["multiple-json"].out) == [{"base": 5, "counts": [4, 3, 2]}]


def test_a_long_table_says_how_many_bases_it_leaves_out(found: dict[str, Screen]) -> None:
    *rows, last = found["long"].out.splitlines()
    bases = [int(row.split()[0]) for row in rows if re.match(r" *\d+ +\d+ +\d", row)]
    shown, left_out = len(bases), int(re.findall(r"… y (\d+) bases más", last)[0])
    assert bases == list(range(2, 2 * shown + 1, 2))
    assert f"Bases posibles de 1 a 100: {shown + left_out}." in found["long"].out
    assert shown + left_out == 50 and left_out > 0


def test_consistency_without_a_feasible_base_is_an_empty_list(found: dict[str, Screen]) -> None:
    assert json.loads(found["empty-json"].out) == []
    assert "Imposible con cualquier base de 1 a 39." in found["impossible"].out


# audit -----------------------------------------------------------------------------------------

AUDIT = {
    "audit json": ["audit", "--format", "json"],
    "audit csv": ["audit", "--format", "csv"],
    "audit table": ["audit"],
    **{f"audit {v.value}": ["audit", "--verdict", v.value, "--format", "json"] for v in Verdict},
    "audit impossible-table": ["audit", "--verdict", "imposible"],
}


@pytest.fixture(scope="session")
def audits(screens: dict[str, Screen]) -> dict[str, Screen]:
    chosen = {name.removeprefix("audit "): screens[name] for name in AUDIT}
    assert [screen.code for screen in chosen.values()] == [0] * len(chosen)
    return chosen


def test_the_audit_gives_an_object_for_every_figure_as_json(project: Project, study: Study) -> None:
    screen = cuadernos("audit", "--format", "json", cwd=project.root)
    assert screen.code == 0 and screen.err == ""
    items = json.loads(screen.out)
    keys = list(items[0])
    assert keys[:5] == ["id", "value", "verdict", "reason", "bases"]
    assert [list(item) for item in items] == [keys] * 133
    assert sorted(item["id"] for item in items) == sorted(study.claims["id"])
    values = dict(zip(study.claims["id"], study.claims["value"], strict=True))
    for item in items:
        assert item["value"] == values[item["id"]]
        assert item["verdict"] in [verdict.value for verdict in Verdict]
        assert item["reason"].endswith((".", "?"))
        assert all(isinstance(base, int) and base > 0 for base in item["bases"])
    by_id = {item["id"]: item for item in items}
    assert by_id["cif_098"]["verdict"] == "imposible"
    assert 40 in by_id["cif_097"]["bases"]


def test_the_audit_as_csv_is_the_same_as_json(audits: dict[str, Screen]) -> None:
    rows = rows_of(audits["csv"].out)
    items = json.loads(audits["json"].out)
    assert len(rows) == 133
    for row, item in zip(rows, items, strict=True):
        assert row == {**item, "bases": " ".join(map(str, item["bases"]))}


@pytest.mark.parametrize("verdict", Verdict)
def test_the_audit_can_be_limited_to_a_verdict(audits: dict[str, Screen], verdict: Verdict) -> None:
    everything = json.loads(audits["json"].out)
    chosen = json.loads(audits[verdict.value].out)
    assert chosen
    assert chosen == [item for item in everything if item["verdict"] == verdict.value]


def test_the_audit_as_a_table_counts_every_verdict(audits: dict[str, Screen], study: Study) -> None:
    counts = Counter(item.verdict for item in audit(study))
    summary = "; ".join(f"{verdict.value}: {counts[verdict]}" for verdict in Verdict)
    last = audits["table"].out.splitlines()[-1]
    assert last == audits["impossible-table"].out.splitlines()[-1] == f"133 cifras. {summary}."
    for claim in study.claims["id"]:
        assert re.search(rf"^{claim} ", audits["table"].out, re.MULTILINE)


def test_the_audit_prints_a_table_to_be_read(audits: dict[str, Screen]) -> None:
    screen = audits["impossible-table"]
    assert_spanish(screen)
    heading, *lines = screen.out.splitlines()
    assert [h.strip() for h in re.split(r"  +", heading.strip())] == [
        "Cifra",
        "Valor",
        "Veredicto",
        "Qué mide y por qué",
    ]
    rows = [line.split() for line in lines if line.startswith("cif_")]
    expected = {item["id"] for item in json.loads(audits["imposible"].out)}
    assert {row[0] for row in rows} == expected
    assert all("imposible" in row for row in rows)
    assert max(len(line) for line in lines) <= 100


# params ----------------------------------------------------------------------------------------


PARAMS = {
    "params table": ["params", "04_medicion"],
    "params json": ["params", "04_medicion.ipynb", "--format", "json"],
    "params csv": ["params", "notebooks/04_medicion.ipynb", "--format", "csv"],
    "params missing": ["params", "99_nada"],
}


def test_the_parameters_of_a_notebook_are_listed(screens: dict[str, Screen]) -> None:
    assert_spanish(screens["params table"])
    assert_golden("params", screens["params table"].out)
    items = {item["name"]: item for item in json.loads(screens["params json"].out)}
    assert list(items["max_base"]) == ["name", "type", "default", "allowed", "help"]
    assert (items["max_base"]["type"], items["max_base"]["default"]) == ("int", 120)
    assert items["level"]["default"] == 0.95
    rows = rows_of(screens["params csv"].out)
    assert rows == [{k: str(v) for k, v in item.items()} for item in items.values()]


def test_the_parameters_of_a_notebook_that_is_not_there_are_not_listed(
    screens: dict[str, Screen],
) -> None:
    missing = screens["params missing"]
    assert missing.code == 1
    assert missing.err.startswith("Error: No hay un cuaderno «99_nada» en notebooks/. Hay: 00_")


# data ------------------------------------------------------------------------------------------


def test_data_check_says_that_all_is_well_from_any_folder_of_the_project(
    project: Project,
) -> None:
    screen = cuadernos("data", "check", cwd=project.notebooks)
    assert screen.code == 0, screen.all
    assert re.search(r"^data/raw/cuaderno8: \d+ tablas, sin problemas$", screen.out, re.MULTILINE)
    assert_spanish(screen)


def test_a_table_that_changed_is_found_and_can_be_sealed(
    project_copy: Project, change_cell: Callable[..., None]
) -> None:
    change_cell(project_copy, "claims", "cif_097", "value", "21")
    check, build, seal, after, nothing = many(
        [
            ["data", "check"],
            ["build", "04_medicion"],
            ["data", "seal"],
            ["data", "check"],
            ["data", "seal"],
        ],
        project_copy.root,
    )
    assert check.code == 1
    assert re.search(r"^data/raw/cuaderno8: \d+ tablas, 1 ", check.out, re.MULTILINE)
    assert "  - claims.csv; el archivo cambió desde que se selló" in check.out
    assert "cuadernos data seal" in check.err
    assert_spanish(check)

    assert build.code == 1
    assert "claims.csv; el archivo cambió desde que se selló" in build.err
    assert "empieza" not in build.out
    assert not project_copy.reports.exists()

    assert seal.code == 0
    sealed = seal.out.splitlines()
    assert sealed[0] == "data/raw/cuaderno8: sellado claims.csv"
    assert after.code == 0
    assert nothing.out.splitlines() == ["data/raw/cuaderno8: nada que sellar", *sealed[1:]]
    assert all(line.endswith(": nada que sellar") for line in sealed[1:])


def test_a_table_that_breaks_its_schema_is_explained_and_cannot_be_sealed(
    project_copy: Project, change_cell: Callable[..., None]
) -> None:
    change_cell(project_copy, "claims", "cif_097", "kind", "porcentage")
    descriptor = project_copy.raw / PACKAGE / "datapackage.json"
    before = descriptor.read_bytes()
    check, seal = many([["data", "check"], ["data", "seal"]], project_copy.root)
    assert check.code == seal.code == 1
    line = next(line for line in check.out.splitlines() if "porcentage" in line)
    assert re.match(
        r"  - claims\.csv, fila \d+, columna kind: se encontró «porcentage»; se admite: ", line
    )
    assert "se encontró «porcentage»" in seal.err
    assert descriptor.read_bytes() == before
    assert_spanish(check)
    assert_spanish(seal)


def test_a_table_that_is_not_there_is_named(project_copy: Project) -> None:
    (project_copy.raw / PACKAGE / "cities.csv").unlink()
    shutil.rmtree(project_copy.processed, ignore_errors=True)
    check, audited = many([["data", "check"], ["audit"]], project_copy.root)
    assert check.code == audited.code == 1
    assert "  - cities.csv; falta el archivo" in check.out
    assert "cities.csv; falta el archivo" in audited.err
    assert audited.out == ""


# build -----------------------------------------------------------------------------------------


_WRONG = ["-p", "max_base", "mil", "-p", "rondin", "x"]
REFUSED = {
    "build without": ["build", "-p", "max_base", "60", "--out", "reports"],
    "build wrong": ["build", "04_medicion", *_WRONG, "--out", "reports"],
    "build missing": ["build", "99_nada", "--out", "reports"],
}


def test_what_cannot_be_built_is_refused_before_anything_runs(
    screens: dict[str, Screen], nowhere: Path
) -> None:
    without, wrong, missing = (screens[name] for name in REFUSED)
    assert (without.code, wrong.code, missing.code) == (2, 1, 1)
    assert "los parámetros necesitan que se nombre el cuaderno al que van" in without.err
    assert "max_base: «mil» no vale; debe ser un número entero entre 20 y 1000." in wrong.err
    assert "rondin: no es un parámetro. ¿Quiso decir «rounding»?" in wrong.err
    assert "No hay un cuaderno «99_nada»" in missing.err
    for screen in (without, wrong, missing):
        assert screen.out == ""
        assert_spanish(screen)
    assert list(nowhere.iterdir()) == []


# What a command costs --------------------------------------------------------------------------

HEAVY = {"pandas", "numpy", "seaborn", "matplotlib", "scipy", "statsmodels", "pyarrow"} | {
    *("nbformat", "nbconvert", "nbclient", "papermill", "jupyter_client", "frictionless", "typst")
}
_LOADED = "\nimport sys\nprint('loaded', *sys.modules)"
_CALL = "import sys\nfrom analysis.cli import main\ntry: main()\nexcept SystemExit: pass"
LIGHT = [
    [],
    ["--help"],
    ["--version"],
    ["build", "--help"],
    ["consistency", "20", "48", "33", "--exclusive"],
    ["params", "04_medicion", "--root", str(Path(__file__).parents[1])],
]


@pytest.mark.parametrize("call", LIGHT, ids=lambda call: " ".join(call[:2]) or "import")
def test_a_light_command_does_not_wait_for_the_libraries_of_the_heavy_ones(
    call: list[str], nowhere: Path
) -> None:
    code = (_CALL if call else "import analysis.cli") + _LOADED
    done = subprocess.run(
        [sys.executable, "-c", code, *call],
        cwd=nowhere,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    said, _, loaded = done.stdout.rpartition("loaded ")
    assert done.stderr == ""
    assert bool(said) == bool(call)
    assert {name.partition(".")[0] for name in loaded.split()} & HEAVY == set()


def test_the_list_of_commands_says_of_each_what_its_own_help_says() -> None:
    for name in group.commands:
        short = group.commands[name].get_short_help_str(limit=200)
        assert COMMAND_LINES.short_help(name).rstrip(".") == short.rstrip("."), name


def test_the_version_is_said_in_spanish(screens: dict[str, Screen]) -> None:
    assert screens["version"] == Screen(0, f"cuadernos, versión {__version__}\n", "")
