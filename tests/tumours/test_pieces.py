"""Tiles, deformation, the weight map: what surrounds the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convnets.common import masks
from convnets.common.errors import ConvnetsError
from convnets.tumours import borders, nets, tiles, warp
from convnets.tumours.model import Unet, sides


def test_tiles_have_no_seams(seed: int) -> None:
    """A picture that is larger than a tile gets the answer that one pass over all of it would give."""
    torch.manual_seed(seed)
    network = Unet((3, 4, 5), dropout=0.0).eval().double()
    x = torch.rand(1, 1, 60, 44, dtype=torch.double)
    margin = 20
    whole = network(tiles.mirrored(x, margin, margin, margin, margin))
    found = tiles.laid(network, x, 52, 12)
    assert found.shape == (1, 2, 60, 44)
    torch.testing.assert_close(found, whole)


def test_edges_are_mirrored_however_small_the_picture() -> None:
    x = torch.arange(3.0).reshape(1, 1, 1, 3)
    wide = tiles.mirrored(x, 4, 3, 1, 2)[0, 0]
    assert wide.tolist() == [[0, 1, 2, 1, 0, 1, 2, 1, 0, 1]] * 4
    np.testing.assert_array_equal(
        tiles.mirrored(torch.arange(20.0).reshape(1, 1, 4, 5), 2, 3, 2, 1)[0, 0],
        np.pad(np.arange(20).reshape(4, 5), ((2, 1), (2, 3)), mode="reflect"),
    )


def test_tiles_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConvnetsError, match="answers for 12"):
        tiles.laid(lambda x: x, torch.zeros(1, 1, 9, 9), 15, 12)
    with pytest.raises(ConvnetsError, match="no pixels"):
        tiles.laid(lambda x: x, torch.zeros(1, 1, 0, 9), 12, 12)


def test_the_published_tile_is_one_that_the_network_can_halve() -> None:
    assert sides(nets.TILE, 3)[-1] == nets.INNER


def test_no_displacement_changes_nothing_and_a_whole_one_shifts() -> None:
    x = torch.rand(2, 1, 8, 10)
    field = torch.zeros(2, 8, 10, 2)
    torch.testing.assert_close(warp.warped(x, field), x)
    field[..., 0] = 1
    torch.testing.assert_close(warp.warped(x, field)[..., :-1], x[..., 1:], atol=1e-5, rtol=1e-5)


def test_displacements_are_smooth_and_as_large_as_said(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    field = warp.displacements(400, 33, 33, 10.0, draw)
    assert field[:, ::16, ::16].std().item() == pytest.approx(10, rel=0.06), "at the points of the grid"
    assert (field[:, 1:] - field[:, :-1]).abs().max() < 6
    same = warp.displacements(2, 9, 9, 10.0, torch.Generator().manual_seed(seed))
    again = warp.displacements(2, 9, 9, 10.0, torch.Generator().manual_seed(seed))
    assert torch.equal(same, again)


def test_an_affine_turn_of_nothing_leaves_all_in_place(seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    assert warp.affine(3, 6, 7, draw, 0, 0, 0).abs().max() < 1e-5
    turned = warp.affine(50, 21, 21, draw, 0.2, 0.0, 0.0)
    far = turned.norm(dim=3)
    assert far[:, 10, 10].max() < 1e-4 and far[:, 0, 0].max() <= 2 * 14.2 * np.sin(0.1) + 1e-3


def test_eight_views_are_all_and_each_is_undone() -> None:
    x = torch.arange(9.0).reshape(3, 3)
    seen = {tuple(warp.turned(x, view).flatten().tolist()) for view in range(8)}
    assert len(seen) == 8
    wide = torch.rand(2, 1, 4, 6)
    assert all(torch.equal(warp.back(warp.turned(wide, view), view), wide) for view in range(8))


# The weight map


def test_between_two_cells_the_weight_is_that_of_equation_2() -> None:
    """Two half planes, a wall of w pixels between: d1 + d2 = w + 1 everywhere in it."""
    for wall in (1, 2, 5, 9):
        mask = torch.ones(1, 9, 40, dtype=torch.bool)
        mask[:, :, 12 : 12 + wall] = False
        found = borders.between(mask)[0]
        expected = torch.exp(torch.tensor(-((wall + 1) ** 2) / 50))
        torch.testing.assert_close(found[:, 12 : 12 + wall], expected.expand(9, wall))
        assert (found[:, :12] == 0).all() and (found[:, 12 + wall :] == 0).all()


def test_the_weight_map_is_that_of_a_plain_loop(seed: int) -> None:
    draw = np.random.default_rng(seed)
    mask = torch.from_numpy(draw.random((1, 14, 17)) < 0.55)
    names = masks.pieces(mask[0].numpy())
    expected = np.zeros(names.shape)
    for y, x in zip(*np.nonzero(names == 0), strict=True):
        far = sorted(
            min(np.hypot(y - v, x - u) for v, u in zip(*np.nonzero(names == name), strict=True))
            for name in range(1, names.max() + 1)
        )
        if len(far) > 1 and far[1] <= borders.REACH * borders.SIGMA:
            expected[y, x] = np.exp(-((far[0] + far[1]) ** 2) / (2 * borders.SIGMA**2))
    np.testing.assert_allclose(borders.between(mask)[0], expected, rtol=1e-5, atol=1e-7)


def test_a_single_cell_has_no_second_and_classes_are_balanced() -> None:
    mask = torch.zeros(1, 10, 10, dtype=torch.bool)
    mask[:, 2:5, 3:9] = True
    found = borders.weights(mask)
    torch.testing.assert_close(found[mask].sum(), found[~mask].sum())
    assert found.mean().item() == pytest.approx(1)
