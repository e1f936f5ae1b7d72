"""Write environment.yml from requirements.lock, so that conda and Binder get the same pins."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = """\
# Para Windows, conda, mamba y Binder. Lo escribe `make lock` a partir de requirements.lock:
# conda-forge pone Python y pip instala las mismas versiones, y después el propio proyecto.
#   conda env create -f environment.yml && conda activate cuadernos && cuadernos build
name: cuadernos
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def pins(lock: str) -> list[str]:
    """List the pinned requirements of a lock, with their markers and without their hashes."""
    lines = re.findall(r"^([A-Za-z0-9][^\n\\]*?==[^\n\\]*?) *\\?$", lock, flags=re.MULTILINE)
    return [line.strip() for line in lines]


def environment(lock: str) -> str:
    """Write the environment of a lock."""
    quoted = [f'      - "{pin}"' if ";" in pin else f"      - {pin}" for pin in pins(lock)]
    return HEAD + "\n".join([*quoted, "      - -e ."]) + "\n"


if __name__ == "__main__":
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    (ROOT / "environment.yml").write_text(environment(lock), "utf-8")
