"""Texts of every language against the Spanish ones, and the command that tells it."""

import pytest
from click.testing import CliRunner

from analysis import texts
from analysis.cli.texts import texts as command
from analysis.texts import completeness as module
from analysis.texts.completeness import catalogue, completeness


@pytest.mark.parametrize("lang", texts.LOCALES)
def test_published_languages_are_whole(lang: str) -> None:
    found = completeness(lang)
    assert found.whole, (found.missing, found.differing)
    assert found.unknown == ()


@pytest.mark.parametrize("lang", texts.PREPARED)
def test_prepared_languages_have_the_whole_interface(lang: str) -> None:
    found = completeness(lang)
    assert found.unknown == found.differing == ()
    areas = (
        *("page", "index", "evidence", "share", "verdict", "base_unit", "base_unit_plural"),
        *("rounding", "rounding_short", "rounding_name", "origin", "period", "made", "pdf"),
    )
    lacking = [
        key for key in found.missing if key.startswith(tuple(f"labels: {a}." for a in areas))
    ]
    assert not [key for key in lacking if not key.startswith("labels: base_unit")]
    assert 0 < found.present < found.expected


def test_what_is_missing_stale_or_different_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "es": {"labels: a": "{n} ciudades", "labels: b": "dos", "01: [lead]": ""},
        "pt": {"labels: a": "{m} cidades", "labels: c": "três"},
    }
    monkeypatch.setattr(module, "catalogue", given.__getitem__)
    found = completeness("pt")
    assert (found.expected, found.present) == (3, 1)
    assert found.missing == ("labels: b", "01: [lead]")
    assert found.unknown == ("labels: c",)
    assert found.differing == ("labels: a",)
    assert not found.whole


def test_the_catalogue_holds_labels_terms_and_passages() -> None:
    keys = catalogue("es")
    assert keys["labels: page.next"] == "Siguiente"
    assert "04_medicion: [method]" in keys
    assert "glossary: 1" in keys


def test_a_prepared_language_is_refused_with_the_command_that_helps() -> None:
    with pytest.raises(
        texts.MissingTextError, match=r"«pt» está en preparación.*cuadernos texts pt"
    ):
        texts.locale("pt")


def test_the_command_reports_every_language() -> None:
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 0, done.output
    for lang in (*texts.LOCALES, *texts.PREPARED):
        assert f"{lang}: " in done.output
    assert "véalos con --all" in done.output
    short = CliRunner().invoke(command, ["pt"]).output
    assert len(CliRunner().invoke(command, ["pt", "--all"]).output) > len(short)
