"""The U-Net of 2015, layer by layer, and what its narrow members share with it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from convnets.common.errors import ConvnetsError
from convnets.tumours.model import WIDTHS, Unet, cropped, published, sides


def test_the_published_network_has_31_030_658_parameters() -> None:
    """By the table, and by the network itself, which the meta device builds without memory."""
    table = published()
    with torch.device("meta"):
        network = Unet()
    assert sum(layer.parameters for layer in table) == 31_030_658
    assert sum(one.numel() for one in network.parameters()) == 31_030_658
    assert len(table) == 23, "the paper counts 23 convolutional layers"
    convolutions = [one for one in network.modules() if isinstance(one, (nn.Conv2d, nn.ConvTranspose2d))]
    assert sorted(sum(p.numel() for p in one.parameters()) for one in convolutions) == sorted(
        layer.parameters for layer in table
    )


def test_the_sides_are_those_of_figure_1() -> None:
    down = [layer.side for layer in published() if layer.name.startswith("down")]
    assert down == [570, 568, 282, 280, 138, 136, 66, 64, 30, 28]
    ups = [layer.side for layer in published() if layer.name.startswith("up")]
    merged = [layer.side for layer in published() if layer.name.startswith("merge")]
    assert ups == [56, 104, 200, 392]
    assert merged == [54, 52, 102, 100, 198, 196, 390, 388]
    assert sides(572, 4) == [572, 568, 280, 136, 64, 28, 52, 100, 196, 388]
    with torch.device("meta"):
        assert Unet()(torch.zeros(1, 1, 572, 572)).shape == (1, 2, 388, 388)


def test_the_table_counts_other_widths_and_classes_too() -> None:
    network = Unet((3, 5, 7), classes=4)
    assert sum(layer.parameters for layer in published(44, 4, (3, 5, 7))) == sum(
        p.numel() for p in network.parameters()
    )
    assert published(44, 4, (3, 5, 7))[-1].side == network(torch.zeros(1, 1, 44, 44)).shape[2] == 4


@pytest.mark.parametrize("side", [571, 573, 570, 186, 20])
def test_a_side_that_cannot_be_halved_is_refused_and_one_that_can_is_named(side: int) -> None:
    with pytest.raises(ConvnetsError, match=r"give (\d+)") as told:
        sides(side, 4)
    fits = int(str(told.value).split("give ")[1].split(",")[0])
    assert side < fits <= 572 + 16 and sides(fits, 4)


def test_a_padded_network_keeps_the_size() -> None:
    network = Unet((4, 6, 8), padded=True, normalised=True)
    assert network(torch.zeros(2, 1, 16, 24)).shape == (2, 2, 16, 24)
    with pytest.raises(ConvnetsError, match="halved 2 times"):
        network(torch.zeros(2, 1, 18, 24))


def test_gates_of_one_change_nothing_and_a_shut_one_hides_its_level() -> None:
    torch.manual_seed(0)
    network = Unet((4, 6, 8), padded=True).eval()
    x = torch.rand(2, 1, 16, 16)
    whole = network(x)
    assert torch.equal(network(x, torch.ones(2, 2)), whole)
    for level in range(2):
        gates = torch.ones(2, 2)
        gates[:, level] = 0
        assert not torch.allclose(network(x, gates), whole)
    half = network(x, torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
    assert torch.allclose(half[0], whole[0], atol=1e-6) and not torch.allclose(half[1], whole[1])


def test_without_skips_fine_detail_has_no_short_way() -> None:
    bare, whole = Unet((4, 6, 8), padded=True, skips=False), Unet((4, 6, 8), padded=True)
    assert sum(p.numel() for p in bare.parameters()) < sum(p.numel() for p in whole.parameters())
    assert bare(torch.zeros(1, 1, 16, 16)).shape == (1, 2, 16, 16)


def test_a_pixel_of_the_answer_sees_its_surroundings_alone() -> None:
    """Valid convolutions: what lies beyond the receptive field has no say."""
    torch.manual_seed(1)
    network = Unet((8, 8, 8), dropout=0.0).eval().double()
    x = torch.rand(1, 1, 76, 76, dtype=torch.double, requires_grad=True)
    network(x)[0, 0, 0, 0].backward()
    assert x.grad is not None
    rows, columns = x.grad[0, 0].nonzero().T
    assert rows.max() <= 44 and columns.max() <= 44


def test_initial_weights_have_the_paper_s_variance() -> None:
    torch.manual_seed(2)
    layer = Unet((64, 128)).down[1][2]
    assert layer.weight.std().item() == pytest.approx((2 / (9 * 128)) ** 0.5, rel=0.02)


def test_the_middle_is_cropped() -> None:
    x = torch.arange(49.0).reshape(1, 1, 7, 7)
    assert cropped(x, 3, 3)[0, 0].tolist() == [[16, 17, 18], [23, 24, 25], [30, 31, 32]]


def test_the_widths_double() -> None:
    assert all(after == 2 * before for before, after in zip(WIDTHS, WIDTHS[1:], strict=False))
