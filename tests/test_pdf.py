"""Tests of the PDF: accessible by a checker, the same bytes anywhere, vectors, data never markup.

The real cuadernos are run here without a kernel. Small made-up blocks stand for every kind of
content.
"""

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Pdf

from analysis import texts
from analysis.publishing import pdf
from analysis.publishing.edition import Edition
from analysis.publishing.pdf import PdfError, document, render_pdf
from tests.pdf_samples import (
    EDITION,
    FAMILIES,
    HOSTILE,
    MATHS,
    MILLIMETRE,
    ROOT,
    SVG,
    blocks_of,
    checked,
    every_real,
    executed,
    figure,
    head,
    lines,
    number,
    opened,
    pages_text,
    passage,
    prose,
    real,
    render,
    roles,
    sample,
    squeezed,
    table,
    tags,
)

# The real cuadernos ----------------------------------------------------------------------------


@every_real
def test_checker_finds_no_error(name, lang, tmp_path):
    result = checked(real(name, lang), tmp_path)
    assert result.error is None
    assert result.errors == 0, [finding.message for finding in result.findings]
    # notes are read where they are called and painted at the foot: the one warning
    assert {finding.rule for finding in result.findings} <= {"ORD-001"}


def test_checker_finds_no_error_in_any_kind_of_content(tmp_path):
    result = checked(render_pdf(sample(), edition=EDITION), tmp_path)
    assert result.errors == 0, [finding.message for finding in result.findings]


@every_real
def test_pages_say_what_the_blocks_say(name, lang):
    blocks, pages = blocks_of(executed(name, lang)), pages_text(real(name, lang))
    whole = squeezed(" ".join(pages))
    opening = blocks[0]
    first = squeezed(pages[0])
    for text in (opening["kicker"].upper(), opening["title"], opening["date"], "CC BY 4.0"):
        assert squeezed(text) in first
    assert squeezed(EDITION.text(lang)) in first
    assert squeezed(EDITION.citation(opening["title"], "Cuaderno AL-LAs N.º 8", lang)) in first
    for block in blocks:
        for key in ("title", "caption", "source", "note"):
            assert squeezed(block.get(key, "")) in whole
        tables = [block] if block["kind"] == "table" else [block.get("table", {})]
        for row in (row for shown in tables for row in shown.get("rows", [])):
            for cell in row.values():
                assert squeezed(cell.get("text") or cell["label"]) in whole


@pytest.mark.parametrize("lang", list(texts.LOCALES))
def test_a_brief_is_two_pages_and_its_notes(lang, tmp_path):
    notebook = executed("08_sintesis", lang)
    assert notebook.metadata["cuadernos"]["brief"]
    data = render_pdf(notebook, edition=EDITION, lang=lang, brief=True)
    result = checked(data, tmp_path)
    assert result.errors == 0, [finding.message for finding in result.findings]
    pages = pages_text(data)
    assert len(pages) == 3
    two, notes = " ".join(pages[:2]), pages[2]
    blocks = blocks_of(notebook)
    for block in blocks:
        for key in ("title", "caption"):
            assert squeezed(block.get(key, "")) in squeezed(two)
    begin, word = notes.index(texts.label("pdf.notes", lang)), texts.label("share.origin", lang)
    numbered = [int(n) for n in re.findall(r"(?<![\w.])(\d+)\. [^.]+\. ", notes[begin:])]
    last = max(numbered)
    assert last >= 15 and notes.count(f"{word}:") >= last  # every note says its origin
    links = [link for page in opened(data) for link in page.get_links()]
    assert sum(link["kind"] in (1, 4) for link in links) >= last  # every mark leads to its note
    assert squeezed(EDITION.citation(blocks[0]["title"], "Cuaderno AL-LAs N.º 8", lang)) in (
        squeezed(notes)
    )


@every_real
def test_heads_and_numbers_are_on_every_page_but_the_first(name, lang):
    pages = pages_text(real(name, lang))
    short = blocks_of(executed(name, lang))[0]["kicker"]
    assert 5 <= len(pages) <= 25
    for position, text in enumerate(pages[1:], 2):
        assert text.startswith(f"{short} Cuadernos · Cuaderno AL-LAs N.º 8")
        assert text.endswith(f"{position} / {len(pages)}")
    assert f"1 / {len(pages)}" not in pages[0]


