"""The answers of a wave: who answered what, and why there is no answer where there is none.

*Unasked*, *blank*, *none of these*, *does not know* and *refused* are different values from the
file to the last table (:class:`State`).
"""

from analysis.responses.answers import Responses
from analysis.responses.state import ANSWER_COLUMNS, NO_CODE, RESPONDENT, State
from analysis.responses.wave import Wave, WaveMeta

__all__ = ["ANSWER_COLUMNS", "NO_CODE", "RESPONDENT", "Responses", "State", "Wave", "WaveMeta"]
