"""Compile the Spanish messages of the command line (messages.po to messages.mo)."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "analysis" / "texts" / "locale"

if __name__ == "__main__":
    for source in FOLDER.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as stream:
            catalogue = read_po(stream)
        with source.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)
