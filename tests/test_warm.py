"""Tests of warm kernels: forks of one process that are, to a notebook, like any other kernel."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError

from analysis.paths import ROOT_VARIABLE, Project
from analysis.published import Study
from analysis.publishing import warm
from analysis.publishing.kernels import ForkedKernel, WarmKernelManager, fork

pytestmark = [
    pytest.mark.skipif(not warm.possible(), reason="kernels are forked on Linux only"),
    pytest.mark.xdist_group("warm"),
]
METADATA = {"kernelspec": {"display_name": "P", "language": "python", "name": "python3"}}
QUIET = ["--IPKernelApp.log_level=40"]

Run = Callable[..., list[list[str]]]


@pytest.fixture
def run(
    warm_address: str,
    tmp_path: Path,
    project: Project,
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Function that executes cells with papermill and returns what each showed."""
    monkeypatch.setenv(ROOT_VARIABLE, str(project.root))

    def execute(*sources: str, address: str = warm_address) -> list[list[str]]:
        warm.use(address)
        cells = [nbformat.v4.new_code_cell(s, id=f"c{n}") for n, s in enumerate(sources)]
        made = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
        nbformat.write(made, tmp_path / "n.ipynb")
        done = papermill.execute_notebook(
            tmp_path / "n.ipynb",
            tmp_path / "executed.ipynb",
            cwd=tmp_path,
            progress_bar=False,
            kernel_manager_class=WarmKernelManager,
            extra_arguments=QUIET,
        )
        return [[repr(sorted(output.items())) for output in c.outputs] for c in done.cells]

    yield execute
    warm.use("")


