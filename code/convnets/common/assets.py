"""The asset store: everything that was computed for a chapter, read through one door.

Readers go through :func:`read_bytes`, which notes what was opened and its digest: the press uses these notes to
know on which assets a chapter's stored outputs depend. Of a run record only what a page may show is in that digest.
Weights may lie there packed (:mod:`convnets.common.gzipped`), which no name, digest or note tells.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convnets.common import forms, gzipped
from convnets.common.errors import ConvnetsError

if TYPE_CHECKING:
    from torch import Tensor, nn

UNSHOWN = frozenset({"code", "fingerprint", "key", "schema"})
"""Fields of a run record that no page is given: they are for comparing code with code."""

_RECORD = re.compile(r"\w+/runs/[^/]+\.json")
_NUMBERS = re.compile(r"\[\n[\d\s.,eE+-]+\]")
_opened: dict[str, str] = {}


def root() -> Path:
    """Folder that holds one sub-folder per system.

    ``$CONVNETS_ASSETS`` if set, else ``assets/`` of the checkout, else the copy inside the installed package.
    """
    if chosen := os.environ.get("CONVNETS_ASSETS"):
        return Path(chosen)
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    if package.parent.name == "code" and (checkout / "pyproject.toml").is_file():
        return checkout / "assets"
    return package / "assets"


def path(system: str, *parts: str) -> Path:
    """Where an asset of ``system`` lies or would lie."""
    return root().joinpath(system, *parts)


def read_bytes(system: str, name: str) -> bytes:
    """Content of ``assets/<system>/<name>``, noted as opened.

    Raises:
        ConvnetsError: the file is missing or cannot be read.
    """
    file = path(system, *name.split("/"))
    command = f"export {system} --samples" if name.startswith("samples.") else f"train {system}"
    content = read_file(file, f"restore it from the repository or compute it with `convnets {command}`")
    _opened[f"{system}/{name}"] = digest(f"{system}/{name}", content)
    return content


def read_file(file: Path, remedy: str = "restore it from the repository") -> bytes:
    """Content of a regular file, unpacked where it is stored packed, not noted; ``remedy`` is for the message.

    Raises:
        ConvnetsError: it is missing, something else than a file, damaged as packed, or cannot be read.
    """
    place = file
    try:
        place = gzipped.stored(file)
        if place.exists() and not place.is_file():  # a pipe would make us wait for ever
            raise OSError(0, "it is no regular file")
        content = place.read_bytes()
        return content if place == file else gzipped.unpack(content)
    except (OSError, ValueError) as error:  # ValueError: the name holds a zero
        why = getattr(error, "strerror", None) or error
        raise ConvnetsError(f"The asset {place} cannot be read ({why}): {remedy}.") from error


def read_json(system: str, name: str) -> Any:
    """Parsed JSON asset; raises :class:`ConvnetsError` naming the file when it is garbled."""
    return forms.parse(read_bytes(system, name), path(system, *name.split("/")))


def digest(name: str, content: bytes) -> str:
    """What a page's key holds of the asset ``name``: its SHA-256, of a run record that of what a page can show."""
    if _RECORD.fullmatch(name):
        with suppress(ConvnetsError):  # what is damaged is told when it is read
            record = forms.parse(content, Path(name))
            if isinstance(record, dict):
                shown = {field: value for field, value in record.items() if field not in UNSHOWN}
                content = json.dumps(shown, sort_keys=True).encode()
    return sha256(content)


def is_changed(name: str, then: str, folder: Path | None = None) -> bool:
    """Whether the asset ``name`` (``system/file``) in ``folder`` is gone or has another digest than ``then``."""
    try:
        return digest(name, read_file((folder or root()) / name)) != then
    except ConvnetsError:
        return True


def opened() -> dict[str, str]:
    """``{"system/name": sha256}`` of the assets read so far in this process."""
    return dict(_opened)


def note(more: dict[str, str]) -> None:
    """Add ``more`` to the notes that :func:`opened` returns."""
    _opened.update(more)


def forget() -> None:
    """Clear the notes that :func:`opened` returns."""
    _opened.clear()


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()


