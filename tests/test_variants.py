"""Pages beside the ordinary one of a notebook."""

from __future__ import annotations

import nbformat
import pytest

from analysis.display import MIME
from analysis.publishing import variants
from analysis.publishing.document import PageError, document


def test_a_page_name_says_its_notebook_and_variant() -> None:
    name = variants.page_name("02_cuestionario", "demo-b")
    assert name == "02_cuestionario--demo-b"
    assert variants.notebook_name(name) == "02_cuestionario"
    assert variants.variant_name(name) == "demo-b"
    assert variants.variant_name("02_cuestionario") == ""


@pytest.mark.parametrize("bad", ["", "Ola", "a--b", "../x", "ola 2026", "-a", "año"])
def test_a_name_that_does_not_fit_an_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="no vale como nombre"):
        variants.check_name(bad)


def test_the_metadata_of_a_notebook_declare_its_variants() -> None:
    metadata = {"cuadernos": {"variants": {"demo": {"wave": "demo"}}}}
    assert variants.declared(metadata) == {"demo": {"wave": "demo"}}
    assert variants.declared({}) == {}


def test_a_variant_keeps_its_page_name_and_its_parameters_are_ordinary_there() -> None:
    blocks = {"kind": "head", "name": "02_x", "lang": "es"}
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                'wave: str = "2017"  # Ola', metadata={"tags": ["parameters"]}
            ),
            nbformat.v4.new_code_cell(
                "show", outputs=[nbformat.v4.new_output("display_data", {MIME: blocks})]
            ),
        ],
        metadata={
            "cuadernos": {"variants": {"demo": {"wave": "demo"}}},
            "papermill": {"parameters": {"wave": "demo", "lang": "es"}},
        },
    )
    assert document(notebook, "02_x--demo").name == "02_x--demo"
    assert document(notebook, "02_x--demo").changed == {}
    assert document(notebook, "02_x--other").changed == {"wave": "demo"}
    assert document(notebook, "02_x").changed == {"wave": "demo"}
    with pytest.raises(PageError, match="muestra los textos de otro"):
        document(notebook, "03_y--demo")
