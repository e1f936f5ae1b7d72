"""The main pages look as they did: small golden images, compared as a blurred grid of greys.

Another Chromium sets letters a little differently; a layout that breaks moves whole areas. After a
wanted change, look at the new pages and renew the images with ``make golden``.
"""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden" / "pages"
RENEW = os.environ.get("CUADERNOS_GOLDEN") == "renew"
SCALE = 4
"""How many times smaller than the page a golden image is."""
COLUMNS = {"wide": 48, "narrow": 24}
"""Cells across an image when two are compared: large enough for a line that breaks elsewhere."""
FAR, MOST, MEAN = 24, 0.03, 4.0
"""Greys by which a cell differs clearly, the share of cells that may, and the mean of all."""


class Look(NamedTuple):
    """What is looked at: a window at the top of a page, or one of its elements."""

    page: str
    width: int
    scheme: str = "light"
    element: str = ""

    @property
    def id(self) -> str:
        part = f"-{self.element}" if self.element else ""
        return f"{Path(self.page).stem}-{self.width}-{self.scheme}{part}"


LOOKS = [
    Look(page, width)
    for page in ("index.html", "es/01_auditoria.html", "es/04_medicion.html")
    for width in (1280, 360)
] + [
    Look("es/04_medicion.html", 1280, "dark"),
    Look("es/04_medicion.html", 1280, element="figure"),
    Look("es/04_medicion.html", 360, element="figure"),
]
BREAKS = {
    "findings beside cautions": (".cuaderno .pair { display: block !important }", LOOKS[4]),
    "no measure": ("main.cuaderno { max-width: none !important }", LOOKS[4]),
    "no type": ("* { font: 12px monospace !important }", LOOKS[0]),
    "no margin": ("main.cuaderno { padding-left: 0 !important }", LOOKS[5]),
    "large title": ("h1 { font-size: 4rem !important }", LOOKS[2]),
    "no dark": (":root { --page: #fff !important } main { --paper: #fff }", LOOKS[6]),
    "wide drawing on a phone": (
        ".cuaderno .drawing .wide { display: block !important }"
        " .cuaderno .drawing .narrow { display: none !important }",
        LOOKS[8],
    ),
}

Shoot = Callable[..., Image.Image]


@pytest.fixture
def shoot(browser: Browser, reports: Path) -> Iterator[Shoot]:
    """Function that takes a picture of a look, with more style if given."""
    contexts = []

    def take(look: Look, css: str = "", dense: int = 1) -> Image.Image:
        context = browser.new_context(
            viewport={"width": look.width, "height": 900},
            color_scheme=look.scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            device_scale_factor=dense,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto((reports / look.page).as_uri())
        if css:
            page.evaluate("css => document.head.append(Object.assign("
                          "document.createElement('style'), {textContent: css}))", css)  # fmt: skip
        page.evaluate("document.fonts.ready")
        target = page.locator(look.element).first if look.element else page
        image = Image.open(io.BytesIO(target.screenshot())).convert("L")
        size = (max(1, image.width // (SCALE * dense)), max(1, image.height // (SCALE * dense)))
        return image.resize(size, Image.Resampling.BOX)

    yield take
    for context in contexts:
        context.close()


def difference(image: Image.Image, golden: Image.Image) -> str:
    """Say how two images differ beyond what two browsers may; nothing when they do not."""
    if image.width != golden.width or abs(image.height - golden.height) > 0.04 * golden.height:
        return f"it measures {image.size} and measured {golden.size}"
    across = COLUMNS["wide" if golden.width > 100 else "narrow"]
    size = (across, max(1, round(across * golden.height / golden.width)))
    one, two = (
        np.asarray(item.resize(size, Image.Resampling.BOX), dtype=float) for item in (image, golden)
    )
    apart = np.abs(one - two)
    share, mean = float((apart > FAR).mean()), float(apart.mean())
    if share > MOST or mean > MEAN:
        return f"{share:.1%} of its cells are other greys; the mean difference is {mean:.1f}"
    return ""


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.id)
def test_a_page_looks_as_it_did(look: Look, shoot: Shoot, tmp_path: Path) -> None:
    image, file = shoot(look), GOLDEN / f"{look.id}.png"
    if RENEW:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        image.quantize(16).save(file, optimize=True)
    found = difference(image, Image.open(file).convert("L"))
    image.save(tmp_path / file.name)
    assert not found, f"{file.name}: {found}; see {tmp_path / file.name}, or run make golden"


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_layout_is_noticed(name: str, shoot: Shoot) -> None:
    css, look = BREAKS[name]
    assert difference(shoot(look, css), shoot(look))


@pytest.mark.parametrize("look", LOOKS[:6], ids=lambda look: look.id)
def test_letters_drawn_otherwise_are_the_same_page(look: Look, shoot: Shoot) -> None:
    assert not difference(shoot(look, dense=2), shoot(look))
    assert not difference(shoot(look, "* { letter-spacing: 0.003em }"), shoot(look))


def test_the_golden_images_are_small_and_no_other_is_kept() -> None:
    files = sorted(GOLDEN.iterdir())
    assert {file.stem for file in files} == {look.id for look in LOOKS}
    assert sum(file.stat().st_size for file in files) < 150_000
