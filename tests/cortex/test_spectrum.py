"""S1 through spectra answers as S1 by sums does, also where an image is black; and what a page shows is the model's."""

from __future__ import annotations

import pytest
import torch

from convnets import cortex
from convnets.cortex import early, spectrum
from convnets.cortex.live import LIVE, OUTPUTS, S2_BAND
from convnets.cortex.model import S1_TABLE, gabor_bank, s1
from convnets.cortex.shapes import SIDE, picture

TOLERANCE = 2e-6


def noise(seed: int, count: int = 2) -> torch.Tensor:
    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def night(seed: int) -> torch.Tensor:
    """Black, but for a lit corner and one faint pixel."""
    image = torch.zeros(1, 1, SIDE, SIDE)
    image[..., :30, :30] = noise(seed, 1)[..., :30, :30]
    image[..., 70, 70] = 1 / 255
    return image


@pytest.mark.parametrize("kind", ["noise", "thing", "flat", "black", "night"])
def test_spectra_give_the_sums(kind: str, seed: int) -> None:
    image = {
        "noise": noise(seed),
        "thing": picture("bird", x=0.3, turn=20),
        "flat": torch.full((1, 1, SIDE, SIDE), 0.7),
        "black": torch.zeros(1, 1, SIDE, SIDE),
        "night": night(seed),
    }[kind]
    banks = [gabor_bank(index) for index in range(len(S1_TABLE))]
    for bank, found in zip(banks, spectrum.s1_maps(image, banks), strict=True):
        expected = s1(image, bank)
        # a window that is black but for one faint pixel divides the rounding of the whole image by almost nothing
        atol = 1e-3 if kind == "night" else TOLERANCE
        torch.testing.assert_close(found, expected, rtol=0, atol=atol)


@torch.inference_mode()
def test_a_page_is_shown_what_the_model_answers(seed: int) -> None:
    model, image = cortex.load(), torch.cat([noise(seed), picture("house")])
    shown = dict(zip(OUTPUTS, LIVE["hmax"].forward(model, image), strict=True))
    cells, stages = early.retina(image), model.stages(image)
    expected = {"retina": cells, "lgn": early.lgn(cells), "v1": early.energy(image), "s2": stages.s2[S2_BAND]}
    expected |= {f"c1_{band}": maps for band, maps in enumerate(stages.c1)}
    expected |= {f"c2_{pair}": maps for pair, maps in enumerate(stages.c2)}
    expected |= {"c2b": stages.c2b, "c3": stages.c3, "s4": stages.s4, "scores": stages.scores}
    assert set(expected) == set(OUTPUTS)
    for name, answer in expected.items():
        assert (shown[name] - answer).abs().max() < 1e-4, name
