"""The world of bars."""

from __future__ import annotations

import pytest
import torch

from convnets.common.errors import ConvnetsError
from press.publish.thin import data


def test_the_data_are_the_same_every_time_and_hold_one_bar() -> None:
    drawn = data.draw(30, seed=1, noise=0)
    assert torch.equal(drawn.images, data.draw(30, seed=1, noise=0).images)
    assert ((drawn.images > 0).sum((1, 2)) == data.LENGTH).all()
    with pytest.raises(ConvnetsError, match="no split 'all'"):
        data.load("all")