@every_real
def test_contents_give_the_page_of_every_heading(name, lang):
    document, pages = opened(real(name, lang)), pages_text(real(name, lang))
    bookmarks = [(title, page) for _, title, page in document.get_toc()]
    assert [texts.label(f"page.{key}", lang) for key in ("findings", "cautions")] == [
        title for title, _ in bookmarks[:2]
    ]
    for title, page in bookmarks:
        assert re.search(rf"{re.escape(title)}[ .\u2060]+{page}\b", pages[1]), title
        assert title.upper() in pages[page - 1].upper()


@every_real
def test_every_figure_has_the_alternative_of_its_block(name, lang, tmp_path):
    blocks = blocks_of(executed(name, lang))
    (tmp_path / "a.pdf").write_bytes(real(name, lang))
    with Pdf.open(tmp_path / "a.pdf") as document:
        alts = [str(item.Alt) for item in roles(document, "/Figure")]
        assert alts == [block["alt"] for block in blocks if block["kind"] == "figure"]
        assert not [item for item in document.objects if _is_image(item)]
    for page in opened(real(name, lang)):
        assert not page.get_images(full=True)


def _is_image(item: Any) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"


@every_real
def test_drawings_are_strokes_with_text_in_our_fonts(name, lang):
    document = opened(real(name, lang))
    labels = re.findall(r"<text[^>]*>([^<]+)<", json.dumps(blocks_of(executed(name, lang))))
    whole = squeezed("".join(pages_text(real(name, lang))))
    assert len(labels) > 20
    assert all(squeezed(json.loads(f'"{text}"')) in whole for text in labels)
    assert max(len(page.get_drawings()) for page in document) > 50
    fonts = {font[3].split("+")[-1] for page in document for font in page.get_fonts(full=True)}
    assert {re.split("[-,]", font)[0] for font in fonts} <= FAMILIES
    assert "var(" not in json.dumps(prepared(executed(name, lang))["blocks"])


def test_a_letter_that_names_something_is_never_alone_on_a_line():
    for before in range(1, 40):
        data = render_pdf([head(title=f"{'a' * before} demostración A: dos")], edition=EDITION)
        title = [
            "".join(span["text"] for span in line)
            for line in lines(opened(data)[0])
            if line[0]["size"] > 20
        ]
        assert not any(line.strip().startswith("A") for line in title), title


def test_emphasis_is_set_in_the_real_italics():
    made = opened(render(prose("Un *énfasis* y **otro *dentro***.")))
    fonts = {
        span["text"].strip(): span["font"] for page in made for line in lines(page) for span in line
    }
    assert fonts["énfasis"] == fonts["dentro"] == "SourceSerif4-Italic"
    assert fonts["otro"] == "SourceSerif4-SemiBold"


@every_real
def test_every_table_has_its_headings_and_repeats_them(name, lang):
    blocks = blocks_of(executed(name, lang))
    tables = [block for block in blocks if block["kind"] == "table"]
    behind = [block["table"] for block in blocks if block["kind"] == "figure"]
    data = real(name, lang)
    assert tags(data, "/Table") == len(tables) + len(behind)
    assert tags(data, "/TH") == sum(len(block["columns"]) for block in [*tables, *behind])
    assert tags(data, "/TR") == sum(len(block["rows"]) + 1 for block in [*tables, *behind])
    pages = pages_text(data)
    for position, block in enumerate(tables, 1):
        label = texts.label("page.table", lang, n=position)
        begun = next(n for n, text in enumerate(pages) if f"{label}. {block['caption']}" in text)
        again = texts.label("pdf.continued", lang, name=label)
        followed = [n for n, text in enumerate(pages) if again in text]
        assert followed == list(range(begun + 1, begun + 1 + len(followed)))
        headings = " ".join(column["label"] for column in block["columns"])
        assert all(f"{again} {headings}" in pages[n] for n in followed)


