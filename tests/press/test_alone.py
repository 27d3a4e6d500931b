"""One command at a time in a checkout; a lock ends with its process, and a child with its parent."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convnets.common.errors import ConvnetsError
from press import cli
from press.outputs import alone

HOLD = """
import sys
from pathlib import Path
from press.outputs import alone

with alone.alone(Path(sys.argv[1]), "execute lenet"):
    print("held", flush=True)
    sys.stdin.read()
"""
TAKE = """
import sys
from pathlib import Path
from press.outputs import alone

with alone.alone(Path(sys.argv[1]), "build"):
    print("mine")
"""
PARENT = """
import multiprocessing, sys, time
from press.outputs import alone

def child():
    alone.follow_parent()
    print(multiprocessing.current_process().pid, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    alone.start(multiprocessing.get_context("spawn").Process(target=child, daemon=True))
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path):
    """A process that holds the lock of ``tmp_path`` until its input ends, or it is killed."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def take(root):
    command = [sys.executable, "-c", TAKE, str(root)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_command_says_who_is_at_work_and_waits(held, tmp_path):
    second = take(tmp_path)
    said = second.stderr.readline()
    assert f"waiting for `press execute lenet` (process {held.pid})" in said and second.poll() is None
    held.stdin.close()
    assert second.communicate()[0] == "mine\n" and second.returncode == 0


def test_the_lock_of_a_killed_command_blocks_nobody(held, tmp_path):
    held.kill()
    held.wait()
    out, said = take(tmp_path).communicate()
    assert (out, said) == ("mine\n", "")


def test_a_lock_survives_the_deletion_of_its_folder(held, tmp_path):
    """`make clean` while a command works: whoever waited for the old file takes the new one."""
    second = take(tmp_path)
    assert "waiting" in second.stderr.readline()
    (tmp_path / alone.LOCK).unlink()
    held.stdin.close()
    assert second.communicate()[0] == "mine\n" and (tmp_path / alone.LOCK).is_file()


def test_a_checkout_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "_build").write_text("no folder")
    with pytest.raises(ConvnetsError, match="_build cannot be written .*press kit"), alone.alone(tmp_path, "kit"):
        pass


@pytest.mark.parametrize("name", ["execute", "accept", "build", "translate", "kit", "pdf"])
def test_each_command_that_writes_waits(name, book, monkeypatch):
    asked = []
    monkeypatch.chdir(book.root)
    monkeypatch.setattr(alone, "alone", lambda root, command: asked.append((root, command)) or pytest.skip())
    more = {"accept": ["toy", "--because", "x"]}.get(name, [])
    with pytest.raises(pytest.skip.Exception):
        cli.main([name, *more])
    assert asked == [(book.root, name)]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def dead(pid, seconds=30.0):
    """Whether a process is gone, or is so within some seconds."""
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_ends_with_its_parent(how, tmp_path):
    file = tmp_path / "parent.py"
    file.write_text(PARENT)
    with subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        child = int(parent.stdout.readline())
        parent.send_signal(how)
        parent.wait()
        assert dead(child)


@pytest.mark.skipif(sys.platform != "linux", reason="a service of Linux")
def test_another_program_ends_with_its_parent():
    program = "import subprocess, sys; from press.outputs import alone; " + (
        "p = subprocess.Popen(['sleep', '60'], preexec_fn=alone.die_with_parent); print(p.pid, flush=True); p.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        assert dead(child)


def test_in_the_first_process_there_is_nobody_to_follow():
    assert multiprocessing.parent_process() is None
    alone.follow_parent()
