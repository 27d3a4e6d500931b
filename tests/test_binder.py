"""What Binder is given: consistent pins, and (slow) the environment that they make, without Docker.

The slow tests install what Binder would, once, into an environment of their own: about three minutes and 1.4 GB.
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from toys import ROOT

from press.outputs import chapters

BINDER = ROOT / "binder"
CODE = [chapter.system for path in chapters.find(ROOT) if (chapter := chapters.read(path)).cells]
"""Pages with code to run."""

LONGEST, MOST, LARGEST = 60, 2048, 2000
"""A chapter's seconds and MiB of memory; MB on disk of the environment."""

RUN = """
import json, resource, sys
import jupytext
from nbclient import NotebookClient
book = jupytext.read(sys.argv[1])
NotebookClient(book, timeout=600, kernel_name="python3", resources={"metadata": {"path": "book"}}).execute()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "left": sum(cell.cell_type == "code" and cell.execution_count is None for cell in book.cells),
    "count": sum(cell.cell_type == "code" for cell in book.cells),
    "seconds": used.ru_utime + used.ru_stime,
    "mib": used.ru_maxrss / 1024,
}))
"""


def requirements() -> dict[str, str]:
    """Name and version constraint of what Binder installs."""
    lines = [line.split(" #")[0].strip() for line in (BINDER / "requirements.txt").read_text().splitlines()]
    pairs = [re.fullmatch(r"([\w-]+)(\S+)", line) for line in lines if line and not line.startswith(("#", "-"))]
    return {pair[1].lower(): pair[2] for pair in pairs if pair}


def test_versions_are_those_that_were_tested_together() -> None:
    tested = dict(
        line.lower().split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    given = requirements()
    assert given.pop("jupyterlab") == ">=4.4,<5", "the one that Binder has is good enough"
    assert {name: f"=={tested[name]}" for name in given} == given


def test_all_that_computing_needs_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {
        re.match(r"[\w-]+", line)[0].lower()
        for line in [*project["dependencies"], *project["optional-dependencies"]["train"]]
    }
    assert needed | {"jupytext", "jupyterlab"} == requirements().keys()


def test_pytorch_comes_without_cuda() -> None:
    assert "--extra-index-url https://download.pytorch.org/whl/cpu\n" in (BINDER / "requirements.txt").read_text()


def test_python_is_the_one_that_was_tested() -> None:
    assert (BINDER / "runtime.txt").read_text() == "python-3.11\n"
    assert "Python 3.11" in (ROOT / "constraints.txt").read_text().splitlines()[0]


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_scripts_can_be_run(name: str) -> None:
    assert os.access(BINDER / name, os.X_OK)
    subprocess.run(["bash", "-n", str(BINDER / name)], check=True)


def test_a_session_has_one_thread() -> None:
    plain = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    said = subprocess.run(
        [BINDER / "start", "sh", "-c", 'echo "$OMP_NUM_THREADS $0" "$@"', "a", "b c"],
        env=plain, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == "1 a b c\n"


# Slow: the environment itself


class Environment(NamedTuple):
    """Where the packages lie, a copy of the checkout, and the variables of a session."""

    packages: Path
    checkout: Path
    variables: dict[str, str]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.checkout, env=self.variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)[:80]}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what git would clone, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("binder") / "checkout"
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")[:-1]:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def binder(checkout: Path) -> Iterator[Environment]:
    """What Binder installs, installed by the same commands into an empty environment."""
    packages = checkout.with_name("packages")
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CONVNETS_", "PYTHON"))},
        "HOME": str(checkout.with_name("home")),
        "PATH": f"{packages / 'bin'}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "PIP_RETRIES": "0",  # where PyTorch's index is out of reach, pip asks it once for each package
        "CONVNETS_DATA": os.environ.get("CONVNETS_DATA", str(ROOT.parent / "shared" / "data")),
    }
    Path(variables["HOME"]).mkdir()
    made = Environment(packages, checkout, variables)
    subprocess.run([sys.executable, "-m", "venv", str(packages)], check=True)
    made.run("pip", "install", "--quiet", "--no-cache-dir", "--requirement", "binder/requirements.txt")
    made.run("binder/postBuild")
    yield made
    shutil.rmtree(packages)