@every_real
def test_each_provenance_has_one_note_and_no_page_has_dozens(name, lang):
    found: dict[str, None] = {}

    def collect(value: Any, inside: bool) -> None:
        if isinstance(value, dict):
            if value.get("kind") == "number" and inside:
                found[json.dumps(value["details"])] = None
            for key, item in value.items():
                collect(item, key == "numbers" or (inside and key != "rows"))
        elif isinstance(value, list):
            for item in value:
                collect(item, inside)

    blocks = blocks_of(executed(name, lang))
    collect(blocks, False)
    assert tags(real(name, lang), "/Note") == len(found)
    whole = squeezed("".join(pages_text(real(name, lang))))
    for details in map(json.loads, found):
        assert squeezed(". ".join(f"{key}: {value}" for key, value in details[1:])) in whole
    spans = [[span for line in lines(page) for span in line] for page in opened(real(name, lang))]
    marks = [
        [s for s in page if s["text"].strip().isdigit() and s["size"] < 5.5 and s["font"] != MATHS]
        for page in spans
    ]
    assert sum(map(len, marks)) == len(found)
    assert max(map(len, marks)) <= 8


@every_real
def test_text_stays_inside_the_margins_and_words_do_not_overlap(name, lang):
    for page in opened(real(name, lang)):
        words = [(pymupdf.Rect(word[:4]), word[4]) for word in page.get_text("words")]
        formulas = [
            pymupdf.Rect(span["bbox"])
            for line in lines(page)
            for span in line
            if span["font"] == MATHS
        ]
        for box, word in words:
            assert box.x0 >= 25 * MILLIMETRE - 1, (page.number, word)
            assert box.x1 <= 185 * MILLIMETRE + 1, (page.number, word)
            assert 15 * MILLIMETRE <= box.y0 < box.y1 <= 285 * MILLIMETRE, (page.number, word)
        words = [item for item in words if not any(item[0].intersects(part) for part in formulas)]
        words.sort(key=lambda item: item[0].y0)
        for position, (box, word) in enumerate(words):
            for other, text in words[position + 1 :]:
                if other.y0 > box.y1:
                    break
                common = box & other
                if not common.is_empty:
                    least = min(abs(box), abs(other))
                    assert abs(common) < 0.4 * least, (page.number, word, text)


@every_real
def test_no_heading_is_left_at_the_foot_of_a_page(name, lang):
    for page in list(opened(real(name, lang)))[2:]:
        spans = [span for line in lines(page) for span in line if span["text"].strip()]
        headings = [span["bbox"][3] for span in spans if span["size"] > 15]
        body = [span["bbox"][1] for span in spans if 8.4 < span["size"] < 15]
        foot = 270 * MILLIMETRE
        assert all(any(bottom < top < foot for top in body) for bottom in headings)


# Metadata and determinism ----------------------------------------------------------------------


def test_metadata_are_those_of_the_edition(tmp_path):
    (tmp_path / "a.pdf").write_bytes(render_pdf(sample(), edition=EDITION))
    with Pdf.open(tmp_path / "a.pdf") as document:
        info = document.docinfo
        assert info.Title == "Las cifras no salen de diez ciudades"
        assert info.Author == "Grupo Uno, Grupo Dos"
        assert info.Subject == "Una base de cuarenta basta."
        assert str(info.Keywords).split(", ")[:3] == [
            "Cuadernos",
            "Cuaderno AL-LAs N.º 8",
            "Una prueba",
        ]
        assert str(info.CreationDate).startswith("D:20260504")
        assert document.Root.Lang == "es"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:language"] == ["es"] or "es" in str(metadata["dc:language"])


def test_without_a_release_there_is_no_date(tmp_path):
    data = render_pdf(sample(), edition=Edition("0", None, ("Cuadernos",)))
    (tmp_path / "a.pdf").write_bytes(data)
    with Pdf.open(tmp_path / "a.pdf") as document:
        assert "/CreationDate" not in document.docinfo
        assert "/ModDate" not in document.docinfo
        assert "CreateDate" not in document.Root.Metadata.read_bytes().decode()


@every_real
def test_two_renderings_are_the_same_bytes(name, lang):
    assert render_pdf(executed(name, lang), edition=EDITION) == real(name, lang)
    assert render_pdf(blocks_of(executed(name, lang)), edition=EDITION) == real(name, lang)


