"""How commands end: one sentence and a code of their own for whatever the system refuses; nothing promised in vain."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toys import ROOT

from convnets import cli
from convnets.common import assets, commands, export, runs
from convnets.lenet import train as lenet_train
from press import cli as press_cli
from press.outputs import status

REFUSALS = [
    (PermissionError(13, "Permission denied", "/some/folder"), "/some/folder cannot be used (Permission denied)"),
    (OSError(30, "Read-only file system", "/x"), "/x cannot be used (Read-only file system)"),
    (OSError(36, "File name too long", "x" * 5000), "xxx... cannot be used (File name too long)"),
    (OSError(28, "No space left on device"), "what the command says cannot be written (No space left on device)"),
    (OSError(116, "Stale file handle"), "something cannot be read or written (Stale file handle)"),
    (MemoryError(), "there is not enough memory"),
]


def end(program: str, *arguments: str, after: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run it in a shell, to give it odd places to write to."""
    text = f'"{sys.executable}" -m {program} {" ".join(arguments)} {after}'
    environment = os.environ | {"PYTHONPATH": str(ROOT / "code"), "PYTHONUNBUFFERED": ""}
    return subprocess.run(["bash", "-c", text], cwd=ROOT, env=environment, capture_output=True, text=True, **options)


def told(program: str, stderr: str) -> str:
    """The one sentence."""
    assert stderr.startswith(f"{program}: ") and stderr.count("\n") == 1 and len(stderr) < 500, stderr
    return stderr


@pytest.mark.parametrize("program", ["press", "convnets"])
@pytest.mark.parametrize("after", [">/dev/full", ">&-", "--help >/dev/full", "--help >&-"])
def test_output_that_nobody_takes(program: str, after: str) -> None:
    done = end(program, {"press": "status glossary", "convnets": "list"}[program], after=after)
    assert done.returncode == 2
    assert "what the command says cannot be written" in told(program, done.stderr)


@pytest.mark.parametrize("program", ["press", "convnets"])
def test_nobody_can_be_told_of_a_mistake(program: str) -> None:
    assert (
        end(program, "status nosuch" if program == "press" else "evaluate nosuch", after="2>/dev/full").returncode == 2
    )


@pytest.mark.parametrize("program", ["press", "convnets"])
def test_a_folder_that_is_gone(program: str) -> None:
    text = f'cd "$(mktemp -d)" && rmdir "$PWD" && "{sys.executable}" -m {program}'
    arguments = {"press": "status", "convnets": "train lenet --data toys"}[program]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "code")}
    done = subprocess.run(
        ["bash", "-c", f"{text} {arguments}"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    told(program, done.stderr)


@pytest.mark.parametrize(("error", "sentence"), REFUSALS, ids=lambda value: type(value).__name__)
def test_what_the_system_refuses(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(status, "check", refuse)
    monkeypatch.setattr(runs, "names", refuse)
    monkeypatch.chdir(ROOT)
    for program, main, arguments in (("press", press_cli.main, ["status"]), ("convnets", cli.main, ["list"])):
        assert main(arguments) == 2
        assert sentence in told(program, capsys.readouterr().err)


@pytest.mark.parametrize("name", ["exists", "is_dir", "is_file"])
@pytest.mark.parametrize("arguments", ["evaluate lenet --data", "evaluate cortex --data",
                                       "train lenet --data", "export lenet --net lenet1 --out",
                                       "train lenet --data tests --out"])  # fmt: skip
def test_folders_that_may_not_be_looked_into(
    name: str, arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For whoever may read everything, they are made up."""
    plain = getattr(Path, name)

    def closed(self: Path, *rest: Any) -> Any:
        if str(self).startswith("/closed"):
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, *rest)

    monkeypatch.setattr(Path, name, closed)
    monkeypatch.setattr(export, "graph", lambda *_: b"")  # takes a second, and is not written
    monkeypatch.setattr(assets, "write_atomic", lambda *_: (_ for _ in ()).throw(PermissionError(13, "No", "/closed")))
    monkeypatch.setenv("CONVNETS_DATA", "/closed/data")
    assert cli.main([*arguments.split(), "/closed/x"]) == 2
    told("convnets", capsys.readouterr().err)


@pytest.mark.parametrize("option", ["--data", "--out"])
def test_a_name_of_five_thousand_letters(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "lenet", option, "/" + "x" * 5000]) == 2
    assert "\n" not in capsys.readouterr().err.rstrip("\n")


def test_ctrl_c_promises_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    arguments = ["train", "lenet", "--recipe", "lenet1", "--data", str(tmp_path), "--out", str(tmp_path)]
    monkeypatch.setattr("convnets.lenet.data.split", lambda _folder: None)
    monkeypatch.setattr("convnets.common.training.key", lambda *_: "key")
    monkeypatch.setattr(lenet_train, "train", stop)
    assert cli.main(arguments) == 130
    assert "begins anew the one under way" in told("convnets", capsys.readouterr().err)
    kept = tmp_path / "lenet" / ".checkpoints" / "lenet1-0.safetensors"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert cli.main(arguments) == 130
    assert "goes on from the last finished epoch" in told("convnets", capsys.readouterr().err)
    monkeypatch.setattr("convnets.lenet.evaluate", stop)
    assert cli.main(["evaluate", "lenet"]) == 130
    assert "epoch" not in told("convnets", capsys.readouterr().err)


def test_letters_that_an_output_lacks(capsys: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from convnets.common import commands\n"
         "raise SystemExit(commands.run('x', lambda: print('\\xb7') or 0, str))"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "\\xb7\n" and commands.FAILED == 2


@pytest.mark.parametrize("name", ["nosuch", "lenet/", "./lenet", "../lenet", ""])
def test_a_system_is_named_as_it_is(name: str, capsys: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr("press.outputs.accept._keep", lambda *_: pytest.fail("this would change runs"))
        assert press_cli.main(["accept", name, "--because", "a test"]) == 2
    assert "There are no runs of" in told("press", capsys.readouterr().err)
