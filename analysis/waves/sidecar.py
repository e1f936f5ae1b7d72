"""The file beside an SPSS or Stata export (``ola.sav.json``): why a text or a date is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.instrument import Instrument
from analysis.mapping.table import REASONS
from analysis.responses import Responses

ENDING = ".json"
"""What the name of a file is followed by in that of its sidecar."""


class SidecarError(ValueError):
    """The file beside an export cannot be used."""


@dataclass(frozen=True)
class Sidecar:
    """What the export wrote beside the file.

    Parameters
    ----------
    path : Path
        The sidecar.
    missing : mapping of str to mapping of str to str
        Reason by item and respondent, for the texts and dates that have none in the file.
    """

    path: Path
    missing: Mapping[str, Mapping[str, str]]

    def fill(self, responses: Responses) -> Responses:
        """Give its reasons to the answers that are missing."""
        missing = dict(responses.missing)
        for item, reasons in self.missing.items():
            if item not in responses.values:
                continue
            said = responses.ids.map(reasons).astype("string")
            said = said.where(responses.values[item].isna())
            if said.notna().any():
                missing[item] = missing[item].fillna(said) if item in missing else said
        return replace(responses, missing=missing)

    def without(self, respondent: str) -> str:
        """Write the sidecar again without a respondent."""
        content = json.loads(self.path.read_text("utf-8"))
        for reasons in content["missing_texts"].values():
            reasons.pop(respondent, None)
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def sidecar_of(file: Path, instrument: Instrument) -> Sidecar | None:
    """Read what stands beside a file, when ``cuadernos instrument export`` wrote it.

    Raises
    ------
    SidecarError
        When it answers another version of the questionnaire, or is damaged.
    """
    path = file.with_name(file.name + ENDING)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict) or "missing_texts" not in content:
            return None
        version = content["instrument"]
        known = {
            name: {who: str(why) for who, why in reasons.items() if why in REASONS.values()}
            for name, reasons in content["missing_texts"].items()
        }
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise SidecarError(
            f"{path.name} acompaña a {file.name} y está dañado ({error}); copie los dos otra vez, "
            "o aparte el .json para importar sin las razones por las que falta un texto."
        ) from None
    if version != instrument.version:
        raise SidecarError(
            f"{path.name} dice que {file.name} responde la versión {version} del cuestionario y no "
            f"la {instrument.version}; indíquela con --instrument {version}."
        )
    names = {item.code.lower(): item.code for item in instrument.questions}
    return Sidecar(path, {names[n.lower()]: r for n, r in known.items() if n.lower() in names})
