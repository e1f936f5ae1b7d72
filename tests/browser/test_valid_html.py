"""Every page is valid HTML for html-validate, which npm installs in a folder of the session."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PACKAGE = "html-validate@9.7.1"
RULES = {
    "doctype-style": ["error", {"style": "lowercase"}],
    "long-title": "off",  # the title is the finding
    "no-inline-style": "off",  # drawings carry theirs; the policy of the page allows it
    "prefer-native-element": "off",  # a region that scrolls, a drawing that is one image
}


@pytest.fixture(scope="session")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the checker; without npm the test fails where CI is set and is skipped elsewhere."""
    npm = shutil.which("npm")
    folder = tmp_path_factory.mktemp("html validate")
    if npm:
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--silent", PACKAGE]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode == 0:
            settings = {"root": True, "extends": ["html-validate:recommended"], "rules": RULES}
            (folder / ".htmlvalidate.json").write_text(json.dumps(settings), "utf-8")
            return folder
    problem = f"npm could not install {PACKAGE}" if npm else "there is no npm"
    if os.environ.get("CI"):
        pytest.fail(problem, pytrace=False)
    pytest.skip(problem)


def problems(validator: Path, page: Path) -> list[str]:
    tool = validator / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    shutil.copy(page, validator / "page.html")
    done = subprocess.run(
        [shutil.which("node") or "node", tool, "--formatter", "json", "page.html"],
        cwd=validator,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    found = json.loads(done.stdout)
    return [
        f"{page.name}:{m['line']}:{m['column']} {m['ruleId']}: {m['message']}"
        for result in found
        for m in result["messages"]
    ]


def test_every_page_is_valid(validator: Path, reports: Path) -> None:
    pages = sorted(reports.rglob("*.html"))
    assert pages
    assert [problem for page in pages for problem in problems(validator, page)] == []


def test_a_page_that_is_not_valid_is_noticed(validator: Path, tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    page.write_text(
        '<!doctype html><html lang="es"><head><title>t</title></head>'
        '<body><p id="a">x</p><p id="a">y</p></body></html>',
        "utf-8",
    )
    assert [line.split()[1] for line in problems(validator, page)] == ["no-dup-id:"]
