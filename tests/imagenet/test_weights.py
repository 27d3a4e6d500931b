"""Weights that torchvision publishes: read from files made here, and wrong files told in one sentence."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from convnets.common.errors import ConvnetsError
from convnets.common.vision import torchvision
from convnets.imagenet import weights


@pytest.fixture(scope="module")
def theirs() -> nn.Module:
    torch.manual_seed(3)
    return torchvision.models.resnet18(weights=None).eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, theirs: nn.Module) -> Path:
    place = tmp_path_factory.mktemp("weights")
    state = theirs.state_dict()
    torch.save(state, place / "resnet18.pth")
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, place / "resnet18.safetensors")
    return place


@pytest.mark.parametrize("file", ["resnet18.pth", "resnet18.safetensors"])
def test_a_published_file_gives_torchvisions_answers(folder: Path, theirs: nn.Module, file: str) -> None:
    ours = weights.load("resnet18", folder / file)
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_files_from_before_batches_were_counted_are_read(folder: Path, theirs: nn.Module) -> None:
    state = {name: tensor for name, tensor in theirs.state_dict().items() if "num_batches" not in name}
    torch.save(state, folder / "old.pth")
    ours = weights.load("resnet18", folder / "old.pth")
    assert torch.equal(ours.conv1.weight, theirs.conv1.weight)


class Trap:
    """What a pickle could do."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('a pickle ran')",))


def test_wrong_files_are_told_in_one_sentence(folder: Path, theirs: nn.Module) -> None:
    state: dict[str, Tensor] = dict(theirs.state_dict())
    (folder / "text.pth").write_text("no weights")
    (folder / "trap.pth").write_bytes(pickle.dumps(Trap(), protocol=2))
    torch.save([1, 2], folder / "list.pth")
    torch.save({name: tensor for name, tensor in state.items() if name != "fc.bias"}, folder / "short.pth")
    torch.save(state | {"fc.weight": torch.zeros(10, 512), "fc.bias": torch.zeros(10)}, folder / "ten.pth")
    torch.save(state | {"conv1.weight": torch.full((64, 3, 7, 7), torch.nan)}, folder / "nan.pth")
    (folder / "cut.safetensors").write_bytes((folder / "resnet18.safetensors").read_bytes()[:5000])
    told = {
        "missing.pth": "cannot be read .*: give the path of a file that torchvision publishes",
        "text.pth": "text.pth is no PyTorch file of plain tensors",
        "trap.pth": "trap.pth is no PyTorch file of plain tensors",
        "list.pth": "holds list, not a state dict",
        "short.pth": "short.pth lacks `classifier.bias`: it holds the weights of another network",
        "ten.pth": "shape \\(10, 512\\) where ResNet needs \\(1000, 512\\)",
        "nan.pth": "values that are not finite",
        "cut.safetensors": "not a safetensors file",
    }
    for file, message in told.items():
        with pytest.raises(ConvnetsError, match=message) as caught:
            weights.load("resnet18", folder / file)
        assert "\n" not in str(caught.value), file
    with pytest.raises(ConvnetsError, match="lacks `stages.0.2.bn1.bias`"):
        weights.load("resnet34", folder / "resnet18.pth")


def test_networks_that_torchvision_has_otherwise_or_not_at_all_are_refused(folder: Path) -> None:
    for name in ("googlenet", "zfnet", "resnext101-32x48d", "senet154"):
        with pytest.raises(ConvnetsError, match=f"publishes no weights of '{name}' as its paper has it"):
            weights.load(name, folder / "resnet18.pth")
