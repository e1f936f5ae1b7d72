"""The project as a newcomer finds it: pins in step, READMEs alike, order held."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
MANDATED = [
    "jupyterlab",
    "pandas",
    "statsmodels",
    "seaborn",
    "nbconvert",
    "papermill",
    "pyreadstat",
]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_environment_has_the_pins_of_the_lock_and_nothing_else():
    from write_environment import pins

    environment = yaml.safe_load(read("environment.yml"))
    by_pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert by_pip == [*pins(read("requirements.lock")), "-e ."]
    assert "conda-forge" in environment["channels"]


def test_lock_pins_every_dependency_of_pyproject_within_its_range():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = read("requirements.lock")
    pinned = re.findall(r"^([a-z0-9-]+)==([^ \n]+)", lock, flags=re.MULTILINE)
    versions = {}
    for name, version in pinned:
        versions.setdefault(canonicalize_name(name), []).append(version)
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in requirements.lock"
        assert all(requirement.specifier.contains(version) for version in versions[name]), name


@pytest.mark.parametrize("package", MANDATED)
def test_mandated_packages_are_dependencies(package):
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert package in [Requirement(text).name for text in project["dependencies"]]
    assert re.search(rf"^ +- {package}==", read("environment.yml"), flags=re.MULTILINE)


def test_lock_has_hashes_and_no_index_address():
    lock = read("requirements.lock")
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    for name in ("requirements.lock", "environment.yml", "pyproject.toml", "Makefile"):
        assert not re.search(r"(?<!emit-)index-url|find-links|https?://", read(name)), name


def headings(text: str) -> list[int]:
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", outside, flags=re.MULTILINE)]


def commands(text: str) -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", text, flags=re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    known = ("make", "cuadernos", "papermill", "conda", ".venv/bin")
    return [line for line in lines if line.startswith(known)]


def code_words(text: str) -> list[str]:
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [word for row in rows for word in re.findall(r"`([a-z_.]+[A-Za-z_.]*)`", row)]


def test_both_readmes_have_the_same_headings_commands_and_names():
    english, spanish = read("README.md"), read("README.es.md")
    assert headings(english) == headings(spanish)
    assert commands(english) == commands(spanish) != []
    assert code_words(english) == code_words(spanish) != []


def test_readme_commands_exist():
    from analysis.cli import cuadernos

    used = {line.split()[1] for line in commands(read("README.md")) if line.startswith("cuadernos")}
    assert used <= set(cuadernos.commands)
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.MULTILINE))
    made = {line.split()[1] for line in commands(read("README.md")) if line.startswith("make")}
    assert made <= targets


def test_readme_glossary_names_exist_in_the_package():
    import importlib

    glossary = read("README.md").split("## Glossary")[1].split("\n## ")[0]
    names = re.findall(r"`([a-z_]+)\.([A-Za-z_]+)", glossary)
    assert names
    for module, name in names:
        found = importlib.import_module(f"analysis.{module}")
        if not hasattr(found, name):  # a module of a package, which says so if it is not there
            importlib.import_module(f"analysis.{module}.{name}")


def test_readme_links_and_pictures_exist():
    for readme in ("README.md", "README.es.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", read(readme)):
            assert (ROOT / target).is_file(), f"{readme}: {target}"


def test_every_notebook_is_in_both_readmes():
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"`{notebook.stem}`" in read("README.md")
        assert f"`{notebook.stem}`" in read("README.es.md")


def test_modules_import_only_what_is_to_their_left():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_compiled_messages_are_those_of_the_catalogue(tmp_path):
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    folder = ROOT / "analysis" / "texts" / "locale" / "es" / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as source, (tmp_path / "x.mo").open("wb") as target:
        write_mo(target, read_po(source))
    assert (tmp_path / "x.mo").read_bytes() == (folder / "messages.mo").read_bytes()


def test_nbstripout_keeps_tags_and_kernelspec(tmp_path):
    import nbformat

    notebook = nbformat.read(ROOT / "notebooks" / "04_medicion.ipynb", as_version=4)
    before = [cell.metadata.get("tags") for cell in notebook.cells]
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.execution_count, code.outputs = 7, [nbformat.v4.new_output("stream", text="x")]
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook, path)
    hook = next(
        hook
        for hook in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
        if hook["id"] == "nbstripout"
    )
    _, *options = re.findall(r'"[^"]*"|\S+', hook["entry"])
    tool = Path(sys.executable).with_name("nbstripout")
    subprocess.run([tool, *(o.strip('"') for o in options), path], check=True)
    after = nbformat.read(path, as_version=4)
    assert [cell.metadata.get("tags") for cell in after.cells] == before
    assert after.metadata.kernelspec.name == "python3"
    assert not any(cell.get("outputs") for cell in after.cells)


def test_citation_version_is_that_of_the_package():
    from analysis import __version__

    assert yaml.safe_load(read("CITATION.cff"))["version"] == __version__
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == __version__
    assert f"## {__version__} (" in read("CHANGELOG.md")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to list the tracked files")
def test_tracked_files_hold_no_outputs_of_the_build():
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    tracked = done.stdout.splitlines()
    assert not [p for p in tracked if p.startswith(("reports/", "data/processed/", ".venv/"))]
