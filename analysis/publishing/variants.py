"""A notebook published more than once: its ordinary page and, beside it, others by parameter.

The metadata of a notebook name its variants and the parameters of each::

    {"cuadernos": {"variants": {"demo": {"wave": "demo"}}}}

The page of the variant ``demo`` of ``02_cuestionario`` is called ``02_cuestionario--demo``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.publishing import notebook as notebook_file

_MARK = "--"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def page_name(notebook: str, variant: str = "") -> str:
    """Name the page of a notebook, or of a variant of it."""
    return f"{notebook}{_MARK}{variant}" if variant else notebook


def notebook_name(page: str) -> str:
    """Name the notebook that a page is made of."""
    return page.partition(_MARK)[0]


def variant_name(page: str) -> str:
    """Name the variant of a page; empty for the ordinary one."""
    return page.partition(_MARK)[2]


def check_name(variant: str) -> str:
    """Return the name of a variant, which becomes part of an address.

    Raises
    ------
    ValueError
        When it is not made of lower-case letters, digits and single hyphens.
    """
    if not _NAME.fullmatch(variant):
        raise ValueError(
            f"«{variant}» no vale como nombre de una página: use minúsculas sin acento, cifras y "
            "guiones sencillos, por ejemplo ola-2026."
        )
    return variant


def variants(notebook: Path) -> dict[str, dict[str, Any]]:
    """Read the variants of a notebook: their parameters, by name.

    Raises
    ------
    NotebookError
        When the file is not a notebook.
    """
    return declared(notebook_file.metadata(notebook_file.read(notebook)))


def declared(metadata: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read the variants that the metadata of a notebook declare."""
    about = metadata.get("cuadernos")
    found = about.get("variants", {}) if isinstance(about, Mapping) else {}
    return {check_name(name): dict(values) for name, values in found.items()}
