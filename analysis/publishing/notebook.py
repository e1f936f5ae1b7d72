"""A notebook as the file that it is: read before anything runs it, without the notebook libraries.

What is wrong with the file is said in a sentence, so that one notebook fails and not the build.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.files import reason

KERNEL = "python3"
"""Kernel of a notebook that names none."""


class NotebookError(ValueError):
    """A file is not a notebook that can be executed."""


def read(path: Path) -> dict[str, Any]:
    """Read a notebook as plain data.

    Raises
    ------
    NotebookError
        When it cannot be read or is not a notebook of format 4, saying why.
    """
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise NotebookError(f"No se puede leer {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"{name}: no está en UTF-8 (byte {error.start}); guárdelo de nuevo desde JupyterLab."
        ) from error
    if not text.strip():
        raise NotebookError(f"{name}: el archivo está vacío; recupérelo con git o bórrelo.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f", línea {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotebookError(
            f"{name}{line}: no es JSON válido; recupere el cuaderno con git o créelo de nuevo."
        ) from error
    if not isinstance(data, dict) or data.get("nbformat") != 4:
        raise NotebookError(
            f"{name}: no es un cuaderno de Jupyter de formato 4; ábralo en JupyterLab y guárdelo."
        )
    cells = data.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError(f"{name}: el cuaderno no tiene una lista de celdas (cells).")
    return data


def metadata(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of a notebook or cell, empty when it has none."""
    found = item.get("metadata")
    return found if isinstance(found, Mapping) else {}


def tags(cell: Mapping[str, Any]) -> list[str]:
    """Return the tags of a cell."""
    found = metadata(cell).get("tags")
    return [str(tag) for tag in found] if isinstance(found, list) else []


def source(cell: Mapping[str, Any]) -> str:
    """Return the source of a cell, which a file holds as one text or as lines."""
    found = cell.get("source", "")
    return found if isinstance(found, str) else "".join(map(str, found))


def kernel(notebook: Mapping[str, Any]) -> str:
    """Return the kernel that a notebook asks for."""
    spec = metadata(notebook).get("kernelspec")
    name = spec.get("name") if isinstance(spec, Mapping) else None
    return str(name or KERNEL)


def language(notebook: Mapping[str, Any]) -> str:
    """Return the language of a notebook."""
    spec = metadata(notebook).get("kernelspec")
    info = metadata(notebook).get("language_info")
    for found in (
        spec.get("language") if isinstance(spec, Mapping) else None,
        info.get("name") if isinstance(info, Mapping) else None,
    ):
        if found:
            return str(found)
    return "python"
