"""AlexNet against the paper's numbers, torchvision's network and PyTorch's own layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convnets.alexnet import model
from convnets.alexnet.model import ERRORS, LAYERS, NEURONS, AlexNet, from_torchvision, one_tower
from convnets.alexnet.small import response_norm

PARAMETERS = {
    "conv1": 34_944, "conv2": 307_456, "conv3": 885_120, "conv4": 663_936, "conv5": 442_624,
    "dense6": 37_752_832, "dense7": 16_781_312, "scores": 4_097_000,
}  # fmt: skip


def counted(net: nn.Module) -> dict[str, int]:
    return {name: sum(one.numel() for one in part.parameters()) for name, part in net.named_children()}


def test_every_layer_has_the_parameters_of_the_paper() -> None:
    with torch.device("meta"):
        net = AlexNet()
    assert counted(net) == PARAMETERS == {layer.name: layer.parameters for layer in LAYERS}
    assert sum(PARAMETERS.values()) == 60_965_224
    assert model.table()[-1].parameters == 60_965_224


def test_sizes_and_multiply_adds_are_those_of_a_crop_on_its_way() -> None:
    with torch.device("meta"):
        net = AlexNet()
        sizes, products = {}, {}
        for name, part in net.named_children():

            def note(part: nn.Module, _: object, out: torch.Tensor, name: str = name) -> None:
                sizes[name] = out.shape[-1] if out.ndim == 4 else 1
                products[name] = part.weight[0].numel() * out[0].numel()  # type: ignore[operator, index]

            part.register_forward_hook(note)
        assert net(torch.zeros(1, 3, 224, 224)).shape == (1, 1000)
    assert sizes == {layer.name: layer.size for layer in LAYERS}
    assert products == {layer.name: layer.multiply_adds for layer in LAYERS}
    assert sum(products.values()) == 724_406_816 == model.table()[-1].multiply_adds


def test_the_caption_of_figure_2_counts_half_of_the_first_layer_s_rows() -> None:
    inside = [layer.maps * layer.size**2 for layer in LAYERS]
    assert [*NEURONS[2:]] == inside[1:]
    assert NEURONS[0] == 224 * 224 * 3
    assert NEURONS[1] == 55 * 48 * 96 != inside[0] == 290_400
    assert sum(inside) == 659_272  # "650,000 neurons"


def test_two_convolutions_hold_more_than_the_one_percent_that_the_paper_grants_them() -> None:
    shares = {name: count / sum(PARAMETERS.values()) for name, count in PARAMETERS.items() if name.startswith("conv")}
    assert {name for name, share in shares.items() if share > 0.01} == {"conv3", "conv4"}
    assert sum(shares.values()) < 0.04  # all else is dense


def test_the_three_error_rates_are_told_apart() -> None:
    top5 = {(error.nets, error.more_data): (error.top5_validation, error.top5_test) for error in ERRORS}
    assert top5[1, False] == (18.2, None)
    assert top5[5, False] == (16.4, 16.4)
    assert top5[7, True] == (15.4, 15.3)


def test_weights_and_biases_begin_as_in_section_5() -> None:
    torch.manual_seed(0)
    net = AlexNet(dense=64, classes=10)
    for layer in LAYERS:
        part = net.get_submodule(layer.name)
        assert float(part.weight.detach().std()) == pytest.approx(0.01, rel=0.05)  # type: ignore[operator, union-attr]
        assert (part.bias == layer.bias).all()  # type: ignore[union-attr]
    assert [layer.name for layer in LAYERS if layer.bias] == ["conv2", "conv4", "conv5", "dense6", "dense7"]


def test_towers_meet_in_the_third_convolution_and_nowhere_before() -> None:
    torch.manual_seed(0)
    net = AlexNet(dense=8, classes=2, crop=63).eval()
    x = 50 * torch.randn(1, 3, 63, 63)
    seen: dict[str, torch.Tensor] = {}
    for name in ("conv2", "conv3", "conv5"):
        net.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: seen.__setitem__(name, out))
    net(x)
    before = dict(seen)
    with torch.no_grad():
        net.conv1.weight[:48] *= 1.5  # type: ignore[index, union-attr]
    net(x)
    assert torch.equal(before["conv2"][:, 128:], seen["conv2"][:, 128:])
    assert not torch.equal(before["conv2"][:, :128], seen["conv2"][:, :128])
    assert not torch.equal(before["conv3"][:, 192:], seen["conv3"][:, 192:])


def test_response_normalisation_is_the_sum_of_section_3_3() -> None:
    a = 40 * torch.randn(2, 8, 3, 4, generator=torch.Generator().manual_seed(0))
    wanted = torch.empty_like(a)
    for i in range(8):
        near = range(max(0, i - 2), min(7, i + 2) + 1)
        wanted[:, i] = a[:, i] / (2 + 1e-4 * sum(a[:, j] ** 2 for j in near)) ** 0.75
    assert torch.allclose(response_norm(a, 1e-4), wanted, rtol=1e-5)
    assert torch.allclose(F.local_response_norm(a, 5, 5 * 1e-4, 0.75, 2.0), wanted, rtol=1e-5)
    assert not torch.allclose(F.local_response_norm(a, 5, 1e-4, 0.75, 2.0), wanted, rtol=1e-2)  # the mean, not the sum
    assert torch.allclose(response_norm(a, 1e-4, beta=0.5), a * (wanted / a) ** (2 / 3), rtol=1e-4)


def test_one_tower_is_torchvision_s_network() -> None:
    from convnets.common.vision import torchvision

    with torch.device("meta"):
        theirs, ours = torchvision.models.alexnet(), one_tower()
    assert sum(one.numel() for one in ours.parameters()) == 61_100_840
    assert {name: one.shape for name, one in from_torchvision(theirs.state_dict()).items()} == {
        name: one.shape for name, one in ours.state_dict().items()
    }


def test_one_tower_answers_as_torchvision_s_network_with_its_weights() -> None:
    from convnets.common.vision import torchvision

    torch.manual_seed(0)
    theirs, ours = torchvision.models.alexnet().eval(), one_tower().eval()
    ours.load_state_dict(from_torchvision(theirs.state_dict()))
    x = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), rtol=1e-5, atol=1e-6)


def test_dropout_silences_the_units_it_is_told_to_and_none_in_the_test() -> None:
    torch.manual_seed(0)
    net, x = AlexNet(dense=6, classes=3, crop=63), torch.randn(4, 3, 63, 63)
    every = torch.ones(4, 6, dtype=torch.bool)
    silent = net.train()(x, (every, ~every))
    assert torch.allclose(silent, net.scores.bias.expand(4, 3))  # type: ignore[operator, union-attr]
    assert torch.equal(net.eval()(x), net.eval()(x))
    first, second = net.train()(x), net(x)
    assert not torch.equal(first, second)


def test_a_crop_that_is_too_small_is_told() -> None:
    with pytest.raises(ValueError, match="crops of 32 pixels are too small for AlexNet"):
        AlexNet(crop=32)
