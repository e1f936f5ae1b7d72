"""Tests of every notebook of the folder: as it is committed, executed, and as a page.

In a session each notebook is executed once by plain papermill, and the published ones are built
once in every language in a copy of the project, in another folder; the two must give the same page.
"""

import ast
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import papermill
import pytest
from filelock import FileLock
from nbformat import NotebookNode

from analysis import texts
from analysis.audit import Verdict, audit
from analysis.paths import ROOT_VARIABLE, Project
from analysis.published import Study
from analysis.publishing import build as publishing
from analysis.publishing import site, variants, warm
from analysis.publishing.crate import how_made
from analysis.publishing.document import document
from analysis.publishing.execute import Task
from analysis.publishing.kernels import WarmKernelManager
from analysis.publishing.page import render_page

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


PUBLISHED = [
    path.stem for path in NOTEBOOKS if not read(path).metadata.get("cuadernos", {}).get("lab")
]

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
every_published = pytest.mark.parametrize("name", PUBLISHED)
every_page = pytest.mark.parametrize(
    ("name", "lang"), [(name, lang) for lang in texts.LOCALES for name in PUBLISHED]
)


# Fixtures: the costly work is done once, whichever process comes first ---------------------------


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all the processes of a session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


IMPORT = re.compile(r"(from|import) ")


def once(target: Path, make: Callable[[Path], None]) -> Path:
    """Make a file or folder unless another process made it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.exists():
            draft = target.with_name(f"draft-{target.name}")
            make(draft)
            draft.rename(target)
    return target


@pytest.fixture(scope="session")
def executed(project: Project, shared: Path, warm_address: str) -> Callable[[str], NotebookNode]:
    """Function that executes a notebook with papermill alone, once, in a fork to save time."""

    def execute(name: str) -> NotebookNode:
        def make(draft: Path) -> None:
            source = project.notebooks / f"{name}.ipynb"
            papermill.execute_notebook(
                source,
                draft,
                parameters={"lang": "es"} if name in PUBLISHED else {},
                cwd=project.notebooks,
                progress_bar=False,
                log_output=False,
                kernel_manager_class=WarmKernelManager,
            )

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(warm, "_address", warm_address)
            return read(once(shared / "executed" / f"{name}.ipynb", make))

    return execute


@pytest.fixture(scope="session")
def copy(project: Project, study: Study, shared: Path) -> Project:
    """A copy of the project in another folder, with the tables that ``study`` checked."""

    def make(draft: Path) -> None:
        unwanted = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(project.raw, draft / "data" / "raw", ignore=unwanted)
        shutil.copytree(project.processed, draft / "data" / "processed", ignore=unwanted)
        shutil.copytree(project.notebooks, draft / "notebooks", ignore=unwanted)
        for name in ("CITATION.cff", "requirements.lock"):
            shutil.copyfile(project.root / name, draft / name)

    return Project(once(shared / "another folder with ñ", make))


@pytest.fixture(scope="session")
def built(copy: Project, shared: Path) -> Path:
    """Folder of the reports of the copy, built once in every language."""

    def make(draft: Path) -> None:
        tasks = [
            Task(copy, path, draft, lang, values, variant)
            for lang in texts.LOCALES
            for path in publishing.notebooks(copy)
            for variant, values in {"": {}, **variants.variants(path)}.items()
        ]
        results, _ = publishing.build(
            copy, draft, tasks, jobs=2, pdf=False, progress=lambda *_: None
        )
        assert [result.error for result in results] == [""] * len(tasks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ROOT_VARIABLE, "restored afterwards")
        return once(shared / "built", make)


class _Visible(HTMLParser):
    """Collect what a reader sees or hears of a page, and the headings."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._apart: list[bool] = []  # whether each open element is in another language
        self.feed(html)
        self.close()
        self.text = re.sub(r"[ \n]+", " ", "".join(self.pieces))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = dict(attrs)
        if tag in ("meta", "input"):
            return
        other = "lang" in spoken and tag != "html"
        self._apart.append(other or (bool(self._apart) and self._apart[-1]))
        self.pieces += [f" {spoken[a]} " for a in ("alt", "aria-label", "title") if spoken.get(a)]
        if tag in ("h1", "h2", "h3"):
            self.headings.append((tag, ""))
        if tag in ("p", "li", "td", "th", "text", "caption", "h1", "h2", "h3", "button", "span"):
            self.pieces.append(" ")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            self._apart.pop()
            if self._open.pop() == tag:
                break

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open or any(self._apart):
            return
        self.pieces.append(data)
        if {"h1", "h2", "h3"} & set(self._open) and "span" not in self._open[:-1]:
            tag, text = self.headings[-1]
            self.headings[-1] = (tag, text + data)


