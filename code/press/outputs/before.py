"""The code that a run was made or last accepted with, out of the repository's history, asked on this machine.

Losses of another machine are rounded otherwise. Where the history still holds the code that a record speaks of, old
code and new take their first training steps on one machine, and rounding is no excuse any more.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from convnets.common import assets, data, kept, source

__all__ = ["losses"]

NEAR = 40
"""How many states of the code are looked through on either side of the one that stored what a record speaks of."""
_ASK = """\
import importlib, json, sys
from dataclasses import replace

system, name, seed, data = json.loads(sys.argv[1])
training = importlib.import_module(f"convnets.{system}.train")
sets = importlib.import_module(f"convnets.{system}.data").split(data)
print(json.dumps(training.fingerprint(replace(training.RECIPES[name], seed=seed), sets)))
"""


def losses(record: dict[str, Any], folder: str | None = None) -> list[float] | None:
    """Losses of the first training steps of ``record``'s run under the code that it speaks of.

    ``folder`` holds the data, as everywhere. None where there is no history, or it holds that code no more.
    """
    system = record["system"]
    wanted = kept.code(record["key"], kept.read(assets.path(system))) or record["code"]
    if not isinstance(wanted, str):
        wanted = source.digest(wanted)
    commit = _commit(system, wanted, source.CODE)
    if commit is None:
        return None
    with TemporaryDirectory() as place:
        return _asked(_unpacked(commit, Path(place)), [system, record["recipe"], record["seed"], folder])


@cache
def _commit(system: str, digest: str, code: Path) -> str | None:
    """The commit of the repository of ``code`` at which what training ``system`` reaches has this digest."""
    del code  # the key of what is remembered
    for commit in _near(system, digest):
        with TemporaryDirectory() as place:
            then = _unpacked(commit, Path(place))
            if source.digest(source.closure([f"convnets.{system}.train:train"], then, telling=False)) == digest:
                return commit
    return None


def _near(system: str, digest: str) -> Iterator[str]:
    """Commits that changed the code, those next to the one that stored the state ``digest`` first."""
    stored = f"{assets.path(system)}/code/{digest}.json"
    added = _git("log", "--diff-filter=A", "--max-count=1", "--format=%H", "--", stored).split()
    commits = _git("log", "--format=%H", "--", str(source.CODE), stored).split()
    if not added or added[0] not in commits:
        return
    middle = commits.index(added[0])
    for away in range(NEAR + 1):  # first what went before: runs are stored after the code that they come from
        for place in dict.fromkeys((middle + away, middle - away)):
            if 0 <= place < len(commits):
                yield commits[place]


def _git(*words: str) -> str:
    """What git says, or nothing where there is no git, no repository or no answer."""
    try:
        done = subprocess.run(["git", *words], cwd=source.CODE, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def _unpacked(commit: str, place: Path) -> Path:
    """The folder of the code as it was at ``commit``, unpacked below ``place``; empty where git has none."""
    packed = subprocess.run(["git", "archive", commit, "."], cwd=source.CODE, capture_output=True)
    if packed.returncode:
        return place
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(place, filter="data")
    return place


def _asked(code: Path, question: list[Any]) -> list[float] | None:
    """The answer of the code below ``code``, in a process of its own; None where it has none."""
    there = next((str(one) for one in data.candidates(None) if one.is_dir()), "")
    change = {"PYTHONPATH": str(code), "CONVNETS_ASSETS": str(assets.root()), "OMP_NUM_THREADS": "1"}
    environment = os.environ | change | ({"CONVNETS_DATA": there} if there else {})
    command = [sys.executable, "-c", _ASK, json.dumps(question)]
    done = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True)
    found = done.stdout.strip().splitlines()
    return json.loads(found[-1]) if done.returncode == 0 and found else None
