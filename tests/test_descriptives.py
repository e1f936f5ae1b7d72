"""Tests of the shares of a large wave, against pandas and statsmodels."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import cuadernos
from analysis.descriptives import group_shares
from analysis.proportion import confidence_interval
from analysis.waves import load_wave


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A fictitious wave: a country, a question with one answer and one with several."""
    rng, rows = np.random.default_rng(4), []
    for number in range(1, 41):
        name = f"C{number:02d}"
        if number > 2:  # two do not say their country
            rows.append((name, "pais", rng.choice(["CO", "MX"]), True, "answered"))
        state = "answered" if rng.random() < 0.8 else "blank"
        choice = rng.choice(["a", "b", "c"]) if state == "answered" else None
        rows.append((name, "una", choice, state == "answered", state))
        state = rng.choice(["answered", "refused"], p=[0.7, 0.3])
        rows += [
            (name, "varias", option, bool(rng.random() < 0.4), state) for option in ("x", "y", "z")
        ]
    frame = pd.DataFrame(rows, columns=["respondent", "item", "choice", "selected", "state"])
    path = tmp_path_factory.mktemp("wave") / "answers.parquet"
    frame.to_parquet(path, index=False)
    return path, frame


def test_counts_and_intervals_are_those_of_pandas_and_statsmodels(
    wave: tuple[Path, pd.DataFrame],
) -> None:
    path, frame = wave
    found = {
        (s.group, s.item, s.choice): s for s in group_shares(path, "pais", multiple=["varias"])
    }
    country = frame[frame["item"] == "pais"].set_index("respondent")["choice"]
    answered = frame[(frame["state"] == "answered") & (frame["item"] != "pais")].copy()
    answered["group"] = answered["respondent"].map(country)
    checked = 0
    for (group, item), rows in answered.dropna(subset=["group"]).groupby(["group", "item"]):
        base = rows["respondent"].nunique()
        for choice, chosen in rows[rows["selected"]].groupby("choice")["respondent"]:
            share = found.pop((group, item, choice))
            assert (share.count, share.base) == (chosen.nunique(), base)
            interval = confidence_interval(share.count, share.base)
            assert (share.lower, share.upper) == pytest.approx((interval.lower, interval.upper))
            checked += 1
    assert checked >= 10
    assert all(share.count == 0 for share in found.values())


def test_what_cannot_be_counted_is_explained(
    wave: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    path, frame = wave
    with pytest.raises(ValueError, match="nadie respondió «region»"):
        group_shares(path, "region")
    with pytest.raises(ValueError, match="No hay archivo"):
        group_shares(tmp_path / "nada.parquet", "pais")
    frame.drop(columns="state").to_parquet(tmp_path / "sin.parquet")
    with pytest.raises(ValueError, match="faltan columnas"):
        group_shares(tmp_path / "sin.parquet", "pais")
    frame.iloc[:0].to_parquet(tmp_path / "vacio.parquet")
    with pytest.raises(ValueError, match="ninguna respuesta"):
        group_shares(tmp_path / "vacio.parquet", "pais")


def test_the_command_shows_every_share_with_its_base(project):
    run = CliRunner().invoke(
        cuadernos,
        [
            *("wave", "shares", "demo", "--by", "tipo_entidad", "--item", "acc_evaluacion"),
            *("--format", "json", "--root", str(project.root)),
        ],
    )
    assert run.exit_code == 0, run.output
    rows = json.loads(run.output)
    wave = load_wave(project, "demo")
    marks = wave.multiple("acc_evaluacion").assign(group=wave.single("tipo_entidad")).dropna()
    assert {row["group"] for row in rows} == set(marks["group"])
    for row in rows:
        held = marks.loc[marks["group"] == row["group"], row["choice"]]
        assert (row["count"], row["base"]) == (held.sum(), len(held))
        assert row["lower"] <= row["count"] / row["base"] <= row["upper"]
        assert (row["evidence"], row["unit"]) == ("demo", "respondent")


@pytest.mark.parametrize(
    ("by", "item", "said"),
    [("redes", "apertura", "única"), ("tipo_entidad", "ciudad", "opciones")],
)
def test_the_command_refuses_what_it_cannot_count(project, by, item, said):
    call = ["wave", "shares", "demo", "--by", by, "--item", item, "--root", str(project.root)]
    run = CliRunner().invoke(cuadernos, call)
    assert run.exit_code == 2 and said in run.output