def test_another_process_in_another_folder_gives_the_same_bytes(tmp_path):
    (tmp_path / "blocks.json").write_text(json.dumps(sample()), "utf-8")
    (tmp_path / "data.json").write_text("no es este", "utf-8")
    program = """
        import hashlib, json
        from datetime import date
        from analysis.publishing.edition import Edition
        from analysis.publishing.pdf import render_pdf
        edition = Edition("1.2.3", date(2026, 5, 4), ("Grupo Uno", "Grupo Dos"))
        with open("blocks.json", encoding="utf-8") as stream:
            data = render_pdf(json.load(stream), edition=edition)
        print(hashlib.sha256(data).hexdigest())
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    environment |= {"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1", "PYTHONHASHSEED": "7"}
    run = [sys.executable, "-c", textwrap.dedent(program)]
    found = subprocess.run(
        run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    expected = hashlib.sha256(render_pdf(sample(), edition=EDITION)).hexdigest()
    assert found.stdout.strip() == expected


@every_real
def test_no_path_is_in_the_file(name, lang, tmp_path):
    (tmp_path / "a.pdf").write_bytes(real(name, lang))
    with Pdf.open(tmp_path / "a.pdf") as document:
        document.save(
            tmp_path / "b.pdf",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )
    plain = (tmp_path / "b.pdf").read_bytes()
    assert b"/Catalog" in plain
    for path in (ROOT, Path.home(), Path.cwd(), Path(pdf.__file__).parent):
        assert os.fsencode(path) + b"/" not in plain


# Marks and layout ------------------------------------------------------------------------------


def prepared(source: Any) -> dict[str, Any]:
    return document(source, edition=EDITION)


def test_first_number_of_a_provenance_carries_the_note():
    data = prepared(
        [
            head(lead=passage("Nada.")),
            prose("## Entre {0} ciudades\n\nSon {0} y {1}, luego {2}.", *[number("diez")] * 3),
            prose("## Solo en el título: {0}\n\nY nada más.", number("9", "bounded", "fila 9")),
        ]
    )
    text = [node for block in data["blocks"] for item in block["nodes"] for node in item["c"]]
    numbers = [node for node in text if not isinstance(node, str)]
    assert ["note" in node for node in numbers] == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("shown", "pads"),
    [
        (["48 %", "0,33 %", "7,5 %"], [",33", "", "3"]),
        (["1.200", "7"], ["", ""]),
        (["1.200,5", "ninguna", "7"], ["", None, ",5"]),
        (["10,5 a 34,8 %", "48 %"], [None, None]),
        (["48 %", "7,5"], [None, None]),
        ([], []),
    ],
)
def test_decimals_stand_under_one_another(shown, pads):
    block = table(len(shown))
    for row, text in zip(block["rows"], shown, strict=True):
        row["n"] = {"kind": "text", "text": text}
    rows = prepared([head(), block])["blocks"][0]["rows"]
    assert [row[1].get("pad") for row in rows] == pads


@given(
    st.lists(
        st.lists(st.text("abcdefghij klm", max_size=120), min_size=4, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_columns_fill_the_page_and_never_leave_it(cells):
    columns = [{"key": str(n), "label": f"Columna {n}", "look": ""} for n in range(4)]
    rows = [{str(n): {"kind": "text", "text": text} for n, text in enumerate(r)} for r in cells]
    block = prepared([head(), table(columns=columns, rows=rows)])["blocks"][0]
    total = sum(column["width"] for column in block["columns"])
    assert 373 <= total <= 454
    assert all(column["width"] > 20 for column in block["columns"])


def test_the_heads_of_many_columns_stand_upright_and_touch_nothing(tmp_path):
    names = ["Montevideo", "Fondo Andaluz de Municipios para la Solidaridad", "Lima"]
    labels = ["Código", *(f"{names[n % 3]} {n}" for n in range(12))]
    columns = [
        {"key": label, "label": label, "look": "numeric" if n else ""}
        for n, label in enumerate(labels)
    ]
    row = {label: {"kind": "text", "text": "12"} for label in labels}
    made = render(prose("## Una tabla"), table(columns=columns, rows=[row] * 60))
    # heads that a page repeats are artifacts, as they must be; the checker sees prose in them
    found = [f for f in checked(made, tmp_path).findings if f.severity == "error"]
    assert all(f.rule == "TAG-002" and "Fondo Andaluz" in str(f.evidence) for f in found)
    pages = [
        [
            pymupdf.Rect(line["bbox"])
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", [])
            if line["dir"][0] < 0.1
        ]
        for page in opened(made)
    ]
    upright = [heads for heads in pages if heads]
    assert len(upright) > 1  # they are repeated
    for heads in upright:
        assert len(heads) >= len(labels) - 1
        for one, other in itertools.combinations(heads, 2):
            common = one & other
            assert common.is_empty or abs(common) < 0.2 * min(abs(one), abs(other))


@pytest.mark.parametrize("rows", [0, 1, 12, 13, 60])
def test_tables_of_any_length_are_tagged_and_keep_their_source(rows, tmp_path):
    data = render(prose("## Una tabla"), table(rows))
    assert checked(data, tmp_path).errors == 0
    assert tags(data, "/TR") == rows + 1
    pages = pages_text(data)
    last = next(n for n, text in enumerate(pages) if "Fuente: Estudio" in text)
    assert rows == 0 or f"Ciudad {rows - 1} " in pages[last]


@pytest.mark.parametrize("size", [3, 14, 75])
def test_wherever_a_table_falls_its_caption_and_source_stay_with_it(size):
    for before in range(26, 48):
        filler = "\n\n".join(["Una línea."] * before)
        data = render(prose(f"## Uno\n\n{filler}\n\n## Dos"), table(size))
        pages = pages_text(data)
        holding = [
            [n for n, text in enumerate(pages) if mark in text]
            for mark in ("Dos Tabla 1.", "Ciudad 0 ", f"Ciudad {size - 1} ", "Fuente:")
        ]
        assert holding[0] == holding[1] != [], before
        assert holding[2] == holding[3] != [], before


def test_a_cell_longer_than_a_page_and_a_word_longer_than_a_column_stay_inside():
    block = table(1)
    block["rows"][0]["city"]["text"] = "palabra " * 1500 + "x" * 400
    output = {"kind": "output", "lang": "es", "text": "y" * 500}
    data = render(prose(f"## Largo\n\n{'z' * 300}"), block, output)
    for page in opened(data):
        assert all(word[2] <= 185 * MILLIMETRE + 1 for word in page.get_text("words"))
        assert all(word[3] <= 285 * MILLIMETRE for word in page.get_text("words"))
    assert squeezed("".join(pages_text(data))).count("palabra") == 1500
    assert "".join(pages_text(data)).count("y") > 500


def test_a_tall_drawing_fits_in_its_page():
    tall = SVG.replace("0 0 510 60", "0 0 510 2000")
    data = render(prose("## Alto"), figure(svg={"wide": tall, "narrow": tall}))
    page = next(page for page in opened(data) if "Bases posibles." in page.get_text())
    assert "Diez no alcanzan" in page.get_text()
    assert len(page.get_drawings()) > 0


def test_links_go_only_where_a_reader_can_follow():
    data = render(
        prose("## A\n\n[uno](https://example.org/x?a=b#c) [dos](ftp://h/x) [tres](/etc/passwd)")
    )
    links = [link for page in opened(data) for link in page.get_links()]
    assert [link["uri"] for link in links if "uri" in link] == ["https://example.org/x?a=b#c"]
    assert "dos tres" in " ".join(pages_text(data))


def test_demonstration_is_marked_everywhere(tmp_path):
    lead = passage("Un {0} ficticio.", number("48 %", "demo"))
    blocks = [head(lead=lead), prose("## Uno"), table(120, ("demo",)), figure(("demo",)), table()]
    data = render_pdf(blocks, edition=EDITION)
    assert checked(data, tmp_path).errors == 0
    words = f"DEMOSTRACIÓN: {texts.label('evidence.demo.meaning', 'es')}"
    pages = pages_text(data)
    assert all(text.startswith(f"× {words}") for text in pages)
    with_demo = [n for n, text in enumerate(pages) if "Tabla 1" in text or "Figura 1" in text]
    assert len(with_demo) >= 3
    assert "Tabla 2" in pages[-1]
    with Pdf.open(tmp_path / "cuaderno.pdf") as document:
        for position, text in enumerate(pages):
            # in the head of each part of a table, and behind figures and tables
            assert text.count("DEMOSTRACIÓN") > 1 or position not in with_demo
            behind = "/Pattern" in document.pages[position].get("/Resources", {})
            assert behind == (position in with_demo)
    assert "DEMOSTRACIÓN" not in "".join(pages_text(render_pdf(sample(), edition=EDITION)))


def test_behind_a_demonstration_any_piece_keeps_the_word():
    page = opened(render(prose("## Uno"), table(30, ("demo",))))[2]
    body = [pymupdf.Rect(word[:4]) for word in page.get_text("words") if word[4] == "Ciudad"]
    for box in body[3:25:5]:  # a strip of 40 points across the table
        clip = pymupdf.Rect(25 * MILLIMETRE, box.y0 - 20, 185 * MILLIMETRE, box.y0 + 20)
        pixels = page.get_pixmap(clip=clip, dpi=72)
        tinted = sum(
            1
            for n in range(0, len(pixels.samples), 3)
            if 215 < pixels.samples[n + 1] < 245 <= pixels.samples[n] + 10
            and pixels.samples[n] - pixels.samples[n + 1] > 4
        )
        assert tinted > 60


def test_marks_of_classes_and_verdicts_have_shape_and_name():
    data = render(prose("## Uno"), table(1, ("published", "bounded", "observed")))
    text = " ".join(pages_text(data))
    for item in ("published", "bounded", "observed"):
        assert texts.label(f"evidence.{item}.name", "es") in text
    assert "~ posible" in text


# Data are never markup -------------------------------------------------------------------------


def hostile_blocks(text: str) -> list[dict[str, Any]]:
    """Put a text in every place where data are shown."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|!()+.~=:/&\"'$@^-])", r"\\\1", " ".join(text.split()))
    escaped = escaped.replace("\u0000", "")
    item = {**number(text), "details": [["Clase", "publicado"], [text, text]]}
    cell = {"kind": "text", "text": text}
    rows = [{"city": cell, "n": item, "verdict": {"kind": "tag", "key": text, "label": text}}]
    columns = [
        {"key": key, "label": text or "x", "look": look}
        for key, look in (("city", ""), ("n", "numeric"), ("verdict", "wide"))
    ]
    shown = table(rows=rows, columns=columns, caption=text, source=text, note=text)
    return [
        head(
            kicker=text,
            title=text,
            finding=text,
            date=text,
            lead=passage(f"{escaped} {{0}}", item),
            study={"title": text, "citation": text, "publishers": [text, text], "year": text},
        ),
        prose(
            f"## {escaped or 'x'}\n\nEscrito: {escaped}. **{escaped}** {{0}}\n\n- a {escaped}", item
        ),
        prose(f"## Código\n\n`{text.replace('`', '').strip() or 'x'}`"),
        figure(title=text, alt=text, caption=text, source=text, table=shown),
        shown,
        {"kind": "output", "lang": "es", "text": text},
    ]


