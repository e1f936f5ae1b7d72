"""A code's texts as the one description that other programs have, and back."""

from __future__ import annotations

from slugify import slugify

from analysis.coding.codebook import Code

_PARTS = (("include", "Incluye"), ("exclude", "No incluye"), ("example", "Ejemplo"))
_ID = "Código"


def describe(code: Code) -> str:
    """Write definition, inclusion, exclusion and example (Spanish, else English) as one text.

    The identifier is added where the name does not give it, so that it comes back.
    """
    lines = [code.definition_es or code.definition_en]
    for field, label in _PARTS:
        value = getattr(code, f"{field}_es") or getattr(code, f"{field}_en")
        if value:
            one_line = value.replace("\n", " ")
            lines.append(f"{label}: {one_line}")
    base = slugify(code.name("es"), separator="_", max_length=60) or "codigo"
    if code.code != base and not _numbered(code.code, base):
        lines.append(f"{_ID}: {code.code}")
    return "\n".join(lines).strip("\n")


def _numbered(code: str, base: str) -> bool:
    return code.startswith(f"{base}_") and code[len(base) + 1 :].isdigit()


def parse(description: str) -> dict[str, str]:
    """Read a description back into the Spanish texts of a code, and ``code`` if it is said.

    Only labelled lines at the end, in order, are taken apart; anything else is the definition.

    >>> parse("Reunir a las áreas.\\nIncluye: mesas.\\nCódigo: cla_mesas")
    {'definition_es': 'Reunir a las áreas.', 'include_es': 'mesas.', 'code': 'cla_mesas'}
    """
    labels = [(f"{field}_es", f"{label}: ") for field, label in _PARTS] + [("code", f"{_ID}: ")]
    found: dict[str, str] = {}
    lines = description.split("\n")
    for name, label in reversed(labels):
        if lines and lines[-1].startswith(label):
            found[name] = lines.pop().removeprefix(label)
    ordered = {name: found[name] for name, _ in labels if name in found}
    return {"definition_es": "\n".join(lines), **ordered}
