"""Coding in a real JupyterLab: select, code, save, reload, restart, keyboard alone, 200 % zoom."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from analysis.coding.codebook import load_codebook
from analysis.coding.codings import frame, new_coding, save_codings
from analysis.coding.corpus import add_coder, create_corpus, load_corpus
from analysis.coding.documents import Document, save_documents
from analysis.paths import Project

pytestmark = pytest.mark.browser

CUADERNOS = Path(sys.executable).with_name("cuadernos")
ROOT = Path(__file__).resolve().parents[2]
TEXT = "Prueba 🌎 ficticia\n\nLa mesa se reúne. Falta presupuesto <b>propio</b>.\nNadie lo midió.\n"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a corpus of two documents that says nothing about anybody."""
    root = tmp_path_factory.mktemp("code")
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "codificar.ipynb", root / "notebooks")
    shutil.copytree(ROOT / "data" / "raw" / "cuaderno8", root / "data" / "raw" / "cuaderno8")
    project = Project(root)
    folder = create_corpus(
        project,
        "prueba",
        label={"es": "Prueba", "en": "Trial"},
        kind="demo",
        made={"es": "Para probar.", "en": "For trying."},
    )
    shutil.copytree(
        ROOT / "data" / "raw" / "corpus" / "cuaderno8" / "codebook", folder / "codebook"
    )
    guids = ("00000000-0000-4000-8000-00000000000" + n for n in "12")
    made = [
        Document(id=name, title=title, text=text, origin="prueba", guid=guid, language="es")
        for (name, title, text), guid in zip(
            [("uno", "Uno 🌎", TEXT), ("dos", "Dos", "Otro texto, sin nada.\n")], guids, strict=True
        )
    ]
    save_documents(folder, made)
    version = load_codebook(folder)[0].version
    at = TEXT.index("Falta")
    rows = [new_coding(made[0], at, at + 17, "rie_presupuesto", "luis", version)]
    save_codings(folder, "luis", frame(rows))
    add_coder(folder, "luis", "Luis")
    return project


@pytest.fixture
def lab(corpus: Project) -> Iterator[str]:
    """Address of a JupyterLab that ``cuadernos code`` started."""
    yield from serve(corpus, end=signal.SIGTERM)  # a closed terminal