def survives(text: str) -> None:
    data = render_pdf(hostile_blocks(text), edition=Edition(text, date(2026, 5, 4), (text,)))
    whole = squeezed(" ".join(pages_text(data)))
    assert "root:x:" not in whole
    expected = squeezed(pdf._printable(text))
    assert whole.count(expected) >= 12, (expected, whole.count(expected))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is(text):
    survives(f"x{text}x")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from([*HOSTILE, "texto", "#", "[", "]", '"', "{", "}", ";"]), max_size=4),
)
def test_hostile_texts_together_are_shown_as_they_are(parts):
    survives(f"a{' '.join(parts)}z")


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("#*_`[]()!<>|\\-+\n\t \ue000\ue0010ab1.:/=~$@{}\"'", max_size=80))
def test_any_markdown_is_set_or_refused(text):
    try:
        data = render(prose(text, number("7")))
    except PdfError:
        return
    assert data.startswith(b"%PDF-1.7")


def test_templates_hold_no_way_to_run_data():
    for name in ("cuaderno.typ", "blocks.typ"):
        source = (Path(pdf.__file__).parents[1] / "templates" / name).read_text("utf-8")
        assert not re.search(r"\b(eval|read|plugin|cbor|yaml|toml|xml|csv)\(|@preview", source)


def test_everything_that_is_not_replaced_can_be_printed():
    characters = [chr(n) for n in range(0x20, 0x10000) if not pdf.UNPRINTABLE.match(chr(n))]
    text = " ".join("".join(characters[n : n + 20]) for n in range(0, len(characters), 20))
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    block = table(caption=text)
    data = render(
        prose(f"## Todo\n\n{escaped} **{escaped}** *{escaped}*"),
        prose(f"## {escaped}"),
        block,
        {"kind": "output", "lang": "es", "text": text},
    )
    assert data.startswith(b"%PDF")


def test_what_no_font_has_is_written_as_its_code():
    text = pages_text(render(prose("## Uno\n\nUna cara 😀 y n\u0303.")))[2]
    assert "Una cara [U+1F600] y ñ." in text