@pytest.fixture(scope="session")
def page(built: Path) -> Callable[..., str]:
    """Function that returns the HTML of a page."""
    return lambda name, lang="es": (built / lang / f"{name}.html").read_text("utf-8")


@pytest.fixture(scope="session")
def visible(page: Callable[..., str]) -> Callable[..., _Visible]:
    """Function that reads a page as a reader does."""
    return lambda name, lang="es": _Visible(page(name, lang))


# As committed ----------------------------------------------------------------------------------


def test_there_are_notebooks_and_one_guides_through_jupyterlab() -> None:
    assert {"01_auditoria", "04_medicion"} <= set(PUBLISHED)
    assert set(NAMES) - set(PUBLISHED) == {"00_inicio", "codificar"}


@every_notebook
def test_a_notebook_is_valid(path: Path) -> None:
    nbformat.validate(read(path))
    assert read(path).nbformat == 4
    assert path.read_text("utf-8").endswith("}\n")


@every_notebook
def test_a_notebook_is_committed_without_outputs_or_counts(path: Path) -> None:
    for cell in read(path).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert set(cell.metadata) <= {"tags"}


@every_notebook
def test_a_notebook_keeps_its_kernel(path: Path) -> None:
    metadata = read(path).metadata
    assert metadata.kernelspec.name == "python3"
    assert metadata.kernelspec.language == metadata.language_info.name == "python"


@every_notebook
def test_a_notebook_has_one_cell_of_parameters(path: Path) -> None:
    tagged = [c for c in read(path).cells if "parameters" in c.metadata.get("tags", [])]
    assert [cell.cell_type for cell in tagged] == ["code"]


