"""The kernel that runs a chapter's cells: this interpreter's own, in an environment that no user has touched.

Whatever a person has set up for work of their own (a ``matplotlibrc``, a kernel called ``python3``, start-up files of
Python or IPython, packages in a user's folder) would change stored outputs that no key speaks of. So the kernel gets
empty folders for its settings, and the variables that lead to others are taken away. Where the data of the book lie,
and how a processor or a GPU is used, stays as it is set.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

from convnets.common.errors import ConvnetsError

_FOREIGN = ("PYTHON", "JUPYTER", "JPY_", "IPYTHON", "IPYKERNEL", "MPL", "MATPLOTLIB", "LC_")  # how such names begin
_KEPT = {"PYTHONDONTWRITEBYTECODE"}


@contextmanager
def running(root: Path, device: str | None) -> Iterator[Any]:
    """A running kernel, as a function from source and what to call it in messages to outputs."""
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        from nbformat.v4 import new_code_cell, new_notebook
    except ImportError as error:
        raise ConvnetsError(f"{error.name} is needed to execute chapters: run `pip install .[dev]`.") from error

    notebook = new_notebook()

    def ask(text: str, place: str) -> list[dict[str, Any]]:
        notebook.cells.append(new_code_cell(text))
        try:
            client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
        except CellExecutionError as error:
            problem = (error.evalue.strip().splitlines() or [""])[-1]
            raise ConvnetsError(f"{place} failed with {error.ename}: {problem} (nothing was stored)") from error
        except DeadKernelError as error:
            raise ConvnetsError(f"{place} ended its kernel ({_last_words(noise)}): nothing was stored.") from error
        return notebook.cells[-1].outputs

    with TemporaryDirectory(prefix="press-") as bare, TemporaryFile() as noise:
        started = {"cwd": str(root), "env": environment(root, device, Path(bare)), "stderr": noise}
        client = NotebookClient(notebook, km=_manager(Path(bare)), timeout=None, coalesce_streams=True,
                                extra_arguments=["--log-level=ERROR"])  # fmt: skip
        with client.setup_kernel(cleanup_kc=True, **started):
            yield ask


def _manager(bare: Path) -> Any:
    """Starts this interpreter's kernel, whatever kernels a user has installed or made the default."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class Own(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-s", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            local = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
            return KernelSpec(argv=command, language="python", display_name="Python", metadata=local)

    return AsyncKernelManager(kernel_spec_manager=Own(), connection_file=str(bare / "kernel.json"))


def environment(root: Path, device: str | None, bare: Path) -> dict[str, str]:
    """The variables of the kernel, whose settings lie in ``bare``, an empty folder."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith(_FOREIGN)}
    chosen = {"PYTHONPATH": str(root / "code"), "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
    chosen |= {"CONVNETS_ASSETS": str(root / "assets")} | ({"CONVNETS_DEVICE": device} if device else {})
    folders = ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    for name in folders:
        (bare / name.lower()).mkdir(exist_ok=True)
    return kept | chosen | {name: str(bare / name.lower()) for name in folders}


def _last_words(noise: IO[bytes]) -> str:
    """The last line that a kernel wrote to its own stderr, which is no cell's; not always the cause of its death."""
    noise.seek(0)
    said = noise.read().decode(errors="replace").strip().splitlines()
    return f"out of memory? Its last words: {said[-1]}" if said else "out of memory?"
