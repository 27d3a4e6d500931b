"""GTSRB: what is read, how it is divided by track, and what is told of damaged archives, tables and photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convnets.common.errors import ConvnetsError
from convnets.signs import data
from convnets.signs.data import Signs

HEAD = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"


def archives(folder: Path, tracks: int = 3) -> Path:
    """Both archives in small: three classes, so many tracks of four frames each; all frames of a track are alike."""
    labels = np.repeat(np.array([14, 1, 33], np.uint8), 4 * tracks)
    track = np.tile(np.repeat(np.arange(tracks, dtype=np.uint16), 4), 3)
    images = (labels[:, None, None, None] * 5 + track[:, None, None, None].astype(np.uint8)).astype(np.uint8)
    images = np.broadcast_to(images, (len(labels), 32, 32, 3)).copy()
    folder.mkdir(parents=True, exist_ok=True)
    frame = np.tile(np.arange(4, dtype=np.uint8), 3 * tracks)
    np.savez(folder / "gtsrb_train_32x32.npz", images=images, labels=labels, track=track, frame=frame)
    np.savez(folder / "gtsrb_test_32x32.npz", images=images[:7], labels=labels[:7])
    return folder


def official(folder: Path) -> Path:
    """GTSRB as torchvision keeps it: class 14 with two tracks, class 2 with one, and three test photographs."""
    for label, track, frame, grey in ((14, 0, 0, 10), (14, 0, 29, 20), (14, 1, 3, 30), (2, 0, 7, 40)):
        place = folder / "gtsrb" / "GTSRB" / "Training" / f"{label:05d}"
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (15 + frame, 18), (grey, 0, 255)).save(place / f"{track:05d}_{frame:05d}.ppm")
    tests = folder / "gtsrb" / "GTSRB" / "Final_Test" / "Images"
    tests.mkdir(parents=True)
    rows = [HEAD]
    for index, label in enumerate((2, 14, 14)):
        Image.new("RGB", (60, 50), (0, label, 0)).save(tests / f"{index:05d}.ppm")
        rows.append(f"{index:05d}.ppm;60;50;5;5;55;45;{label}")
    (folder / "gtsrb" / "GT-final_test.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_the_real_set_is_what_it_was_and_no_track_is_on_both_sides() -> None:
    parts = data.split()
    assert parts.digest == data.DIGEST
    assert [len(part.labels) for part in parts] == [18_344, 1_260, 6_315]
    assert len(set(data.groups(parts.validation))) == 84 and len(set(data.groups(parts.train))) == 1307 - 84
    assert parts.validation.labels.unique().numel() == parts.train.labels.unique().numel() == len(data.CLASSES) == 43
    assert data.held_out(data.load("train")) == 1_260
    assert (parts.test.tracks == -1).all()
    families = sorted(label for labels in data.GROUPS.values() for label in labels)
    assert families == list(range(43)), "every sign belongs to one family"


def test_tracks_stay_whole_and_one_that_is_split_is_refused(tmp_path: Path) -> None:
    parts = data.split(str(archives(tmp_path)))
    assert not set(data.groups(parts.train)) & set(data.groups(parts.validation))
    assert len(parts.validation.labels) == 3 * 4 and parts.digest != data.DIGEST
    leaky = parts._replace(validation=parts.train.take(torch.tensor([0])))
    with pytest.raises(ConvnetsError, match=r"Track \d of class 14 lies in the training and in the validation set"):
        data.checked(leaky)


def test_a_class_with_a_single_track_stays_in_training(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="The validation set holds no example"):
        data.split(str(archives(tmp_path, tracks=1)))
    one = data.load("train", archives(tmp_path, tracks=1))
    assert data.held_out(one) == 0


def test_a_share_of_the_tracks_is_a_share_of_each_class() -> None:
    labels = torch.arange(2).repeat_interleave(100)
    signs = Signs(torch.zeros(200, 3, 32, 32, dtype=torch.uint8), labels, torch.arange(100).repeat(2) // 5, False)
    quarter = data.part_of(signs, 0.25)
    assert quarter.labels.bincount().tolist() == [25, 25] and len(set(data.groups(quarter))) == 10
    assert data.part_of(signs, 1.0) is not quarter and len(data.part_of(signs, 1.0).labels) == 200
    assert set(data.groups(quarter)) <= set(data.groups(data.part_of(signs, 0.5))), "more tracks, the same among them"
    assert data.without(signs, (1,)).labels.unique().tolist() == [0]


def test_torchvisions_layout_is_read_with_its_tracks(tmp_path: Path) -> None:
    folder = official(tmp_path)
    train, test = data.load("train", folder), data.load("test", folder)
    assert sorted(data.groups(train)) == ["14/0", "14/0", "14/1", "2/0"] and not train.digest_known
    assert train.images.shape == (4, 3, 32, 32) and set(train.images[:, 2].flatten().tolist()) == {255}
    assert sorted(train.images[:, 0, 0, 0].tolist()) == [10, 20, 30, 40]
    assert test.labels.tolist() == [2, 14, 14] and test.images[:, 1, 16, 16].tolist() == [2, 14, 14]
    assert data.held_out(train) == 2 or data.held_out(train) == 1


def test_what_is_missing_or_damaged_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConvnetsError, match="no split 'validation' of GTSRB"):
        data.load("validation")
    with pytest.raises(ConvnetsError, match="lies in none of .*set CONVNETS_DATA"):
        data.load("test", tmp_path / "empty")
    folder = archives(tmp_path / "archives")
    file = folder / "gtsrb_test_32x32.npz"
    file.write_bytes(file.read_bytes()[:4000])
    with pytest.raises(ConvnetsError, match=r"gtsrb_test_32x32\.npz cannot be read"):
        data.load("test", folder)
    np.savez(file, images=np.zeros((2, 30, 32, 3), np.uint8), labels=np.zeros(2, np.uint8))
    with pytest.raises(ConvnetsError, match=r"images must be \(N, 32, 32, 3\)"):
        data.load("test", folder)
    np.savez(file, images=np.zeros((2, 32, 32, 3), np.uint8), labels=np.array([3, 43], np.uint8))
    with pytest.raises(ConvnetsError, match="has the label 43"):
        data.load("test", folder)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("Filename;Width\n00000.ppm;60\n", "GT-final_test.csv cannot be read"),
        (f"{HEAD}\n00000.ppm;60;50;5;5;55;45;stop\n", "GT-final_test.csv cannot be read"),
        (f"{HEAD}\n", "names no photograph"),
        (f"{HEAD}\n99999.ppm;60;50;5;5;55;45;1\n", r"99999\.ppm cannot be read"),
        (f"{HEAD}\n00000.ppm;60;50;5;5;55;45;77\n", "has the label 77"),
    ],
)
def test_a_damaged_table_is_told(tmp_path: Path, table: str, said: str) -> None:
    official(tmp_path)
    (tmp_path / "gtsrb" / "GT-final_test.csv").write_text(table)
    with pytest.raises(ConvnetsError, match=said):
        data.load("test", tmp_path)


def test_a_damaged_photograph_or_a_strange_name_is_told(tmp_path: Path) -> None:
    place = official(tmp_path) / "gtsrb" / "GTSRB" / "Training" / "00014"
    (place / "00001_00003.ppm").write_bytes(b"P6 9 9 255\n123")
    with pytest.raises(ConvnetsError, match=r"00001_00003\.ppm cannot be read"):
        data.load("train", tmp_path)
    (place / "00001_00003.ppm").rename(place / "stop.ppm")
    with pytest.raises(ConvnetsError, match=r"stop\.ppm is not called as GTSRB's frames are"):
        data.load("train", tmp_path)
