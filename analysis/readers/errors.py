"""What may go wrong with a file, in one Spanish sentence that says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any


class ReadError(ValueError):
    """A file cannot be read; the message names it, says what happened and what to do.

    Parameters
    ----------
    file : str
        Name of the file, without its folder.
    problem : str
        What happened, in Spanish, without a full stop.
    advice : str
        What to do, in Spanish, without a full stop.
    detail : str, optional
        What the library said, for who mends the program; not in the message.
    """

    def __init__(self, file: str, problem: str, advice: str, detail: str = "") -> None:
        self.file = PurePath(file).name
        self.problem = problem
        self.advice = advice
        self.detail = detail
        super().__init__(f"{self.file}: {problem}; {advice}.")

    def to_json(self) -> dict[str, Any]:
        """Give the error in a form that travels between processes."""
        return {
            "kind": "read",
            "file": self.file,
            "problem": self.problem,
            "advice": self.advice,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Reading:
    """One way to read an ambiguous file.

    Parameters
    ----------
    value : str
        Value of the option that chooses it.
    samples : tuple of str
        What the file says when read so; up to three cells or lines.
    """

    value: str
    samples: tuple[str, ...]


class AmbiguousFileError(ReadError):
    """A file can be read in more than one way and nothing in it decides.

    Parameters
    ----------
    file : str
        Name of the file.
    problem : str
        What is not known, in Spanish, without a full stop.
    option : str
        Option of the command line that settles it, such as ``--delimiter``.
    readings : sequence of Reading
        The ways, each with what it would give.
    """

    def __init__(self, file: str, problem: str, option: str, readings: Sequence[Reading]) -> None:
        self.option = option
        self.readings = tuple(readings)
        width = max((len(reading.value) for reading in self.readings), default=0)
        lines = [
            f"  {option} {reading.value.ljust(width)}  →  {' · '.join(reading.samples)}"
            for reading in self.readings
        ]
        advice = f"repita la orden con {option} y el valor que muestre bien los datos"
        super().__init__(file, problem, advice)
        self.args = ("\n".join([str(self), *lines]),)

    def to_json(self) -> dict[str, Any]:
        """Give the error in a form that travels between processes."""
        return {
            "kind": "ambiguous",
            "problem": self.problem,
            "option": self.option,
            "readings": [[r.value, list(r.samples)] for r in self.readings],
        }


def from_json(file: str, content: dict[str, Any]) -> ReadError:
    """Make the error that a child process reported.

    Raises
    ------
    KeyError, TypeError, ValueError
        When the content is not that of an error.
    """
    if content["kind"] == "ambiguous":
        readings = [Reading(str(value), tuple(map(str, s))) for value, s in content["readings"]]
        return AmbiguousFileError(file, str(content["problem"]), str(content["option"]), readings)
    return ReadError(
        str(content.get("file", file)),
        str(content["problem"]),
        str(content["advice"]),
        str(content.get("detail", "")),
    )