@every_notebook
def test_a_notebook_holds_no_logic(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "code":
            nodes = ast.walk(ast.parse(cell.source))
            kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.While
            assert not [node for node in nodes if isinstance(node, kinds)], cell.source
            lines = [line for line in cell.source.splitlines() if not IMPORT.match(line)]
            assert len(lines) <= 12, cell.source


@every_notebook
def test_the_first_cell_says_what_a_notebook_is_for(path: Path) -> None:
    first = read(path).cells[0]
    title, *rest = first.source.splitlines()
    assert first.cell_type == "markdown"
    assert title.startswith("# ")
    assert any(line.strip() for line in rest)


@every_published
def test_no_markdown_of_a_published_notebook_escapes_the_texts(name: str) -> None:
    cells = read(ROOT / "notebooks" / f"{name}.ipynb").cells
    markdown = [cell for cell in cells if cell.cell_type == "markdown"]
    assert markdown
    assert all(cell.metadata.get("tags") == ["lab"] for cell in markdown)


# Executed --------------------------------------------------------------------------------------


@every_notebook
def test_a_notebook_runs_with_papermill_alone(
    path: Path, executed: Callable[[str], NotebookNode]
) -> None:
    made = executed(path.stem)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert outputs
    wrong = [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert wrong == []


def test_the_guide_lists_the_notebooks_and_shows_why_a_naked_number_is_refused(
    executed: Callable[[str], NotebookNode],
) -> None:
    outputs = [o for cell in executed("00_inicio").cells for o in cell.get("outputs", [])]
    tables = [o.data["text/plain"] for o in outputs if "data" in o]
    for name in NAMES:
        assert f"{name}.ipynb" in tables[0]
    assert "133" in tables[1]
    assert "max_base" in tables[2]
    assert outputs[-1].text == "Falta el origen: una tupla con al menos un Origin.\n"


@every_published
def test_a_page_is_the_same_bytes_from_another_folder_and_process(
    name: str,
    executed: Callable[[str], NotebookNode],
    shared: Path,
    built: Path,
    copy: Project,
    project: Project,
) -> None:
    made = executed(name)
    sheet = next(
        sheet
        for sheet in site.sheets(copy, built, pdf=False)
        if (sheet.doc.name, sheet.doc.lang) == (name, "es")
    )
    rows = how_made(project, shared / "executed" / f"{name}.ipynb", "es")
    around = replace(sheet.around, made=rows)
    html = render_page(made, name, around)
    assert html.encode("utf-8") == (built / "es" / f"{name}.html").read_bytes()
    doc = document(made, name)
    kept = json.loads((built / "provenance" / "es" / f"{name}.json").read_text("utf-8"))
    assert kept == {**doc.summary(), "numbers": site.numbers_of(doc)}


# As pages --------------------------------------------------------------------------------------

HEADINGS = {
    "es": (["Hallazgos", "Cautelas"], ["Método", "Fuentes", "Cómo se hizo", "Cómo citar"]),
    "en": (["Findings", "Cautions"], ["Method", "Sources", "How it was made", "How to cite"]),
}


@every_page
def test_a_page_has_head_findings_cautions_method_sources_and_citation(
    name: str, lang: str, visible: Callable[..., _Visible]
) -> None:
    shown = visible(name, lang)
    assert [text != "" for tag, text in shown.headings if tag == "h1"] == [True]
    second = [text for tag, text in shown.headings if tag == "h2"]
    assert (second[:2], second[-4:]) == HEADINGS[lang]
    assert len(second) > 7
    assert re.search(r"(Datos de|Data from) \d* ?.*201", shown.text)


@every_page
def test_every_value_of_a_page_is_written_out(
    name: str, lang: str, visible: Callable[..., _Visible]
) -> None:
    text = visible(name, lang).text
    words = r"\b(None(?! of )|nan|NaT|NA|True|False|Undefined)\b"
    unwritten = rf"\{{\w*\}}|\{{\{{|\{{%|[\ue000\ue001]|<NA>|{words}"
    assert re.findall(unwritten, text) == []


def numbers_in_table_cells(html: str) -> list[tuple[int, int]]:
    """Count the rows and the cells of every table of a page."""
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    return [(len(re.findall("<tr", t)), len(re.findall("<t[dh]", t))) for t in tables]


@every_published
def test_both_languages_show_the_same(name: str, page: Callable[..., str]) -> None:
    spanish, english = page(name, "es"), page(name, "en")
    assert len(numbers_in_table_cells(spanish)) > 1
    assert numbers_in_table_cells(spanish) == numbers_in_table_cells(english)
    for part in ("<h2", '<nav class="contents"', "download="):
        assert spanish.count(part) == english.count(part) > 0
    assert spanish.count("<figure") == english.count("<figure")  # some cuadernos have tables only
    classes = [sorted(re.findall(r'class="opens number (\w+)"', p)) for p in (spanish, english)]
    assert classes[0] == classes[1] != []


ENGLISH = (
    "the and of with for from this that these which is are was were be been by not but into than "
    "table figure page source sources share shares count counts value values finding findings "
    "method published bounded observed rounding missing unknown city cities all each every"
)


SPANISH = (
    "el los las una y con para por que estos esta son fue hay pero como más según sin sus tabla "
    "figura página fuente fuentes porcentaje recuento hallazgos método publicado acotado observado "
    "redondeo ciudades ciudad cada todas todos"
)
FOREIGN = {"es": ENGLISH, "en": SPANISH}


def foreign_words(text: str, lang: str) -> Iterator[str]:
    for match in re.finditer(rf"\b({'|'.join(FOREIGN[lang].split())})\b", text, re.IGNORECASE):
        yield text[max(0, match.start() - 30) : match.end() + 30]


def test_the_search_for_another_language_finds_it() -> None:
    assert list(foreign_words("La Figura 1 es The table of ciudades", "es")) != []
    assert list(foreign_words("La tabla de las ciudades, por sí sola, es de todas", "es")) == []
    assert list(foreign_words("The table of the cities y su base", "en")) != []
    assert list(foreign_words("The table of the cities and their base", "en")) == []


@every_page
def test_no_other_language_is_left_in_a_page(
    name: str, lang: str, visible: Callable[..., _Visible]
) -> None:
    text = visible(name, lang).text
    assert len(text) > 5000
    for proper_name in ("CC BY", "AL-LAs", "Ciudades Iberoamericanas", "tabla cities"):
        text = text.replace(proper_name, "")
    assert list(foreign_words(text, lang)) == []


def numbers_of_the_head(html: str) -> set[int]:
    """Read the numbers of the title and of the finding of a page."""
    (title,) = re.findall(r"<h1>(.*?)</h1>", html, re.DOTALL)
    (finding,) = re.findall(r'<meta name="description" content="([^"]*)">', html)
    return {int(number) for number in re.findall(r"\d+", f"{title} {finding}")}


def test_the_measurement_states_its_base_and_its_counts(page: Callable[..., str]) -> None:
    html = page("04_medicion")
    assert {20, 48, 33, 40} <= numbers_of_the_head(html)
    rows = re.findall(r"<tr[ >].*?</tr>", html, re.DOTALL)
    numbers = [re.findall(r"<button[^>]*>([^<]*)</button>", row) for row in rows]
    for count, percent in (("8", "20\u00a0%"), ("19", "48\u00a0%"), ("13", "33\u00a0%")):
        assert ["40", count, percent] in numbers


def test_the_audit_states_its_verdicts_and_the_counts_behind_the_base(
    page: Callable[..., str], visible: Callable[..., _Visible], study: Study
) -> None:
    verdicts = Counter(item.verdict for item in audit(study))
    assert verdicts.total() == len(study.claims) == 133
    assert verdicts[Verdict.IMPOSSIBLE] == 8
    assert {133, *verdicts.values()} <= numbers_of_the_head(page("01_auditoria"))
    assert "40 (8 + 19 + 13)" in visible("01_auditoria").text


@pytest.mark.parametrize(
    ("index", "lang", "folder"),
    [("index.html", "es", "es/"), ("es/index.html", "es", ""), ("en/index.html", "en", "")],
)
def test_the_index_leads_to_every_page_and_says_its_finding(
    built: Path, index: str, lang: str, folder: str
) -> None:
    html = (built / index).read_text("utf-8")
    links = re.findall(r'<h3><a href="([^"]+)">', html)
    assert links == [f"{folder}{name}.html" for name in PUBLISHED]
    for link in links:
        page = (built / index).parent.joinpath(link).read_text("utf-8")
        (finding,) = re.findall(r'<meta name="description" content="([^"]*)">', page)
        assert f"<p>{finding}</p>" in html
    assert (
        list(foreign_words(_Visible(html).text.replace("CC BY", "").replace("AL-LAs", ""), lang))
        == []
    )


def test_every_link_inside_the_reports_leads_to_something(built: Path) -> None:
    pages = sorted(built.glob("**/*.html"))
    kinds = [1 + len(variants.variants(ROOT / "notebooks" / f"{n}.ipynb")) for n in PUBLISHED]
    assert len(pages) == (sum(kinds) + 1) * len(texts.LOCALES) + 1  # with the indexes
    for page in pages:
        html = page.read_text("utf-8")
        links = re.findall(r'<a[^>]* href="([^"]+)"', html)
        entries = re.findall(r'"href": "([^"]+)"', html)
        inside = [link for link in [*links, *entries] if not re.match("data:|https?:", link)]
        assert inside
        for link in inside:
            target, _, anchor = link.partition("#")
            file = page.parent.joinpath(target).resolve() if target else page
            assert file.is_file(), (page, link)
            if anchor:
                assert f'id="{anchor}"' in file.read_text("utf-8"), (page, link)
