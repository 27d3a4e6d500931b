"""The landmarks: exact counts, the papers' own numbers, shapes, and torchvision's answers with the same weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from convnets.common.errors import ConvnetsError
from convnets.common.vision import torchvision
from convnets.imagenet import cost, model, residual, weights

COUNTS = {  # parameters, multiply-adds at 224 pixels
    "alexnet": (60_965_224, 724_406_816),
    "zfnet": (62_357_608, 1_168_032_896),
    "vgg11": (132_863_336, 7_609_090_048),
    "vgg13": (133_047_848, 11_308_466_176),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
    "googlenet": (6_998_552, 1_582_671_872),
    "googlenet-auxiliary": (13_378_280, 1_591_044_096),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet101": (44_549_160, 7_801_405_440),
    "resnet152": (60_192_808, 11_513_626_624),
    "resnext50-32x4d": (25_028_904, 4_230_479_872),
    "resnext101-32x8d": (88_791_336, 16_414_015_488),
    "resnext101-32x16d": (194_026_792, 36_163_289_088),
    "resnext101-32x32d": (468_530_472, 87_106_781_184),
    "resnext101-32x48d": (828_411_176, 153_310_199_808),
    "senet154": (115_088_984, 20_688_363_520),
}


def drawn(net: nn.Module) -> nn.Module:
    """``net``, built on the meta device, with cheap random weights that keep the size of what passes through."""
    net = net.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            if name.endswith(("running_var", "num_batches_tracked")) or (tensor.ndim == 1 and name.endswith("weight")):
                tensor.fill_(1)
            else:
                bound = (6 / tensor[0].numel()) ** 0.5 if tensor.ndim > 1 else 0.1
                tensor.uniform_(-bound, bound, generator=generator)
    return net.eval()


def test_every_landmark_is_counted_here() -> None:
    assert COUNTS.keys() == model.LANDMARKS.keys()


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_and_multiply_adds_to_the_last(name: str) -> None:
    net = model.build(name)
    assert (cost.parameters(net), cost.multiply_adds(net)) == COUNTS[name]


@pytest.mark.parametrize("name", weights.TORCHVISION)
def test_torchvision_counts_the_same(name: str) -> None:
    theirs = torchvision.models.get_model_weights(weights.TORCHVISION[name])["IMAGENET1K_V1"].meta
    parameters, adds = COUNTS[name]
    assert parameters == theirs["num_params"]
    assert adds / 1e9 == pytest.approx(theirs["_ops"], abs=6e-4)


@pytest.mark.parametrize(
    ("layers", "thousand_millions"), [(18, 1.8), (34, 3.6), (50, 3.8), (101, 7.6), (152, 11.3)]
)  # He et al. 2015, table 1
def test_resnets_cost_what_the_paper_says(layers: int, thousand_millions: float) -> None:
    with torch.device("meta"):
        found = cost.multiply_adds(model.ResNet(layers, early=True)) / 1e9
    assert found == pytest.approx(thousand_millions, rel=0.02)


@pytest.mark.parametrize(
    ("name", "thousand_millions"), [("8d", 16), ("16d", 36), ("32d", 87), ("48d", 153)]
)  # the table beside the published weights of Mahajan et al. 2018
def test_resnexts_cost_what_their_authors_say(name: str, thousand_millions: int) -> None:
    assert round(COUNTS[f"resnext101-32x{name}"][1] / 1e9) == thousand_millions


def test_the_authors_466_millions_are_the_network_without_its_classifier_but_no_rule_for_the_others() -> None:
    classifier = 2048 * 1000 + 1000
    without = {name: (COUNTS[f"resnext101-32x{name}"][0] - classifier) / 1e6 for name in ("16d", "32d", "48d")}
    assert round(without["32d"]) == 466
    assert (round(without["16d"]), round(without["48d"])) == (192, 826), "their table says 193 and 829"


def test_googlenets_table_is_the_papers() -> None:
    """Table 1 has for each inception the maps that come out, its multiply-adds in millions and thousands of weights."""
    net = model.build("googlenet")
    found = cost.layers(net)
    table = {
        "3a": (256, 159, 128), "3b": (480, 380, 304), "4a": (512, 364, 73), "4b": (512, 437, 88), "4c": (512, 463, 100),
        "4d": (528, 580, 119), "4e": (832, 840, 170), "5a": (832, 1072, 54), "5b": (1024, 1388, 71),
    }  # fmt: skip
    for name, (maps, thousands, millions) in table.items():
        inputs, one, _, three, _, five, pooled = model.INCEPTIONS[name]
        assert one + three + five + pooled == maps
        own = [layer for layer in found if layer.name.startswith(f"inceptions.{name}.")]
        counted = sum(layer.parameters for layer in own) / 1000
        assert counted == pytest.approx(thousands, rel=0.21), f"{name}: weights (the paper's 4a and 5a round freely)"
        assert sum(layer.multiply_adds for layer in own) / 1e6 == pytest.approx(millions, rel=0.06), name
        assert (
            inputs
            == next(module for key, module in net.named_modules() if key == f"inceptions.{name}.one.0").in_channels
        )


def test_googlenet_names_its_three_answers() -> None:
    net = drawn(model.build("googlenet-auxiliary"))
    x = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        found = net(x)
    assert found._fields == ("scores", "auxiliary1", "auxiliary2")
    assert [tuple(answer.shape) for answer in found] == [(1, 1000)] * 3
    assert not torch.equal(found.auxiliary1, found.auxiliary2)
    bare = model.GoogLeNet()
    missing = bare.load_state_dict(net.state_dict(), strict=False)
    assert not missing.missing_keys and all(key.startswith("auxiliary") for key in missing.unexpected_keys)
    with torch.inference_mode():
        assert torch.equal(bare.eval()(x), found.scores), "the heads change nothing but learning"


def test_an_inception_sees_five_pixels_and_no_more() -> None:
    block = drawn(model.Inception(4, 2, 3, 2, 3, 2, 2))
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.abs_()  # so that no unit is silent
    x = torch.rand(1, 4, 9, 9)
    changed = x.clone()
    changed[..., 2, 4] += 1  # two rows above the centre
    beyond = x.clone()
    beyond[..., 1, 4] += 1  # three
    with torch.inference_mode():
        centre, two, three = (block(given)[0, :, 4, 4] for given in (x, changed, beyond))
    assert torch.allclose(centre[:4], two[:4], atol=1e-6), "1x1 and 3x3 do not see it"
    assert (two[4:6] > centre[4:6] + 1e-3).all(), "5x5 does"
    assert torch.allclose(centre, three, atol=1e-6)


@pytest.mark.parametrize(("name", "size"), [("resnet18", 64), ("resnext50-32x4d", 64), ("vgg11", 32)])
def test_the_same_weights_give_torchvisions_answers(name: str, size: int) -> None:
    with torch.device("meta"):
        theirs = getattr(torchvision.models, weights.TORCHVISION[name])(weights=None)
    theirs = drawn(theirs)
    ours = model.build(name).eval()
    ours.load_state_dict(weights.renamed(theirs.state_dict()), assign=True)
    x = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        mine, other = ours(x), theirs(x)
    assert other.std() > 1e-3
    assert (mine - other).abs().max() <= 1e-5 * other.abs().max()


def test_senet_weighs_its_maps_by_what_all_of_them_hold() -> None:
    block = drawn(residual.Excited(256, 64, 1, shortcut=1))
    x = torch.rand(1, 256, 4, 4)
    with torch.inference_mode():
        block.conv3.weight.zero_()
        block.bn3.running_mean.zero_()
        block.bn3.bias.zero_()
        assert torch.equal(block(x), x), "nothing but the shortcut is left"
        block.bn3.bias.fill_(1.0)
        found = block(x) - x
        expected = torch.sigmoid(block.excite(torch.relu(block.squeeze(torch.ones(1, 256, 1, 1)))))
    assert torch.allclose(found, expected.expand_as(found), atol=1e-6)


def test_costs_are_gathered_by_the_size_of_maps() -> None:
    for name in ("googlenet", "resnet50"):
        net = model.build(name)
        groups = cost.groups(net)
        assert sum(group.multiply_adds for group in groups) == cost.multiply_adds(net)
        assert sum(group.parameters for group in groups) <= cost.parameters(net)
        assert [group.size for group in groups] == [112, 56, 28, 14, 7, 1]
    assert [group.maps for group in cost.groups(model.build("resnet50"))] == [64, 256, 512, 1024, 2048, 1000]
    assert sum(group.layers for group in cost.groups(model.build("resnet50"))) == 50 + 4, "four shortcuts have weights"


def test_counting_leaves_a_network_as_it_was() -> None:
    net = model.build("resnet18").train()
    cost.layers(net)
    assert net.training and not any(module._forward_hooks for module in net.modules())


def test_an_unknown_landmark_is_told_with_those_there_are() -> None:
    with pytest.raises(ConvnetsError, match="no landmark 'lenet5': choose one of alexnet, zfnet"):
        model.build("lenet5")