def serve(corpus: Project, *more: str, end: signal.Signals) -> Iterator[str]:
    command = [str(CUADERNOS), "code", "prueba", "--coder", "ana", "--no-browser", *more]
    mine = {"JUPYTERLAB_WORKSPACES_DIR": str(corpus.root / "workspaces")}  # not the person's own
    process = subprocess.Popen(
        command,
        cwd=corpus.root,
        env=os.environ | mine,
        stdout=subprocess.PIPE,
        text=True,
        # whoever runs the tests in the background has it ignored, and so would the command
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\S+", line):
                yield found[0]
                break
        else:
            pytest.fail("no address: " + "".join(lines))
    finally:
        process.send_signal(end)
        process.wait(timeout=120)
    assert not answers(found[0]), "JupyterLab goes on without the command that started it"


def answers(address: str) -> bool:
    try:
        urlopen(address, timeout=5).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def run_all(page: Page, shows: str = ".cua .cua-text") -> None:
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_text(re.compile(r"\| Idle")).first.wait_for()  # of the status bar
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(shows).wait_for()


def saved(corpus: Project, coder: str = "ana") -> list[tuple[str, str, str]]:
    path = load_corpus(corpus, "prueba").folder / "codings" / f"{coder}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [(r["text"], r["code"], r["memo"]) for r in csv.DictReader(stream)]


def status(page: Page, words: str) -> None:
    expect(page.locator(".cua-status")).to_contain_text(words, timeout=20_000)


def test_select_code_save_reload_restart(corpus: Project, lab: str, page: Page) -> None:
    page.goto(lab)
    run_all(page)
    text = page.locator(".cua-text")
    expect(text).to_have_text(TEXT)  # markup in a document stays text
    expect(page.locator(".cua-mark")).to_have_count(0)  # blind: Luis is hidden
    # keyboard alone: into the text, two words past the emoji, a code by its name
    text.focus()
    page.keyboard.press("Control+Home")
    for _ in range(2):
        page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Shift+End")
    page.keyboard.press("Enter")
    page.keyboard.type("mesas concert")
    page.keyboard.press("Enter")
    status(page, "Guardado: «Mesas de concertación")
    page.keyboard.press("Escape")
    expect(text).to_be_focused()
    quoted = saved(corpus)[0][0]
    assert quoted in TEXT and quoted.endswith("ficticia")
    # a second code on the same passage, by the mouse
    page.get_by_role("option", name=re.compile("Escala local")).click()
    status(page, "«Escala local»")
    assert {row[1] for row in saved(corpus)} == {"cla_mesas", "esc_local"}
    assert {row[0] for row in saved(corpus)} == {quoted}
    # memo, undo, redo
    memo = page.get_by_label("Nota de «Escala local»")
    memo.fill("revisar & <i>esto</i>")
    memo.press("Tab")
    status(page, "Nota guardada")
    assert ("esc_local", "revisar & <i>esto</i>") in {row[1:] for row in saved(corpus)}
    page.get_by_role("button", name="Deshacer").click()
    status(page, "Se deshizo")
    assert {row[2] for row in saved(corpus)} == {""}
    # typing in the text changes nothing
    text.focus()
    page.keyboard.type("zzz")
    expect(text).to_have_text(TEXT)
    # reload: it is there
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.locator(".lm-Menu-item[data-command='docmanager:save']").click()
    page.reload()
    run_all(page)
    expect(page.locator(".cua-marks li.cua-own")).to_have_count(2)
    # kernel restart: it is there
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("Restart Kernel and Run All Cells")).click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(".cua .cua-text").wait_for(state="detached")
    page.locator(".cua .cua-text").wait_for()
    expect(page.locator(".cua-marks li.cua-own")).to_have_count(2)
    # next document by the keyboard; others' codings when asked for
    page.locator(".cua-text").focus()
    page.keyboard.press("Alt+PageDown")
    status(page, "Documento: Dos")
    # read, and nothing to code
    page.keyboard.press("Alt+l")
    status(page, "Marcado: leído, sin códigos")
    marks = load_corpus(corpus, "prueba").folder / "codings" / "read" / "ana.csv"
    assert [row.partition(",")[0] for row in marks.read_text("utf-8").split()] == [
        "document",
        "dos",
    ]
    expect(page.get_by_label("Leído, sin códigos que dar")).to_be_checked()
    page.locator(".cua-text").focus()
    page.keyboard.press("Alt+PageUp")
    status(page, "Documento: Uno")
    expect(page.get_by_label("Leído, sin códigos que dar")).not_to_be_checked()
    page.get_by_label("A ciegas").uncheck()
    expect(page.locator(".cua-marks li.cua-other")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Tomar para mí")).click()
    status(page, "Guardado")
    assert ("Falta presupuesto", "rie_presupuesto", "") in saved(corpus)
    # no serious problem for assistive technology inside the widget, also at 200 % zoom
    page.set_viewport_size({"width": 640, "height": 450})
    found = Axe().run(page, context=".cua")
    serious = [
        v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
    box = page.locator(".cua").bounding_box()
    wide = page.evaluate("document.querySelector('.cua').scrollWidth")
    assert wide <= box["width"] + 1


def test_disagreements_side_by_side(corpus: Project, page: Page) -> None:
    found = load_corpus(corpus, "prueba")
    at = TEXT.index("Falta")
    rows = [new_coding(found.documents["uno"], at, at + 17, "cla_mesas", "ana", "1")]
    save_codings(found.folder, "ana", frame(rows))
    for address in serve(corpus, "--compare", "ana,luis", end=signal.SIGINT):
        page.goto(address)
        run_all(page, ".cua-passage")
        passage = page.locator(".cua-passage")
        expect(passage.locator("tbody tr")).to_have_count(2)
        passage.get_by_role("button", name="Como luis").click()
        passage.get_by_label("Razón").fill("se habla de dinero")
        passage.get_by_role("button", name="Guardar decisión").click()
        status(page, "La decisión quedó guardada")
        expect(page.locator(".cua-decided")).to_have_count(1)
        assert saved(corpus, "consenso") == [
            ("Falta presupuesto", "rie_presupuesto", "se habla de dinero")
        ]
