"""Weights put into an ONNX file that was exported without them; needs NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from convnets.common.errors import ConvnetsError

__all__ = ["fill_graph"]

# Numbers of the fields of ONNX's protocol buffers that are needed here (onnx.proto, ModelProto to TensorProto).
_GRAPH, _INITIALIZER, _DIMS, _NAME, _RAW_DATA = 7, 5, 1, 8, 9


def fill_graph(graph: bytes, state: Mapping[str, np.ndarray]) -> bytes:
    """Put the tensors of ``state`` into a graph that was exported without them.

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
        kind = "<f4" if state[name].dtype.kind == "f" else state[name].dtype.newbyteorder("<")
        return content + _field(_RAW_DATA, state[name].astype(kind).tobytes())

    def inside(content: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
        return b"".join(
            _field(found, change(bytes(value))) if found == number else whole
            for found, value, whole in _fields(content)
        )

    filled = inside(graph, _GRAPH, lambda content: inside(content, _INITIALIZER, tensor))
    if missing:
        raise ConvnetsError(f"The graph has no place for `{min(missing)}`: export it again.")
    return filled


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
