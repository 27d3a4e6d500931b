"""PilotNet as its paper prints it, and VisualBackProp against receptive fields counted by hand."""

from __future__ import annotations

import pytest
import torch

from convnets.common.errors import ConvnetsError
from convnets.driving.pilot import Pilot, evidence, moved, table, yuv


def test_the_network_has_the_parameters_and_connections_of_the_paper() -> None:
    """About 250 thousand and about 27 million, says section 4; exactly these, say its sizes."""
    layers = table()
    assert sum(layer.parameters for layer in layers) == 252_219
    assert sum(layer.connections for layer in layers) == 26_983_375
    network = Pilot()
    assert sum(one.numel() for one in network.parameters()) == 252_219
    assert [layer.parameters for layer in layers] == [1824, 21636, 43248, 27712, 36928, 115300, 5050, 510, 11]


def test_a_layer_of_1164_neurons_would_contradict_the_papers_count() -> None:
    last = table()[4]
    flat = last.maps * last.height * last.width
    assert flat == 1152
    convolutions = sum(layer.parameters for layer in table()[:5])
    dense = 1164 * (flat + 1) + 100 * 1165 + sum(layer.parameters for layer in table()[6:])
    assert convolutions + dense == 1_595_511


def test_the_maps_are_those_of_figure_4() -> None:
    assert [(layer.maps, layer.height, layer.width) for layer in table()[:5]] == [
        (24, 31, 98), (36, 14, 47), (48, 5, 22), (64, 3, 20), (64, 1, 18),
    ]  # fmt: skip
    maps = Pilot().maps(torch.rand(2, 3, 66, 200))
    assert [tuple(one.shape[1:]) for one in maps] == [(one.maps, one.height, one.width) for one in table()[:5]]
    assert all((one >= 0).all() for one in maps)
    with pytest.raises(ConvnetsError, match="3x66x100"):
        Pilot()(torch.zeros(1, 3, 66, 100))


def test_every_parameter_gets_a_gradient_and_the_answer_is_one_number() -> None:
    torch.manual_seed(0)
    network = Pilot()
    found = network(torch.rand(4, 3, 66, 200))
    assert found.shape == (4,) and len(set(found.tolist())) == 4
    found.sum().backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in network.parameters())


def test_grey_has_no_colour_and_red_has_the_norms_planes() -> None:
    grey, red = torch.full((1, 3, 1, 1), 100), torch.tensor([255, 0, 0]).view(1, 3, 1, 1)
    assert torch.allclose(yuv(grey.byte()).flatten(), torch.tensor([100 / 255, 0.5, 0.5]))
    assert torch.allclose(yuv(red.byte()).flatten(), torch.tensor([0.299, 0.5 - 0.299 / 1.772, 1.0]), atol=1e-6)


@pytest.mark.parametrize("unit", [0, 9, 17])
def test_evidence_of_one_unit_fills_its_receptive_field(unit: int) -> None:
    """A unit of the last convolution sees 61 columns, and its neighbour begins 8 farther on."""
    maps = [torch.ones(1, one.maps, one.height, one.width) for one in table()[:5]]
    maps[-1].zero_()[0, :, 0, unit] = 1.0
    found = evidence(maps)
    assert found.shape == (1, 66, 200) and found.min() == 0 and found.max() == 1
    columns = (found[0].sum(0) > 0).nonzero().flatten().tolist()
    assert columns == list(range(8 * unit, 8 * unit + 61))
    assert (found[0].sum(1) > 0).nonzero().flatten().tolist() == list(range(61))


def test_evidence_is_where_all_layers_answer() -> None:
    """Where the first maps are silent there is none, though the last ones answer everywhere."""
    maps = [torch.ones(2, one.maps, one.height, one.width) for one in table()[:5]]
    maps[0][0, :, :, 49:] = 0.0
    found = evidence(maps)
    assert found[0, :, 2 * 48 + 5 :].max() == 0 < found[0, :30, :90].min()
    assert (found[1, 20:40, : 8 * 17 + 61] > 0).all(), "and the other picture of the batch has its own"
    assert (found[1, :, 8 * 17 + 61 :] == 0).all(), "no unit sees the last three columns"


def test_what_moves_is_the_part_that_is_asked_for() -> None:
    torch.manual_seed(1)
    network, planes = Pilot(), torch.rand(3, 3, 66, 200)
    still = moved(network, planes, pixels=0)
    assert 0 < still.share < 1 and still[1:] == (0, 0, 0)
    with torch.no_grad():
        whole = float((network(planes.roll(5, 3)) - network(planes)).mean())
    every = moved(network, planes, pixels=5, least=0.0)
    assert every.share == 1 and every.rest == 0
    assert every.whole == every.evidence == pytest.approx(whole, rel=1e-3, abs=1e-7) and whole != 0
    part = moved(network, planes, pixels=5, least=0.5, around=0)
    assert part.share < 0.7 and 0 not in part and part.evidence != part.whole == every.whole


def test_a_part_moves_over_the_rest() -> None:
    """A network that weighs one column: it sees what came there, and only if that belongs to the part."""

    class Column(Pilot):
        def maps(self, planes: torch.Tensor) -> list[torch.Tensor]:
            found = [torch.zeros(1, one.maps, one.height, one.width) for one in table()[:5]]
            for one in found:
                one[..., : one.shape[3] // 4] = 1.0  # evidence on the left
            return found

        def forward(self, planes: torch.Tensor) -> torch.Tensor:
            return planes[:, 0, 33, 30]

        def steered(self, last: torch.Tensor) -> torch.Tensor:
            return picture[:, 0, 33, 30]

    picture = torch.zeros(1, 3, 66, 200)
    picture[0, 0, 33, 20] = 1.0
    found = moved(Column(), picture, pixels=10, least=0.01, around=0)
    assert found.whole == found.evidence == 1 and found.rest == 0