def _clear(file: Path) -> None:
    """Delete what killed processes left when they were writing ``file``."""
    for left in file.parent.glob(f".{glob.escape(file.name)}.*-*") if os.name == "posix" else ():
        process = left.name.rpartition(".")[2].partition("-")[0]
        try:
            os.kill(int(process), 0)  # asks only whether it is there
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (ValueError, OSError):  # no name of ours, or somebody else's process
            continue


def write_atomic(file: Path, content: bytes) -> None:
    """Write ``content`` to ``file`` so that a reader or a kill sees the old file or the new one, never a part.

    Raises:
        ConvnetsError: the disk is full or the folder cannot be written; an existing file is left as it was.
    """
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _clear(file)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.{os.getpid()}-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)  # mkstemp makes private files; assets are for every reader
        os.replace(temporary, file)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise ConvnetsError(
            f"{file} could not be written ({error.strerror}): free space or choose another folder; "
            "what was there before is unchanged."
        ) from error


def write_weights(file: Path, content: bytes) -> None:
    """:func:`write_atomic` of weights called ``file``, packed where that saves enough; the other form goes.

    A kill between the two leaves both forms. The plain one is then read: the old weights or the new ones, whole.

    Raises:
        ConvnetsError: as :func:`write_atomic`, or the other form cannot be deleted.
    """
    packed = gzipped.pack(content)
    chosen, other = (file, gzipped.name(file)) if packed is None else (gzipped.name(file), file)
    write_atomic(chosen, content if packed is None else packed)
    try:
        other.unlink(missing_ok=True)
    except OSError as error:
        raise ConvnetsError(f"{other} cannot be deleted ({error.strerror}): delete it, for it is replaced.") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within it, no other process that asks for the same is at work in ``folder``, which is made if need be.

    Raises:
        ConvnetsError: the folder cannot be made or opened.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ConvnetsError(f"{folder} cannot be used ({error.strerror}): choose another folder.") from error
    try:
        with suppress(ImportError, OSError):  # where a system lacks it, or a network's disk: as before there was one
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which lets go


def write_json(file: Path, value: Any) -> None:
    """:func:`write_atomic` of ``value`` as indented JSON, numbers of a list on one line, with a final newline.

    Raises:
        ConvnetsError: a number is infinite or NaN, for which JSON has no word.
    """
    try:
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ConvnetsError(
            f"{file.name} was not written, for it would hold NaN or infinity: look at what gave them."
        ) from error
    text = _NUMBERS.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text)
    write_atomic(file, (text + "\n").encode())


def read_tensors(content: bytes, file: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file's ``content``, float16 widened to float32; ``file`` is for messages.

    Raises:
        ConvnetsError: the content is not safetensors.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError, OverflowError, RuntimeError) as error:
        kind = "a pickle, which is never opened here" if _looks_pickled(content) else "damaged or cut short"
        raise ConvnetsError(
            f"{file} is not a safetensors file: it is {kind}; restore it from the repository or train again."
        ) from error
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def fill(model: nn.Module, state: dict[str, Tensor], file: Path) -> None:
    """Copy ``state`` into ``model`` after checking names, shapes, types and finiteness; untouched on error."""
    expected = model.state_dict()
    for name in sorted(expected.keys() ^ state.keys()):
        word = "lacks" if name in expected else "has the unknown tensor"
        raise ConvnetsError(f"{file} {word} `{name}`: it holds the weights of another network than {_name(model)}.")
    for name, tensor in state.items():
        if tensor.shape != expected[name].shape:
            raise ConvnetsError(
                f"{file} holds `{name}` with shape {tuple(tensor.shape)} where {_name(model)} needs "
                f"{tuple(expected[name].shape)}: it belongs to another network."
            )
        if tensor.dtype != expected[name].dtype and not (
            tensor.is_floating_point() and expected[name].is_floating_point()
        ):
            raise ConvnetsError(
                f"{file} holds `{name}` as {tensor.dtype} where {_name(model)} needs {expected[name].dtype}: "
                "it is damaged or belongs to another network; restore it from the repository or train again."
            )
        if not tensor.isfinite().all():
            raise ConvnetsError(f"{file} holds `{name}` with values that are not finite: train it again.")
    model.load_state_dict(state)


def _name(model: nn.Module) -> str:
    return type(model).__name__


def _looks_pickled(content: bytes) -> bool:
    return content[:1] == b"\x80" or content[:4] == b"PK\x03\x04"
