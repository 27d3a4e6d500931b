"""Networks for the browser: the graph as ONNX without weights, and golden answers to test it with.

``<net>.graph.onnx`` says how a network computes. Its trained tensors are there by their names in the state dict, with
shape and type but *without values*: weights lie in the repository once, as safetensors, and :func:`fill_graph` puts
them in when the book is built. A graph that was not filled is refused by every runtime, so it cannot answer wrongly.
``<net>.golden.json`` holds a made-up input and what each named output answers to it under the published weights.
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

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

__all__ = [
    "Live", "code_of", "export", "export_facts", "export_samples", "fill_graph", "golden", "graph", "note", "table",
    "word",
]  # fmt: skip

OPSET = 18
NOTE = "export.json"
"""Beside the exports: of what they were made."""
SIGNIFICANT_DIGITS = 7
GOLDEN_VALUES = 1024
"""Most values of one output that a golden file holds; of more, every second, third ... is kept."""
# Numbers of the fields of ONNX's protocol buffers that are needed here (onnx.proto, ModelProto to TensorProto).
_GRAPH, _INITIALIZER, _DIMS, _NAME, _RAW_DATA = 7, 5, 1, 8, 9


@dataclass(frozen=True)
class Live:
    """A network as a page sees it."""

    image: tuple[int, ...]  # shape of one input, without the batch axis
    outputs: tuple[str, ...]  # names of what `forward` returns
    forward: Callable[[Any, Tensor], tuple[Tensor, ...]]  # (model, batch of images) -> named outputs
    low: float = 0.0  # values of an input
    high: float = 1.0
    widening: int = 0  # an input may be wider by any multiple of so many pixels; 0: not at all


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
    assets.write_atomic(files[1], (json.dumps(content | golden(model, nets[net])) + "\n").encode())
    return files


def note(system: str, out: Path) -> Path:
    """Write ``export.json`` into ``out``: of which code and weights all exports of ``system`` were made."""
    weights = {net: assets.sha256(assets.read_bytes(system, f"{net}.safetensors")) for net in table(system)}
    assets.write_json(out / NOTE, {"code": code_of(system), "weights": weights})
    return out / NOTE


def code_of(system: str, code: Path | None = None) -> str:
    """Digest of what the exports of ``system`` are made by; nothing is imported."""
    return source.digest(source.closure([f"convnets.{system}.live", "convnets.common.export"], code))


def table(system: str) -> dict[str, Live]:
    """The networks that pages can show of ``system``, by name: its ``live.LIVE``."""
    return getattr(_live(system), "LIVE", {})


def _live(system: str) -> Any:
    if importlib.util.find_spec(f"convnets.{system}.live") is None:
        raise ConvnetsError(f"{system} shows nothing in the browser: convnets/{system}/live.py would say what.")
    return importlib.import_module(f"convnets.{system}.live")


def export_facts(system: str, out: Path) -> Path | None:
    """Write ``facts.json`` into ``out`` if the system's ``live.py`` has FACTS."""
    facts = getattr(_live(system), "FACTS", None)
    if facts is None:
        return None
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
    """The ONNX graph of ``model`` with one input ``image`` (batch axis free) and the named outputs, without weights."""
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

        def forward(self, image: Tensor) -> tuple[Tensor, ...]:
            return live.forward(self.model, image)

    free = {0: torch.export.Dim("batch", min=1, max=64)}
    shape = [2, *live.image]
    if live.widening:
        free[3] = live.widening * torch.export.Dim("step", min=shape[3] // live.widening, max=64)
        shape[3] *= 2  # the exporter fixes what looks like a special case
    with _quiet():
        program = torch.onnx.export(
            Shown().eval(), (torch.zeros(*shape),), input_names=["image"], output_names=list(live.outputs),
            opset_version=OPSET, dynamo=True, optimize=False, dynamic_shapes=(free,), verbose=False,
        )  # fmt: skip
    assert program is not None
    return _strip(program.model_proto, set(model.state_dict()))


def golden(model: nn.Module, live: Live) -> dict[str, Any]:
    """A made-up input and the model's answers: ``{"inputs": {"image": ...}, "outputs": {name: ...}}``.

    Each is ``{shape, every, values}``, where ``values`` are every ``every``-th of the flattened tensor.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, *live.image, generator=generator) * (live.high - live.low) + live.low
    x = torch.tensor(_values(x)["values"]).reshape(x.shape)  # the digits that are stored are what the model sees
    with torch.inference_mode():
        answers = dict(zip(live.outputs, live.forward(model.eval(), x), strict=True))
    outputs = {name: _values(answer, -(-answer.numel() // GOLDEN_VALUES)) for name, answer in answers.items()}
    return {"inputs": {"image": _values(x)}, "outputs": outputs}


def fill_graph(graph: bytes, state: Mapping[str, np.ndarray]) -> bytes:
    """Put the tensors of ``state`` into a graph that was exported without them; needs NumPy alone.

    An ONNX file is nested protocol buffers: every tensor without values gets them appended, and the length of what
    it lies in is written anew.

    Raises:
        ConvnetsError: ``state`` lacks a tensor of the graph, or has it in another shape.
    """
    missing = {name for name, value in state.items() if value.dtype.kind == "f"}  # a counter answers nothing

    def tensor(content: bytes) -> bytes:
        fields = list(_fields(content))
        name = next(bytes(value).decode() for number, value, _ in fields if number == _NAME)
        if any(number == _RAW_DATA for number, _, _ in fields):
            return content
        shape = tuple(value for number, value, _ in fields if number == _DIMS)
        if name not in state or state[name].shape != shape:
            found = state[name].shape if name in state else "missing"
            raise ConvnetsError(f"The graph needs `{name}` with shape {shape}, which is {found}: export it again.")
        missing.discard(name)
        return content + _field(_RAW_DATA, state[name].astype("<f4").tobytes())

    def inside(content: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
        return b"".join(
            _field(found, change(bytes(value))) if found == number else whole
            for found, value, whole in _fields(content)
        )

    filled = inside(graph, _GRAPH, lambda content: inside(content, _INITIALIZER, tensor))
    if missing:
        raise ConvnetsError(f"The graph has no place for `{min(missing)}`: export it again.")
    return filled


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
    return proto.SerializeToString(deterministic=True)


def _fields(content: bytes) -> Iterator[tuple[int, Any, bytes]]:
    """Fields of one protocol buffer message: (number, value, the bytes of the whole field)."""
    place = 0
    while place < len(content):
        start = place
        tag, place = _varint(content, place)
        value: Any
        if tag & 7 == 0:
            value, place = _varint(content, place)
        else:
            size, place = _varint(content, place) if tag & 7 == 2 else ({1: 8, 5: 4}[tag & 7], place)
            value, place = content[place : place + size], place + size
        yield tag >> 3, value, content[start:place]


def _field(number: int, value: bytes) -> bytes:
    return _pack(number << 3 | 2) + _pack(len(value)) + value


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def _pack(value: int) -> bytes:
    content = bytearray()
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    return bytes([*content, value])


def _values(x: Tensor, every: int = 1) -> dict[str, Any]:
    values = [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in x.flatten()[::every].tolist()]
    return {"shape": list(x.shape), "every": every, "values": values}


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
