"""Chapters run in a real kernel; a kill at any point loses nothing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from minirepo import Book, make_book

from convnets.common.errors import ConvnetsError
from press.outputs import chapters, execute, store

# `press execute` with a kill before the Nth file is put in its place; outputs are given, to save a kernel.
DRIVER = """
import os, signal, sys
from pathlib import Path
from press.outputs import chapters, execute, status, store

root, point = Path(sys.argv[1]), int(sys.argv[2])
replace, done = os.replace, 0

def deadly(*paths):
    global done
    if done == point:
        os.kill(os.getpid(), signal.SIGKILL)
    done += 1
    replace(*paths)

def run(chapter, root, device=None):
    where = {"device": "cpu", "seconds": 0, "date": "2026-01-31", "versions": {}}
    image = lambda text: {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": text}}
    cells = [store.Cell([image(f"<svg>new {n}</svg>")], where) for n, cell in enumerate(chapter.cells)]
    return store.Stored(cells, status.keys(chapter), status.code(chapter, root), {})

os.replace, execute.run = deadly, run
execute.execute(root, ["toy"], force=True)
"""


def press(book: Book, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "press", *arguments],
        cwd=book.root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "CONVNETS_DEVICE": "", **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The miniature book, executed by explicit choice on the processor."""
    book = make_book(tmp_path_factory.mktemp("executed"))
    done = press(book, "execute", "toy", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "toy: 3 cells in" in done.stdout
    return book


@pytest.fixture
def copy(executed: Book, tmp_path: Path) -> Book:
    shutil.copytree(executed.root, tmp_path / "copy")
    return Book(tmp_path / "copy")


def test_what_was_put_out_is_stored_with_what_it_was_made_of(copy: Book) -> None:
    assert copy.state() == ("toy", "fresh", [])
    stored = store.read("toy", copy.root)
    assert stored is not None
    assert stored.cells[0].outputs[0]["text"] == "8\n"
    assert set(stored.assets) == {"toy/recorded/speed.json", "toy/weights.bin"}
    assert "convnets.toy.model:double" in stored.code
    assert copy.image().read_text().startswith("<svg ")


def test_provenance_says_that_the_processor_was_chosen(copy: Book) -> None:
    stored = store.read("toy", copy.root)
    assert stored is not None
    where = stored.cells[2].provenance
    assert where["device"].startswith("cpu")
    assert where.keys() == {"device", "seconds", "date", "versions"}
    assert where["versions"]["python"] == sys.version.split()[0]


def test_executing_again_gives_the_same_figures_and_a_recorded_result_keeps_its_device(copy: Book) -> None:
    kept = copy.assets / "recorded" / "speed.json"
    record = json.loads(kept.read_text())
    kept.write_text(json.dumps(record | {"device": "cuda: Fake 1", "seconds": 7.5}))
    assert copy.state().reasons == ["assets/toy/recorded/speed.json changed"]
    image = copy.image()
    done = press(copy, "execute")
    assert done.returncode == 0, done.stderr
    assert list((copy.assets / "outputs").iterdir()) == [image]
    stored = store.read("toy", copy.root)
    assert stored is not None
    assert (stored.cells[2].provenance["device"], stored.cells[2].provenance["seconds"]) == ("cuda: Fake 1", 7.5)


def test_what_a_user_has_set_up_changes_nothing(copy: Book, tmp_path: Path) -> None:
    """Settings, kernels, start-up files and packages of a person's own, wherever they may lie."""
    home, before = tmp_path / "home", copy.stored.read_text()
    spoil = "import builtins; builtins.print = lambda *said: None; raise SystemExit('a start-up file ran')"
    drawing = "lines.linewidth: 40\nsvg.fonttype: none\ntimezone: Asia/Tokyo\n"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    laid = {
        home / ".config/matplotlib/matplotlibrc": drawing,
        copy.root / "matplotlibrc": drawing,
        home / "kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "Mine", "language": "python"}',
        home / ".ipython/profile_default/startup/00.py": spoil,
        home / ".ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['1 / 0']",
        home / "start.py": spoil,
        home / f".local/lib/{version}/site-packages/usercustomize.py": spoil,
    }
    for file, text in laid.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    here = {"HOME": home, "MATPLOTLIBRC": copy.root, "MPLCONFIGDIR": home / ".config/matplotlib", "JUPYTER_PATH": home}
    here |= {"JUPYTER_DATA_DIR": home, "PYTHONSTARTUP": home / "start.py", "IPYTHONDIR": home / ".ipython"}
    here |= {"JUPYTER_DEFAULT_PROVISIONER_NAME": "mine", "MPLBACKEND": "pdf", "PYTHONHASHSEED": "7"}
    done = press(copy, "execute", "--force", "--gc", **{name: str(value) for name, value in here.items()})
    assert (done.returncode, done.stderr) == (0, "")
    stored, then = (json.loads(text) for text in (copy.stored.read_text(), before))
    for whole in (stored, then):
        for one in whole["metadata"]["press"].pop("provenance"):
            assert one["device"]
    assert stored == then and "deleted" not in done.stdout


def test_a_failing_cell_is_named_and_the_old_outputs_stay(copy: Book) -> None:
    copy.replace(copy.chapter, "print(figures.doubled(4))", "print('before')\n1 / 0")
    before = copy.stored.read_bytes()
    done = press(copy, "execute")
    assert done.returncode == 2
    told = "Code cell 1 of toy failed with ZeroDivisionError: division by zero (nothing was stored)"
    assert done.stderr == f"press: {told}\n"
    assert copy.stored.read_bytes() == before


def test_a_missing_recorded_result_names_both_ways_out(copy: Book) -> None:
    (copy.assets / "recorded" / "speed.json").unlink()
    blind = "from convnets.common import recorded\nrecorded.device_at_hand = lambda: None\n"
    copy.replace(copy.chapter, "figures.speed", f"{blind}figures.speed")
    done = press(copy, "execute")
    assert done.returncode == 2
    assert "on a machine with CUDA" in done.stderr and "press execute toy --device cpu" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("os.kill(os.getpid(), 9)", "out of memory?"),
        ("os.write(5, b'no room left')\nos._exit(1)", "out of memory? Its last words: no room left"),
    ],
)
def test_a_kernel_that_dies_is_told_and_says_nothing_itself(
    copy: Book, last: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What a kernel writes to its stderr goes to a file; 5 stands for it, since cells have their own 2."""
    source = f"import os, sys\nos.dup2(sys.__stderr__.fileno(), 5)\n{last}"
    chapter = chapters.read(copy.chapter)._replace(cells=[chapters.Cell(1, source, ())])
    with pytest.raises(ConvnetsError, match=f"ended its kernel \\({re.escape(why)}\\): nothing was stored"):
        execute.run(chapter, copy.root)
    assert "no room" not in capfd.readouterr().err


def test_what_goes_to_stderr_is_dropped_and_a_gpu_cell_must_call_a_recorded_function(copy: Book) -> None:
    sources = ["import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)", "x = 1"]
    cells = [chapters.Cell(1, sources[0], ()), chapters.Cell(2, sources[1], ("gpu",))]
    chapter = chapters.read(copy.chapter)._replace(cells=cells[:1])
    outputs = execute.run(chapter, copy.root).cells[0].outputs
    assert [(output["name"], output["text"]) for output in outputs] == [("stdout", "1\n3\n")]
    with pytest.raises(ConvnetsError, match="Code cell 2 of toy is tagged `gpu` but calls no recorded function"):
        execute.run(chapter._replace(cells=cells), copy.root)


@pytest.mark.parametrize("point", range(4))
def test_a_kill_between_files_loses_nothing(copy: Book, point: int) -> None:
    """Three images and the notebook are put in place, in this order."""
    before = copy.stored.read_bytes()
    command = [sys.executable, "-c", DRIVER, str(copy.root)]
    assert subprocess.run([*command, str(point)]).returncode == -signal.SIGKILL
    assert copy.stored.read_bytes() == before
    assert copy.state().state == "fresh"
    subprocess.run([*command, "-1"], check=True)
    assert [cell.outputs for cell in store.read("toy", copy.root).cells] != []
    assert copy.stored.read_bytes() != before


def test_a_kill_within_a_cell_loses_nothing(copy: Book) -> None:
    deadly = "import os, signal\nif os.path.exists('deadly'): os.kill(os.getppid(), signal.SIGKILL)\nprint(1)"
    copy.replace(copy.chapter, "print(figures.doubled(4))", deadly)
    (copy.root / "deadly").touch()
    before = copy.stored.read_bytes()
    assert press(copy, "execute", "--device", "cpu").returncode == -signal.SIGKILL
    assert copy.stored.read_bytes() == before
    assert store.read("toy", copy.root) is not None


def test_images_that_no_chapter_shows_are_deleted_on_request(copy: Book) -> None:
    left = copy.assets / "outputs" / ".old.svg.tmp"
    left.write_text("what a kill left")
    shown = copy.image()
    done = press(copy, "execute", "--gc")
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["toy: fresh", f"deleted {left.relative_to(copy.root)}"]
    assert shown.exists() and not left.exists()


def test_help_teaches() -> None:
    done = subprocess.run([sys.executable, "-m", "press", "execute", "--help"], capture_output=True, text=True)
    assert "Example: press execute lenet --device cpu" in done.stdout


@pytest.mark.slow
def test_twenty_kills_at_random_moments_lose_nothing(copy: Book) -> None:
    moments = random.Random(1998)
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-m", "press", "execute", "--force", "--device", "cpu"],
            cwd=copy.root,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0, 5))
        process.kill()
        process.wait()
        assert copy.state() == ("toy", "fresh", [])
    assert press(copy, "execute", "--force", "--gc").returncode == 0
    assert store.unused("toy", copy.root) == []
