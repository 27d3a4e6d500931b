"""Networks for the browser: the graph as ONNX without weights, and golden answers to test it with.

``<net>.graph.onnx`` says how a network computes. Its trained tensors are there by their names in the state dict, with
shape and type but *without values*: weights lie in the repository once, as safetensors, and
:func:`convnets.common.onnxfile.fill_graph` puts them in when the book is built. A graph that was not filled is refused
by every runtime, so it cannot answer wrongly.
``<net>.golden.json`` holds made-up inputs and what each named output answers to them under the published weights.
``facts.json`` holds what else a page needs to know of a system: tables, constants, samples, and in :func:`word` the
texts among them that a reader sees.

Every system's ``live.py`` has a table ``LIVE`` of :class:`Live`, one entry a network, and may have a dictionary
``FACTS`` that JSON can hold.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convnets.common import assets, source
from convnets.common.errors import ConvnetsError
from convnets.common.inputs import Input, examples

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "Live", "code_of", "export", "export_facts", "export_samples", "golden", "graph", "note", "table",
    "word",
]  # fmt: skip

OPSET = 18
NOTE = "export.json"
"""Beside the exports: of what they were made."""
STILL = "lineage.webp"
"""What the rows of the lineage answer to one drawing, of a system that belongs to it."""
INPUT_DIGITS, ANSWER_DIGITS = 2, 7
"""Significant digits of what a golden file holds; an input is what its digits say."""
GOLDEN_VALUES = 256
"""Most values of one output that a golden file holds; of more, every second, third ... is kept."""


@dataclass(frozen=True)
class Live:
    """A network as a page sees it."""

    inputs: Mapping[str, Input]  # by name: a picture, a text, noise ...
    outputs: tuple[str, ...]  # names of what `forward` returns
    forward: Callable[..., tuple[Tensor, ...]]  # (model, a batch of each input, in their order) -> named outputs


def export(system: str, net: str, out: Path) -> list[Path]:
    """Write ``<net>.graph.onnx`` and ``<net>.golden.json`` into ``out``; the same weights give the same bytes.

    Raises:
        ConvnetsError: the net is unknown or not published, or the ONNX packages are missing.
    """
    nets = table(system)
    if not nets:
        raise ConvnetsError(f"{system} has no network to export: what its page shows are facts alone.")
    if net not in nets:
        raise ConvnetsError(f"{system} shows no network {net!r} in the browser: choose one of {', '.join(nets)}.")
    model = importlib.import_module(f"convnets.{system}").load(net)
    files = [out / f"{net}.graph.onnx", out / f"{net}.golden.json"]
    assets.write_atomic(files[0], graph(model, nets[net]))
    content = {"system": system, "net": net, "weights": assets.sha256(assets.read_bytes(system, f"{net}.safetensors"))}
    assets.write_atomic(
        files[1], (json.dumps(content | golden(model, nets[net]), separators=(",", ":")) + "\n").encode()
    )
    return files


def note(system: str, out: Path) -> Path:
    """Write ``export.json`` into ``out``: of which code and weights all exports of ``system`` were made."""
    weights = {net: assets.sha256(assets.read_bytes(system, f"{net}.safetensors")) for net in table(system)}
    assets.write_json(out / NOTE, {"code": code_of(system), "weights": weights})
    return out / NOTE


def code_of(system: str, code: Path | None = None) -> str:
    """Digest of what the exports of ``system`` are made by; nothing is imported."""
    made_by = [f"convnets.{system}.live", "convnets.common.export"]
    folder = code or Path(__file__).parents[2]
    if (folder / "convnets" / system / "lineage.py").is_file():
        made_by += [f"convnets.{system}.lineage", "convnets.lineage:told", "convnets.lineage:still"]
    return source.digest(source.closure(made_by, code))


def table(system: str) -> dict[str, Live]:
    """The networks that pages can show of ``system``, by name: its ``live.LIVE``."""
    return getattr(_live(system), "LIVE", {})


def _live(system: str) -> Any:
    if importlib.util.find_spec(f"convnets.{system}.live") is None:
        raise ConvnetsError(f"{system} shows nothing in the browser: convnets/{system}/live.py would say what.")
    return importlib.import_module(f"convnets.{system}.live")


def export_facts(system: str, out: Path) -> Path | None:
    """Write ``facts.json`` into ``out`` if the system's ``live.py`` has FACTS; of the lineage, also its row's still."""
    facts = getattr(_live(system), "FACTS", None)
    if facts is None:
        return None
    lineage = importlib.import_module("convnets.lineage")
    if lineage.is_in(system):
        facts = facts | {"lineage": lineage.told(system)}
        assets.write_atomic(out / STILL, lineage.still(system))
    file = out / "facts.json"
    assets.write_atomic(file, (json.dumps(facts, separators=(",", ":"), ensure_ascii=False) + "\n").encode())
    return file


def word(text: str) -> dict[str, str]:
    """A text of FACTS that readers see, such as the name of a class: marked here, and here alone, it is translated.

    ``press translate`` finds it in ``facts.json``, and the page puts it, in its language, in this object's place.
    """
    return {"word": text}


def export_samples(system: str, out: Path) -> list[Path]:
    """Write the samples of its data set that the system's ``live.py`` chooses (:mod:`convnets.common.samples`).

    Raises:
        ConvnetsError: it chooses none, the data are not at hand, or what it chooses may not be shown.
    """
    from convnets.common import samples

    if (choose := getattr(_live(system), "samples", None)) is None:
        raise ConvnetsError(
            f"{system} shows no samples: write samples() in convnets/{system}/live.py, which chooses them."
        )
    return samples.write(choose(), out)


def graph(model: nn.Module, live: Live) -> bytes:
    """The ONNX graph of ``model`` with its named inputs (batch axis free) and outputs, without weights."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ConvnetsError(f"Export needs the package {error.name}: pip install onnx onnxscript.") from error
    import torch

    class Shown(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
            return live.forward(self.model, *inputs)

    free, shapes = _free(live)
    drawn = [one.draw(shape, torch.Generator()) for one, shape in zip(live.inputs.values(), shapes, strict=True)]
    with _quiet():
        program = torch.onnx.export(
            Shown().eval(), tuple(drawn), input_names=list(live.inputs), output_names=list(live.outputs),
            opset_version=OPSET, dynamo=True, optimize=False, dynamic_shapes=(free,), verbose=False,
        )  # fmt: skip
    assert program is not None
    return _strip(program.model_proto, set(model.state_dict()))


def _free(live: Live) -> tuple[tuple[dict[int, Any], ...], list[tuple[int, ...]]]:
    """Of each input, its free axes for the exporter, and a shape that is no special case, which it would fix."""
    from torch.export import Dim

    batch, found, shapes = Dim("batch", min=1, max=64), [], []
    dims: dict[str, Any] = {}
    for one in live.inputs.values():
        free, shape = {0: batch}, [2, *one.shape]
        for place, axis in one.grows.items():
            least = shape[place] // axis.step
            dim = dims.setdefault(axis.name, Dim(axis.name, min=least, max=axis.most))
            free[place] = axis.step * dim if axis.step > 1 else dim
            shape[place] *= 2
        found.append(free)
        shapes.append(tuple(shape))
    return tuple(found), shapes


def golden(model: nn.Module, live: Live) -> dict[str, Any]:
    """Made-up inputs and the model's answers: ``{"inputs": {name: ...}, "outputs": {name: ...}}``.

    Each is ``{shape, every, values}``, where ``values`` are every ``every``-th of the flattened tensor, and whole
    numbers say their ``type``.
    """
    import torch

    drawn = examples(live.inputs, torch.Generator().manual_seed(0))
    inputs = {name: _values(x, INPUT_DIGITS) for name, x in drawn.items()}
    seen = [read_values(one) for one in inputs.values()]  # the digits that are stored are what the model sees
    with torch.inference_mode():
        answers = dict(zip(live.outputs, live.forward(model.eval(), *seen), strict=True))
    outputs = {
        name: _values(answer, ANSWER_DIGITS, -(-answer.numel() // GOLDEN_VALUES)) for name, answer in answers.items()
    }
    return {"inputs": inputs, "outputs": outputs}


def read_values(stored: Mapping[str, Any]) -> Tensor:
    """The tensor of an input in a golden file."""
    import torch

    kind = getattr(torch, stored.get("type", "float32"))
    return torch.tensor(stored["values"], dtype=kind).reshape(stored["shape"])


def _strip(proto: Any, trained: set[str]) -> bytes:
    """The model's bytes without values of ``trained`` tensors, and without what tells of the machine it was made on."""
    proto.producer_version = proto.domain = ""
    for part in [
        proto,
        proto.graph,
        *proto.graph.node,
        *proto.graph.initializer,
        *proto.graph.input,
        *proto.graph.output,
    ]:
        part.doc_string = ""
        del part.metadata_props[:]
    del proto.graph.value_info[:]
    for node in proto.graph.node:
        node.input[:] = [name.removeprefix("model.") for name in node.input]
    for tensor in proto.graph.initializer:
        tensor.name = tensor.name.removeprefix("model.")
        if tensor.name in trained:
            tensor.ClearField("raw_data")
    _shorten(proto.graph)
    return proto.SerializeToString(deterministic=True)


def _shorten(graph: Any) -> None:
    """Give what lies between inputs and outputs numbers for names: names are half of a graph's bytes."""
    known = {part.name for part in (*graph.input, *graph.output, *graph.initializer)}
    made = (name for node in graph.node for name in node.output if name and name not in known)
    short = {name: f"_{number:x}" for number, name in enumerate(dict.fromkeys(made))}
    for node in graph.node:
        node.name = ""
        node.input[:] = [short.get(name, name) for name in node.input]
        node.output[:] = [short.get(name, name) for name in node.output]


def _values(x: Tensor, digits: int, every: int = 1) -> dict[str, Any]:
    found = {"shape": list(x.shape), "every": every}
    flat = x.flatten()[::every].tolist()
    if not x.is_floating_point():
        return found | {"type": str(x.dtype).removeprefix("torch."), "values": flat}
    return found | {"values": [float(f"{value:.{digits}g}") for value in flat]}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter's notes on packages that are not there are noise here."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
