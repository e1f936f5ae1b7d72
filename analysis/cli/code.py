"""``cuadernos code``: JupyterLab on the notebook in which one codes."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

from analysis.cli.common import SpanishCommand, project, root_option
from analysis.drafts import stop_cleanly
from analysis.paths import ROOT_VARIABLE

NOTEBOOK = "notebooks/codificar.ipynb"
_CONFIG = Path(__file__).parents[1] / "coding" / "jupyter"
_PATIENCE = 60  # seconds for the server to answer


@click.command(cls=SpanishCommand, short_help="Abre JupyterLab para codificar un corpus.")
@click.argument("corpus", metavar="CORPUS")
@click.option("--coder", metavar="ID", required=True, help="Quién codifica, por ejemplo ana.")
@click.option(
    "--compare",
    metavar="UNO,OTRO",
    help="Muestra lado a lado en qué no coinciden dos codificadores, para decidir.",
)
@click.option("--no-browser", is_flag=True, help="No abre el navegador; escribe la dirección.")
@click.option(
    "--port", metavar="N", type=click.IntRange(1024, 65535), help="Puerto; por omisión, uno libre."
)
@root_option
def code(
    corpus: str,
    coder: str,
    compare: str | None,
    no_browser: bool,
    port: int | None,
    root: str | None,
) -> None:
    """Abre JupyterLab en el cuaderno para codificar CORPUS, con el nombre de quien codifica.

    Cada persona tiene su propio archivo, que se guarda en cada cambio. El servidor escucha solo en
    esta máquina y termina con Ctrl+C.

    \b
    Ejemplos:
      cuadernos code cuaderno8 --coder ana
      cuadernos code cuaderno8 --coder ana --no-browser
      cuadernos code cuaderno8 --coder ana --compare ana,luis
    """
    from analysis import guide
    from analysis.coding.corpus import load_corpus
    from analysis.coding.session import check_person

    here = project(root)
    pair = [name.strip() for name in (compare or "").split(",") if name.strip()]
    if compare and len(pair) != 2:
        raise click.UsageError("--compare nombra dos codificadores: --compare ana,luis.")
    found = load_corpus(here, corpus)
    check_person(found, coder)
    for name in pair:
        if name not in found.coders:
            raise ValueError(
                f"No hay codificaciones de «{name}»; hay de: {', '.join(found.coders) or 'nadie'}."
            )
    if not (here.root / NOTEBOOK).is_file():
        raise FileNotFoundError(f"Falta {NOTEBOOK} en el proyecto.")
    port, token = port or _free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    url = f"{address}/lab/tree/{NOTEBOOK}?reset&token={token}"  # the layout as it first was
    environment = {
        **os.environ,
        # its labconfig/ keeps JupyterLab from asking for news and updates of the network
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [str(_CONFIG), os.environ.get("JUPYTER_CONFIG_PATH")])
        ),
        "JUPYTER_TOKEN": token,  # not on the command line, which other users can see
        ROOT_VARIABLE: str(here.root),
        guide.CORPUS_VARIABLE: corpus,
        guide.CODER_VARIABLE: coder,
        guide.COMPARE_VARIABLE: " ".join(pair),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.root_dir={here.root}", "--ServerApp.log_level=WARN"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    stop_cleanly()  # a closed terminal too ends the server
    # a session of its own: Ctrl+C reaches only this process, which then ends the server in order
    server = subprocess.Popen(command, env=environment, cwd=here.root, start_new_session=True)
    try:
        _wait(server, f"{address}/api")
        click.echo(f"JupyterLab: {url}")
        click.echo("En JupyterLab: Run ▸ Run All Cells. Para terminar, Ctrl+C en esta ventana.")
        if not no_browser:
            webbrowser.open(url)
        server.wait()
    except KeyboardInterrupt:
        click.echo("\nTerminado. Lo codificado está en su archivo.")
    finally:
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    limit = time.monotonic() + _PATIENCE
    while time.monotonic() < limit:
        if server.poll() is not None:
            raise click.ClickException("JupyterLab no pudo empezar; arriba dice por qué.")
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise click.ClickException(f"JupyterLab no respondió en {_PATIENCE} segundos.")
