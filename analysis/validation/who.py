"""Who a respondent is and where the file holds it."""

from __future__ import annotations

from analysis.responses import Responses

CITY = "ciudad"


def who(responses: Responses, at: int) -> dict[str, object]:
    """Say who a respondent is and where the file holds it."""
    city = responses.values.get(CITY)
    return {
        "respondent": str(responses.ids.loc[at]),
        "city": "" if city is None else text_of(city.loc[at]),
        "row": int(responses.rows.loc[at]),
    }


def text_of(value: object) -> str:
    """Return a text, empty for what is missing."""
    return value if isinstance(value, str) else ""
