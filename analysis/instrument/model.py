"""The questionnaire as objects: items, their choices, and the groups that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

SELECT_ONE, SELECT_MULTIPLE, NOTE, GROUP = "select_one", "select_multiple", "note", "begin_group"
QUESTION_TYPES = ("text", "integer", "decimal", "date", SELECT_ONE, SELECT_MULTIPLE)
NUMBER_TYPES = ("integer", "decimal")
OTHER_SUFFIX = "_otro"
"""What the code of the text item of «otro» adds to the code of its question."""


class UnknownItemError(KeyError):
    """An item or choice that the questionnaire does not have was asked for."""

    def __str__(self) -> str:
        """Return the message without the quotes that KeyError adds."""
        return str(self.args[0])


@dataclass(frozen=True)
class Choice:
    """One choice of a list.

    Parameters
    ----------
    code : str
        Coded value, e.g. ``dis_01``.
    label : mapping of str to str
        By language.
    action : str, optional
        Action of ``data/raw/cuaderno8/actions.csv`` that the choice stands for.
    intensity : str, optional
        ``discrecional``, ``intermitente`` or ``constante``, for a mechanism of measurement.
    exclusive : bool
        True when no other choice may stand beside it («ninguna», «no sabe»).
    missing : str, optional
        ``dont_know`` or ``refused`` when choosing it means that there is no answer.
    other : bool
        True for «otro»; its text is in the item ``<code>_otro``.
    source : str, optional
        Table and row that the choice comes from, e.g. ``actions/dis_01``.
    """

    code: str
    label: Mapping[str, str]
    action: str | None = None
    intensity: str | None = None
    exclusive: bool = False
    missing: str | None = None
    other: bool = False
    source: str | None = None

    @property
    def none(self) -> bool:
        """True for «ninguna»: an answer that chooses nothing, which is not a missing one."""
        return self.exclusive and self.missing is None


@dataclass(frozen=True)
class Item:
    """One question, note or group.

    Parameters
    ----------
    code : str
        Name of the item, e.g. ``acc_diseno``; the same code has the same meaning in all versions.
    type : str
        XLSForm type without its list: ``text``, ``integer``, ``decimal``, ``date``,
        ``select_one``, ``select_multiple``, ``note`` or ``begin_group``.
    label, hint, constraint_message : mapping of str to str
        By language; a language without hint has no key.
    list_name : str, optional
        List of the choices.
    choices : tuple of Choice
        Empty but for ``select_one`` and ``select_multiple``.
    required : bool
        Whether an item that is asked must be answered.
    relevant, constraint : str, optional
        XLSForm expressions (``analysis.instrument.expressions``). The constraint holds what the
        table says and that an exclusive choice stands alone.
    appearance : str, optional
        XLSForm appearance.
    groups : tuple of str
        Groups that hold the item, outermost first.
    stage, dimension : str, optional
        Tags of the study.
    sensitivity : str
        ``identifying``, ``indirect``, ``free_text`` or ``ordinary``.
    origin : str, optional
        Section of the Cuaderno that the item comes from.
    basis : str
        ``publicado`` (its list is printed), ``inferido`` (our wording from the text) or
        ``inventado`` (demonstration).
    """

    code: str
    type: str
    label: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)
    list_name: str | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    relevant: str | None = None
    constraint: str | None = None
    constraint_message: Mapping[str, str] = field(default_factory=dict)
    appearance: str | None = None
    groups: tuple[str, ...] = ()
    stage: str | None = None
    dimension: str | None = None
    sensitivity: str = "ordinary"
    origin: str | None = None
    basis: str = "inferido"

    @property
    def is_question(self) -> bool:
        """True when the item holds an answer (not a note, not a group)."""
        return self.type in QUESTION_TYPES

    @property
    def multiline(self) -> bool:
        """True for an open question."""
        return self.appearance == "multiline"

    def choice(self, code: str) -> Choice:
        """Return a choice; ``UnknownItemError`` names those that exist."""
        for choice in self.choices:
            if choice.code == code:
                return choice
        known = ", ".join(choice.code for choice in self.choices) or "ninguna"
        raise UnknownItemError(f"«{self.code}» no tiene la opción «{code}»; tiene: {known}.")


@dataclass(frozen=True)
class Instrument:
    """A version of the questionnaire.

    Parameters
    ----------
    version : str
        Name of its folder, e.g. ``2017``.
    items : tuple of Item
        Questions, notes and groups in the order of the form; a group comes before what it holds.
    settings : mapping of str to mapping of str to str
        ``title``, ``form_id``, ``status``, ``statement`` (what the version is and is not),
        ``consent`` …, each by language.
    languages : tuple of str
        Languages of every label.
    """

    version: str
    items: tuple[Item, ...]
    settings: Mapping[str, Mapping[str, str]]
    languages: tuple[str, ...] = ("es", "en")

    @property
    def title(self) -> Mapping[str, str]:
        """Title by language."""
        return self.settings["title"]

    @property
    def statement(self) -> Mapping[str, str]:
        """What this version is, by language: reconstructed, invented for demonstration …."""
        return self.settings["statement"]

    @cached_property
    def _by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    @property
    def questions(self) -> tuple[Item, ...]:
        """Items that hold an answer, in order."""
        return tuple(item for item in self.items if item.is_question)

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Groups that hold each item, outermost first, by code."""
        return {item.code: item.groups for item in self.items}

    def item(self, code: str) -> Item:
        """Return an item; ``UnknownItemError`` names the nearest ones."""
        if code in self._by_code:
            return self._by_code[code]
        from difflib import get_close_matches

        near = get_close_matches(code, self._by_code, n=3) or [q.code for q in self.questions[:3]]
        raise UnknownItemError(
            f"El cuestionario {self.version} no tiene la pregunta «{code}»; "
            f"tiene, por ejemplo: {', '.join(near)}."
        )

    def __contains__(self, code: str) -> bool:
        """Tell whether the version has an item."""
        return code in self._by_code

    def conditions(self, code: str) -> tuple[str, ...]:
        """Relevance of an item and of the groups that hold it: it is asked when all are true."""
        item = self.item(code)
        holders = (*(self.item(group) for group in item.groups), item)
        return tuple(holder.relevant for holder in holders if holder.relevant)

    def other_item(self, code: str) -> Item | None:
        """Return the item that holds the text of «otro», or None when there is no such choice."""
        item = self.item(code)
        if not any(choice.other for choice in item.choices):
            return None
        return self._by_code.get(code + OTHER_SUFFIX)

    def children(self, group: str | None) -> Iterator[Item]:
        """Yield the items directly inside a group (None: outside all), in order."""
        inside = () if group is None else (*self.item(group).groups, group)
        return (item for item in self.items if item.groups == inside)
