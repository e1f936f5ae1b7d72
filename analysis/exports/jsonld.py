"""The questionnaire as schema.org JSON-LD, which search engines of data sets read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.exports.columns import Variable, variables
from analysis.exports.counts import count
from analysis.instrument.model import Instrument

if TYPE_CHECKING:
    from analysis.responses import Wave

_TERM = "cuadernos"


def jsonld(instrument: Instrument, wave: Wave | None = None) -> str:
    """Write a schema.org ``Dataset`` whose ``variableMeasured`` are the variables of the files.

    Texts are in every language (``@language``). With a wave the data set is that of the wave, with
    its number of respondents, and each variable carries the number that answered.
    """
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": f"urn:{_TERM}:instrument:{instrument.version}",
        "identifier": instrument.settings["form_id"]["es"],
        "version": instrument.version,
        "name": _languages(instrument.title),
        "description": _languages(instrument.statement),
        "inLanguage": list(instrument.languages),
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "conditionsOfAccess": _languages(instrument.settings["consent"]),
        "isBasedOn": {
            "@type": "Book",
            "name": "Hacia una acción internacional sostenible en las ciudades",
            "isPartOf": {"@type": "BookSeries", "name": "Cuadernos AL-LAs"},
            "volumeNumber": "8",
            "datePublished": "2018",
        },
    }
    if wave is not None:
        about["@id"] = f"urn:{_TERM}:wave:{wave.id}"
        about["size"] = {
            "@type": "QuantitativeValue",
            "value": len(wave.respondents),
            "unitText": "respondents",
        }
        about["additionalProperty"] = [_property("evidence", str(wave.evidence))]
    counted = {item.code: count(wave, item).base for item in (instrument.questions if wave else ())}
    about["variableMeasured"] = [
        _variable(variable, instrument, counted.get(variable.item.code))
        for variable in variables(instrument)
    ]
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def _languages(labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": lang, "@value": text} for lang, text in labels.items()]


def _property(name: str, value: Any) -> dict[str, Any]:
    return {"@type": "PropertyValue", "name": name, "value": value}


def _variable(variable: Variable, instrument: Instrument, answered: int | None) -> dict[str, Any]:
    item, languages = variable.item, instrument.languages
    found: dict[str, Any] = {
        "@type": "PropertyValue",
        "@id": f"urn:{_TERM}:instrument:{instrument.version}:{variable.name}",
        "propertyID": variable.name,
        "name": variable.name,
        "description": _languages({lang: variable.label(lang) for lang in languages}),
    }
    if item.hint:
        found["disambiguatingDescription"] = _languages(item.hint)
    labels = {lang: variable.value_labels(lang) for lang in languages}
    if labels[languages[0]]:
        found["valueReference"] = [
            {
                "@type": "DefinedTerm",
                "termCode": str(number),
                "name": _languages({lang: labels[lang][number] for lang in languages}),
            }
            for number in labels[languages[0]]
        ]
    tags = {
        "item": item.code,
        "choice": variable.choice.code if variable.choice else None,
        "type": item.type,
        "stage": item.stage,
        "dimension": item.dimension,
        "sensitivity": item.sensitivity,
        "section": item.origin,
        "relevant": " and ".join(f"({c})" for c in instrument.conditions(item.code)) or None,
        "constraint": item.constraint,
        "answered": answered,
    }
    found["additionalProperty"] = [
        _property(name, value) for name, value in tags.items() if value is not None
    ]
    return found
