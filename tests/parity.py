"""What a packed network answers in ONNX Runtime's WebAssembly, compared with PyTorch."""

from __future__ import annotations

import base64
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from contract import Net
from torch import Tensor, nn
from toys import ROOT

from convnets.common import export
from convnets.common.inputs import examples
from press.page import bundle

PACKED = ROOT / bundle.PACKED
TOLERANCE, UNDER_ROOT, SUMMED = 1e-4, 1e-5, 1e-3
MAPS = 16
"""So many answers of an image's size are still few."""
QUICK = ["--liftoff-only"]
"""As in ``browsing.py``: WebAssembly is compiled once, and answers the same to the last bit."""


def packed(stem: str, absent: Callable[[str], None]) -> Path:
    files = sorted(file for file in PACKED.glob(f"{stem}-*.js") if "-" not in file.stem[len(stem) + 1 :])
    if not files:
        absent(f"{bundle.PACKED}/{stem} is not there: `press build` packs it")
    return files[0]


def told(x: Tensor) -> dict[str, Any]:
    return {"dims": list(x.shape), "data": x.flatten().tolist(), "type": str(x.dtype).removeprefix("torch.")}


def ask(blob: Path, engine: Path, inputs: list[dict[str, Tensor]]) -> list[dict[str, Any]]:
    """What a packed network answers to each of ``inputs``: by output, ``{"dims": [...], "data": values (n,), ...}``."""
    payload = {
        "live": str(ROOT / bundle.SOURCES),
        "blob": str(blob),
        "engine": str(engine),
        "inputs": [{name: told(x) for name, x in named.items()} for named in inputs],
    }
    command = [str(bundle.node()), *QUICK, str(Path(__file__).parent / "live" / "parity.mjs")]
    done = subprocess.run(command, input=json.dumps(payload), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    for output in (output for answer in answers for output in answer.values()):
        output["data"] = np.frombuffer(base64.b64decode(output["data"]), output["type"])
    return answers


def close(found: dict[str, Any], expected: np.ndarray, name: str, net: Net) -> None:
    """Within 1e-4, or 1e-6 of what is large: a squared distance of some hundred has no finer steps in float32.

    A square root near 0 turns a difference of 1e-8 into one of 1e-4, so what is under it must be within 1e-5; a sum of
    many large terms must be within 1e-3.
    """
    data, bound = found["data"].astype(np.float64), SUMMED if name in net.sums else TOLERANCE
    if name in net.roots:
        data, expected, bound = np.square(data), np.square(expected, dtype=np.float64), UNDER_ROOT
    assert np.abs(data - expected).max() <= bound + 1e-6 * np.abs(expected).max(), f"{name} of {net.name}"


def same_answers(
    live: export.Live,
    model: nn.Module,
    golden: dict[str, Any],
    blob: Path,
    engine: Path,
    seed: int,
    net: Net,
) -> None:
    """The golden answers, and those to drawn inputs: alone, three, as long as a drawn length allows.

    Where an image and its answers are small, also to 64 at once.
    """
    generator = torch.Generator().manual_seed(seed)
    size = sum(math.prod(one.shape) for one in live.inputs.values())
    axes = {axis.name: (axis, one.shape[at - 1]) for one in live.inputs.values() for at, axis in one.grows.items()}
    lengths = {
        name: axis.step * int(torch.randint(least // axis.step, axis.most + 1, (), generator=generator))
        for name, (axis, least) in axes.items()
    }
    answered = sum(math.prod(expected["shape"]) for expected in golden["outputs"].values())
    counts = (1, 3, 64) if max(size, answered / MAPS) <= 32 * 32 else (1, 3)
    drawn = [examples(live.inputs, generator, count) for count in counts]
    drawn += [examples(live.inputs, generator, 1, lengths)] if lengths else []
    stored = {name: export.read_values(one) for name, one in golden["inputs"].items()}
    first, *found = ask(blob, engine, [stored, *drawn])
    assert list(first) == list(live.outputs)
    for name, expected in golden["outputs"].items():
        assert first[name]["dims"] == expected["shape"]
        sample = {"data": first[name]["data"][:: expected["every"]]}
        close(sample, np.array(expected["values"]), name, net)
    for given, answer in zip(drawn, found, strict=True):
        with torch.inference_mode():
            expected = live.forward(model, *given.values())
        for name, values in zip(live.outputs, expected, strict=True):
            close(answer[name], values.flatten().numpy(), name, net)
