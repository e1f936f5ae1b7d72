"""What became of a question to a respondent, and the columns of the long table."""

from __future__ import annotations

from enum import StrEnum

NO_CODE = "sin-codigo-"
"""Begins the name of a respondent to whom the file gave no code, though it gives others one."""

RESPONDENT = "respondent"
ANSWER_COLUMNS = (RESPONDENT, "item", "choice", "selected", "value", "state")


class State(StrEnum):
    """What became of a question to a respondent."""

    ANSWERED = "answered"
    UNASKED = "unasked"
    BLANK = "blank"
    NONE = "none"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