@pytest.mark.slow
def test_the_environment_is_small(binder: Environment) -> None:
    size = sum(file.stat().st_size for file in binder.packages.rglob("*") if file.is_file() and not file.is_symlink())
    about = binder.run("python", "-c", "import torch, convnets; print([torch.version.cuda, convnets.__file__])")
    cuda, library = ast.literal_eval(about)
    print(f"the environment takes {size / 1e6:.0f} MB")
    assert cuda is None and size / 1e6 < LARGEST
    assert Path(library).is_relative_to(binder.packages)


@pytest.mark.slow
@pytest.mark.parametrize("system", CODE)
def test_a_chapter_runs_from_top_to_bottom(binder: Environment, real_mnist: None, system: str) -> None:
    """Cells tagged `gpu` too: their results come from the store."""
    before = chapters.read(ROOT / "book" / f"{system}.md")
    used = json.loads(binder.run("python", "-c", RUN, f"book/{system}.md"))
    print(f"{system}: {used['count']} cells, {used['seconds']:.0f} s of one processor, {used['mib']:.0f} MiB")
    assert used["count"] == len(before.cells) and used["left"] == 0
    assert used["seconds"] < LONGEST and used["mib"] < MOST


@pytest.fixture(scope="module")
def lab(binder: Environment) -> Iterator[Callable[[str], str]]:
    """JupyterLab, started; gives the address of a path as Binder's ``urlpath`` has it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    token = secrets.token_hex(16)
    command = ["jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
               f"--ServerApp.port={address.rpartition(':')[2]}", "--ServerApp.port_retries=0",
               "--LabApp.news_url="]  # fmt: skip
    log = binder.checkout.with_name("lab.log")
    variables = binder.variables | {"JUPYTER_TOKEN": token}
    with log.open("wb") as said:
        started = subprocess.Popen(command, cwd=binder.checkout, env=variables, stdout=said, stderr=said)
    try:
        for _attempt in range(300):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert started.poll() is None, log.read_text()
                time.sleep(0.2)
        yield lambda path: f"{address}/{path}?token={token}&reset"
    finally:
        started.terminate()
        started.wait(30)


@pytest.mark.slow
@pytest.mark.parametrize("system", CODE)
def test_the_button_opens_a_chapter_as_a_notebook(chromium: Any, lab: Callable[[str], str], system: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(lab(f"lab/tree/book/{system}.md"))
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")  # others lie open behind it
    notebook.locator(".jp-MarkdownCell h1").first.wait_for(timeout=60_000)
    cell = notebook.locator(".jp-CodeCell").first
    cell.wait_for(state="attached", timeout=30_000)
    page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=60_000)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    cell.locator(".jp-InputPrompt", has_text="[1]:").wait_for(timeout=60_000)
    context.close()


@pytest.mark.slow
def test_repo2docker_takes_the_folder(checkout: Path, tmp_path: Path) -> None:
    """It needs no Docker to say what it would build."""
    tool = tmp_path / "tool"
    subprocess.run([sys.executable, "-m", "venv", str(tool)], check=True)
    subprocess.run([tool / "bin" / "pip", "install", "--quiet", "jupyter-repo2docker==2026.4.0"], check=True)
    command = [tool / "bin" / "jupyter-repo2docker", "--no-build", "--debug", "--user-id=1000", "--user-name=a", "."]
    said = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    told = said.stdout + said.stderr
    assert "Building conda environment for python=3.11" in told
    for step in ('pip install --no-cache-dir -r "binder/requirements.txt"', "./binder/postBuild", "/binder/start"):
        assert step in told, f"repo2docker does not use {step}"
    shutil.rmtree(tool)
