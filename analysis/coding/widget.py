"""The widget with which one codes in JupyterLab.

The front end is ``widget.js``, one module written by hand; it asks by messages, and every answer
comes from :class:`~analysis.coding.session.CodingSession`, which has saved by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from analysis import texts
from analysis.coding.session import CodingSession, SessionError

_HERE = Path(__file__).parent


class CodingWidget(anywidget.AnyWidget):
    """Show a session of coding.

    Parameters
    ----------
    session : CodingSession
        Corpus and coder.
    lang : str
        Language of labels and codes.
    """

    _esm = _HERE / "widget.js"
    _css = _HERE / "widget.css"
    labels = traitlets.Dict().tag(sync=True)
    setup = traitlets.Dict().tag(sync=True)
    document = traitlets.Dict().tag(sync=True)
    documents = traitlets.List().tag(sync=True)
    marks = traitlets.List().tag(sync=True)
    passages = traitlets.List().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, session: CodingSession, lang: str = texts.DEFAULT_LANGUAGE) -> None:
        self._session = session
        self._blind = True
        super().__init__()
        self.labels = texts.group("coding.widget", lang)
        self.setup = {
            "corpus": session.corpus.label[lang],
            "coder": session.coder,
            "compare": list(session.compare),
            "codebook": session.codebook(lang),
            "version": session.corpus.codebook.version,
            "lang": lang,
        }
        self._refresh()
        self.on_msg(self._answer)

    def _refresh(self) -> None:
        session = self._session
        with self.hold_sync():
            self.document = session.text()
            self.documents = session.documents()
            self.marks = session.marks(blind=self._blind)
            self.passages = session.comparison()
            self.state = {**session.can, "blind": self._blind}

    def _answer(self, _: object, message: Mapping[str, Any], __: object) -> None:
        """Do what the front end asks; it is always told how it went."""
        reply: dict[str, Any] = {"id": message.get("id"), "ok": True, "done": 0}
        try:
            reply["done"] = self._do(message)
        except (SessionError, ValueError, OSError) as error:
            reply |= {"ok": False, "error": str(error)}
        except (KeyError, TypeError) as error:
            reply |= {"ok": False, "error": f"Petición incompleta ({error})."}
        self._refresh()
        self.send(reply)

    def _do(self, message: Mapping[str, Any]) -> int:
        session = self._session
        match message["ask"]:
            case "open":
                session.open(str(message["document"]))
                return 1
            case "code":
                return session.code(
                    str(message["document"]),
                    int(message["start"]),
                    int(message["end"]),
                    [str(code) for code in message["codes"]],
                )
            case "remove":
                return session.remove([str(guid) for guid in message["guids"]])
            case "note":
                return session.note([str(guid) for guid in message["guids"]], str(message["memo"]))
            case "read":
                return int(session.read(str(message["document"]), bool(message["on"])))
            case "undo":
                return int(session.undo())
            case "redo":
                return int(session.redo())
            case "blind":
                self._blind = bool(message["on"])
                return 1
            case "decide":
                session.decide(
                    str(message["document"]),
                    int(message["start"]),
                    int(message["end"]),
                    [str(code) for code in message["accepted"]],
                    str(message.get("memo", "")),
                )
                return 1
            case "accept_agreed":
                return session.accept_agreed()
            case other:
                raise SessionError(f"Petición desconocida: «{other}».")
