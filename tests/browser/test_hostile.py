"""Script payloads through every way into a page: nothing runs, nothing is asked for."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from analysis import texts
from analysis.cuaderno import Cuaderno
from analysis.display import Block
from analysis.provenance import EvidenceClass, Origin, Quantity
from analysis.published import Study
from analysis.publishing.edition import Edition
from analysis.publishing.page import Surroundings, render_page
from analysis.tables import Column, Table, Tag

pytestmark = pytest.mark.browser

RUN = "window.hit=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f"<img/src/onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<iframe src='javascript:parent.hit=1'></iframe>",
    f"<object data='javascript:{RUN}'></object>",
    f"<embed src='javascript:{RUN}'>",
    "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "<img src='http://127.0.0.1:9/x.png'>",
    "<base href='http://127.0.0.1:9/'>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f'" onmouseover="{RUN}" x="',
    f"' onfocus='{RUN}' autofocus='",
    f"[x](javascript:{RUN})",
    f'![x](x" onerror="{RUN})',
    f"<a href='javascript:{RUN}'>x</a>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"{{{{ cycler.__init__.__globals__ }}}}<script>{RUN}</script>",
    f"{{% set x = y %}}<script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\\x3cscript\\x3e{RUN}\\x3c/script\\x3e",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<!--<script>{RUN}</script>-->",
    f"]]><script>{RUN}</script>",
    f"\u2028<script>{RUN}</script>",
]
ORIGINS = (Origin("<b>x</b>", "claims", ("<script>window.hit=1</script>",), "2.1"),)
EDITION = Edition("1", date(2026, 1, 1), ("<script>window.hit=1</script>",))
PASSAGES = dict.fromkeys(
    [
        *("kicker", "title", "finding", "date", "lead"),
        *("findings", "cautions", "text", "method", "sources"),
    ],
    "{{ payload }}",
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    yield made
    made.close()


def shown(block: Block) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", block._repr_mimebundle_())]
    return cell


def printed(text: str) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=text),
        nbformat.v4.new_output("display_data", {"text/html": text, "text/plain": text}),
    ]
    return cell


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_runs_and_nothing_is_asked_for(
    payload: str,
    page: Page,
    study: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "passages", lambda name, lang: PASSAGES)
    cuaderno = Cuaderno("99_hostil")
    cuaderno.let(payload=payload)
    number = Quantity(
        value=None,
        shown=payload,
        evidence=EvidenceClass.DEMO,
        origins=ORIGINS,
        method="audit",
    )
    table = Table(
        caption=payload,
        columns=(Column("a", payload), Column("b", "b"), Column("c", "c")),
        rows=({"a": payload, "b": number, "c": Tag(payload, payload)},) * 3,
        evidence=frozenset({EvidenceClass.DEMO}),
        origins=ORIGINS,
        own_calculation=True,
        note=payload,
    )
    notebook = nbformat.v4.new_notebook(
        cells=[
            shown(cuaderno.head(study)),
            shown(cuaderno.findings()),
            shown(cuaderno.text("text")),
            shown(cuaderno.table(table)),
            shown(cuaderno.table(table, folded=True)),
            nbformat.v4.new_markdown_cell(payload),
            printed(payload),
            shown(cuaderno.closing()),
        ]
    )
    made = Surroundings(edition=EDITION, made=[(payload, payload)])
    path = tmp_path / "page.html"
    path.write_text(render_page(notebook, "99_hostil", made), "utf-8")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(path.as_uri())
    for button in page.locator(".opens button").all()[:3]:
        button.click(force=True)
        page.keyboard.press("Escape")
    page.wait_for_timeout(50)
    assert page.evaluate("window.hit") is None
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.url == path.as_uri()
    assert page.locator("h1").count() == 1
