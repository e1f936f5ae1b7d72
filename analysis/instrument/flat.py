"""Names of flat variables: what exports write and what the import recognises exactly."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.instrument.model import SELECT_MULTIPLE, Choice, Instrument, Item

LONGEST_NAME = 29  # of 32 in Stata: ReadStat adds the position to name the set of labels


def flat_names(instrument: Instrument) -> Iterator[tuple[str, Item, Choice | None]]:
    """Yield a name for each question, or for each choice of a ``select_multiple``.

    The choices «no sabe» and «prefiere no responder» are reasons for missing and have none. A name
    that would be too long carries the position of the choice in place of its code.
    """
    for item in instrument.questions:
        if item.type != SELECT_MULTIPLE:
            yield item.code, item, None
            continue
        for position, choice in enumerate(item.choices, start=1):
            if not choice.missing:
                name = f"{item.code}__{choice.code}".lower()
                if len(name) > LONGEST_NAME:
                    name = f"{item.code[: LONGEST_NAME - 4]}__{position:02d}"
                yield name, item, choice
