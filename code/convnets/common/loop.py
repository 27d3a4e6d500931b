"""Device, checkpoints and rounding: what training rests on. The frame of a loop is ``common/training.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from convnets.common import assets
from convnets.common.errors import ConvnetsError

if TYPE_CHECKING:
    from lightning.fabric import Fabric

__all__ = ["Checkpoint", "make_fabric", "one_thread", "round_to_half", "stored_bytes"]


def make_fabric(device: str = "auto") -> Fabric:
    """Lightning Fabric on one device: ``auto`` (CUDA if there is one), ``cpu`` or ``cuda``.

    Raises:
        ConvnetsError: CUDA was asked for and is not there.
    """
    from convnets.common import vision  # noqa: F401  # Lightning imports torchvision, which may need this help

    # isort: split
    from lightning.fabric import Fabric

    if device == "cuda" and not torch.cuda.is_available():
        raise ConvnetsError("--device cuda was asked for, but PyTorch sees no CUDA device: use --device cpu.")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return Fabric(accelerator=device, devices=1, precision="32-true")


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one CPU thread as long as the block lasts, so that sums are added in one order on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def round_to_half(model: nn.Module) -> None:
    """Round all floating weights in place to float16 values, the precision that is stored."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().float())


def stored_bytes(model: nn.Module) -> bytes:
    """The model's weights as a safetensors file of float16 tensors; the same weights give the same bytes."""
    from safetensors.torch import save

    state = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).cpu().contiguous()
        for name, tensor in model.state_dict().items()
    }
    return save(state)


class Checkpoint:
    """One file that holds everything a killed run needs to go on: tensors, and notes as JSON.

    It is written atomically, so a kill leaves the previous state or the new one.
    """

    def __init__(self, file: Path, key: str) -> None:
        self.file = file
        self.key = key

    def save(self, models: dict[str, nn.Module], optimizer: Optimizer | None, notes: dict[str, Any]) -> None:
        """Store the state of ``models`` and ``optimizer`` (None: none is used) with JSON-able ``notes``."""
        from safetensors.torch import save

        tensors = {
            f"{name}.{key}": tensor for name, model in models.items() for key, tensor in model.state_dict().items()
        }
        for index, state in optimizer.state_dict()["state"].items() if optimizer else ():
            tensors |= {f"optimizer.{index}.{key}": tensor for key, tensor in state.items()}
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        metadata = {"key": self.key, "notes": json.dumps(notes)}
        assets.write_atomic(self.file, save(tensors, metadata))

    def load(self, models: dict[str, nn.Module], optimizer: Optimizer | None) -> dict[str, Any] | None:
        """Put a stored state back and return its notes; None if there is no checkpoint.

        Raises:
            ConvnetsError: the file is damaged, or belongs to another recipe, data set or code.
        """
        if not self.file.exists():
            return None
        tensors, metadata = self._read()
        if metadata.get("key") != self.key:
            raise ConvnetsError(
                f"The checkpoint {self.file} belongs to another recipe or other code: "
                "start again with --fresh, which deletes it."
            )
        for name, model in models.items():
            prefix = f"{name}."
            own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
            assets.fill(model, own, self.file)
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".", 2)
                states.setdefault(int(index), {})[key] = tensor
        if optimizer:
            optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
        return json.loads(metadata["notes"])

    def delete(self) -> None:
        """Forget the stored state."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.file, framework="pt") as stored:
                return {name: stored.get_tensor(name) for name in stored.keys()}, stored.metadata() or {}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ConvnetsError(
                f"The checkpoint {self.file} is damaged ({error}): start again with --fresh, which deletes it."
            ) from error