def alive(pid: int) -> bool:
    """Tell whether a process exists, also as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kernel_of(folder: Path) -> ForkedKernel:
    """Fork a kernel that waits for a client."""
    arguments = ["-f", str(folder / "connection.json"), *QUIET]
    forked = fork(arguments, str(folder), dict(os.environ))
    assert forked is not None
    return forked


IDENTITY = (
    "import os, sys\nprint('pandas' in sys.modules, os.getcwd(), os.environ['JPY_PARENT_PID'])"
)


def test_a_warm_kernel_has_imported_everything_and_is_gone_after_its_notebook(
    run: Run, tmp_path: Path
) -> None:
    ((identity,), (numbers,)) = run(IDENTITY, "print('pid', os.getpid())\nprint(os.getppid())")
    assert f"True {tmp_path} " in identity
    pid, parent = numbers.split("pid ")[1].split("'")[0].split("\\n")[:2]
    assert parent != str(os.getpid()) and f" {parent}" in identity
    assert not alive(int(pid))
    assert alive(int(parent))


SHOWN = (
    "from analysis import measurement\nfrom analysis.audit import audit\n"
    "from analysis.cuaderno import Cuaderno\nfrom analysis.published import load_study\n"
    "from analysis.rounding import RoundingRule\nfrom analysis.views import measurement as view\n"
    "study = load_study()\nrule = RoundingRule.HALF_UP\n"
    "result = measurement.diagnose(study, max_base=60, rule=rule)\n"
    "cuaderno = Cuaderno('04_medicion')\ncuaderno.let(**view.values(cuaderno, study, result))",
    "cuaderno.figure(view.intervals_figure(cuaderno, study, result))",
    "import numpy as np, pandas as pd\nrng = np.random.default_rng(8)\n"
    "pd.DataFrame({'a': rng.normal(size=5), 'b': list('ñandú')}).describe(include='all')",
    "import matplotlib.pyplot as plt\n"
    "plt.plot([1, 3, 2])\nplt.title('á')\nprint(plt.get_backend(), plt.rcParams['figure.dpi'])",
    "import os, signal, sys\nprint(sys.path, sys.argv[0], sys.flags, sys.stdin.closed)\n"
    "print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD), __name__)\n"
    # the second is set by polars, which statsmodels imports in an ordinary kernel only
    "apart = ('JPY_PARENT_PID', '_RJEM_MALLOC_CONF')\n"
    "print(sorted(item for item in os.environ.items() if item[0] not in apart))",
    "np.linalg.svd(np.arange(900.0).reshape(30, 30) ** 1.5)[1]",
    "import warnings\nwarnings.warn('cuidado')\nprint('fin', file=__import__('sys').stderr)",
)


def test_a_warm_kernel_shows_the_same_bytes_as_an_ordinary_one(run: Run) -> None:
    with warm.one_thread_each():
        ordinary = run("import sys\nprint('pandas' in sys.modules)", *SHOWN, address="")
    forked = run("import sys\nprint('pandas' in sys.modules)", *SHOWN)
    assert "False" in ordinary[0][0] and "True" in forked[0][0]
    for shown, expected in zip(forked[2:-1], ordinary[2:-1], strict=True):
        assert shown == expected
    assert all(ordinary[2:-1])
    assert [len(shown) for shown in forked] == [len(shown) for shown in ordinary]


STATE = (
    "import os, random\nimport numpy as np, pandas as pd, matplotlib as mpl\n"
    "from matplotlib import pyplot as plt\n"
    "print(os.environ.get('DE_OTRO'), plt.get_fignums(), mpl.rcParams['font.size'],\n"
    "      pd.get_option('display.max_rows'), 'mío' in globals(), os.path.exists('nuevo'))"
)
CHANGE = (
    "os.environ['DE_OTRO'] = 'sí'\nplt.figure()\nmpl.rcParams['font.size'] = 99\n"
    "pd.set_option('display.max_rows', 7)\nmío = 1\nnp.random.seed(1)\nrandom.seed(1)"
)
DRAWN = "print(np.random.random(), random.random())"


def test_nothing_of_a_notebook_reaches_the_next_one(run: Run) -> None:
    first = run(STATE, DRAWN, CHANGE)
    second = run(STATE, DRAWN, "pass")
    assert first[0] == second[0]
    assert "None [] 10.0 60 False False" in second[0][0]
    assert first[1] != second[1]  # each draws its own numbers at random


def test_a_kernel_that_dies_takes_nobody_with_it(run: Run) -> None:
    for crash in ("os._exit(3)", "os.kill(os.getpid(), 11)"):
        with pytest.raises(DeadKernelError):
            run("import os", crash)
    ((said,),) = run("print(1 + 1)")
    assert "2\\n" in said


def test_a_kernel_obeys_signals_and_says_how_it_ended(warm_address: str, tmp_path: Path) -> None:
    warm.use(warm_address)
    try:
        killed, left = kernel_of(tmp_path), kernel_of(tmp_path)
        assert killed.poll() is None and alive(killed.pid)
        killed.kill()
        assert killed.wait(timeout=30) == -signal.SIGKILL == killed.poll()
        assert not alive(killed.pid)
        killed.terminate()  # nobody is there to hear it
        left._connection.close()  # as when the process that asked for it dies
        for _ in range(600):
            if not alive(left.pid):
                break
            signal.sigtimedwait([], 0.05)
        assert not alive(left.pid)
    finally:
        warm.use("")


def test_the_end_of_a_build_ends_its_kernels(tmp_path: Path) -> None:
    with warm.one_thread_each(), warm.kernels() as address:
        warm.use(address)
        try:
            forked = kernel_of(tmp_path)
            assert alive(forked.pid)
        finally:
            warm.use("")
    assert forked.wait(timeout=30) == -signal.SIGKILL
    assert not alive(forked.pid)
    assert not Path(address).exists()


def test_without_a_warm_process_kernels_are_ordinary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fork([], str(tmp_path), {}) is None
    warm.use(str(tmp_path / "nobody"))
    try:
        assert fork([], str(tmp_path), {}) is None
    finally:
        warm.use("")
    monkeypatch.setattr(sys, "platform", "darwin")
    with warm.kernels() as address:
        assert address == ""


def test_numeric_libraries_have_their_threads_back_after_a_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with warm.one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "4"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
