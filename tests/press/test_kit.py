"""``press kit``: what the zip holds, that it repeats, what it refuses, and that a full disk costs nothing."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import zipfile

import killing
import numpy as np
import pytest
from safetensors.numpy import load, save
from toys import publish

from convnets.common.errors import ConvnetsError
from press import cli
from press.publish import build, kit
from press.publish import printed as printed_

PAGE = '<h1>Toy</h1><a href="../_notebooks/toy.ipynb">notebook</a>'
NAME = "convnets-in-context-7.8-en.zip"


@pytest.fixture
def printed(book):
    """The miniature repository with stored outputs, weights and a built site."""
    book.store()
    (book.root / "pyproject.toml").write_text('[project]\nversion = "7.8"\n')
    (book.root / "LICENSE").write_text("MIT")
    publish(book.assets.parent, "toy", "net", save({"bias": np.ones(3, np.float16)}))
    (book.assets / "SOURCES.md").write_text("Made up.")
    site = book.root / build.SITE
    for name, text in {
        "index.html": '<a href="book/toy.html">Toy</a>',
        "book/toy.html": PAGE,
        "_notebooks/toy.ipynb": "{}",
        "_static/press.css": "p {}",
        ".buildinfo": "x",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    record(book.root)
    return book


def record(root):
    """Note the site as printed from what is there."""
    printed_.record(root, printed_.content(root / build.SITE), printed_.inputs(root, draft=False, live=True))


@pytest.fixture
def packed(printed):
    return kit.write(printed.root)


def test_it_holds_site_notebooks_weights_and_how_to_use_them(packed, printed):
    assert packed == printed.root / "_build" / "kit" / NAME
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(
            [
                "LICENSE",
                "README.txt",
                "SHA256SUMS",
                "notebooks/toy.ipynb",
                "site/_notebooks/toy.ipynb",
                "site/_static/press.css",
                "site/book/toy.html",
                "site/index.html",
                "weights/toy/SOURCES.md",
                "weights/toy/net.safetensors",
            ]
        )
        readme = archive.read("README.txt").decode()
        assert load(archive.read("weights/toy/net.safetensors"))["bias"].tolist() == [1, 1, 1]
    for said in ("7.8 (en)", "site/index.html", "sha256sum -c SHA256SUMS", '"weights/toy/net.safetensors"'):
        assert said in readme


def test_its_digests_hold_and_cover_every_file(packed, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "out")
        names = set(archive.namelist())
    sums = (tmp_path / "out" / "SHA256SUMS").read_text()
    assert {line.split("  ")[1] for line in sums.splitlines()} == names - {"SHA256SUMS"}
    check = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path / "out", capture_output=True).returncode == 0
    (tmp_path / "out" / "site" / "index.html").write_text("changed")
    assert subprocess.run(check, cwd=tmp_path / "out", capture_output=True).returncode == 1


def test_the_same_content_gives_the_same_bytes(packed, printed, tmp_path):
    before = packed.read_bytes()
    for number, file in enumerate(sorted((printed.root / build.SITE).rglob("*.*"))):
        os.utime(file, (10**9 + number, 10**9 + number))
        file.chmod(0o755 if file.is_dir() else 0o600)
    assert kit.write(printed.root, tmp_path / "again.zip").read_bytes() == before
    with zipfile.ZipFile(packed) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}


def test_a_kit_inside_the_site_does_not_hold_itself(printed):
    inside = printed.root / build.SITE / "kit.zip"
    first = kit.write(printed.root, inside).read_bytes()
    assert kit.write(printed.root, inside).read_bytes() == first


def test_out_may_be_a_folder(printed, tmp_path):
    assert kit.write(printed.root, tmp_path) == tmp_path / NAME


def test_without_a_project_file_the_version_is_that_of_the_package(printed, monkeypatch):
    (printed.root / "pyproject.toml").unlink()
    monkeypatch.setattr(kit.importlib.metadata, "version", lambda name: f"0 of {name}")
    assert kit._version(printed.root) == "0 of convnets-in-context"


def test_the_command_makes_it(printed, monkeypatch, capsys):
    monkeypatch.chdir(printed.root)
    assert cli.main(["kit"]) == 0
    assert NAME in capsys.readouterr().out
    assert cli.main(["kit", "--out", "mine.zip"]) == 0
    assert (printed.root / "mine.zip").is_file()


def test_without_a_site_it_says_what_to_do(book, monkeypatch, capsys):
    monkeypatch.chdir(book.root)
    assert cli.main(["kit"]) == 2
    assert "run `press build` first" in capsys.readouterr().err


def change_code(book):
    book.replace(book.package / "model.py", "SCALE = 2", "SCALE = 3")


def change_prose(book):
    """With an old time stamp, as a file that was put back has."""
    book.replace(book.chapter, "Prose about", "More about")
    os.utime(book.chapter, (10**9, 10**9))


def page_says(text):
    return lambda book: (book.root / build.SITE / "book" / "toy.html").write_text(PAGE + text)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (change_code, "toy is stale (changed: convnets.toy.model:SCALE): run `press execute`."),
        (change_prose, "book/toy.md changed after the book was printed: run `press build`."),
        (page_says('<div class="press-stamp docutils container">'), "book/toy.html is a stamped draft"),
        (page_says('<p class="live-note live-left-out">'), "book/toy.html was printed without its live demos"),
        (page_says('<a href="gone.html">x</a>'), "book/toy.html: gone.html leads nowhere"),
        (lambda book: (book.root / build.SITE / "book" / "toy.html").unlink(), "not as `press build` printed it"),
        (lambda book: (book.root / printed_.RECORD).unlink(), "not as `press build` printed it"),
    ],
)
def test_what_may_not_be_published_is_refused(printed, spoil, said, capsys):
    assert kit.problems(printed.root) == []
    spoil(printed)
    assert kit.kit(printed.root) == 1
    told = capsys.readouterr().out
    assert said in told and "No kit was made" in told
    assert not (printed.root / kit.KITS).exists()


def test_a_full_disk_leaves_the_old_kit(packed, printed, monkeypatch):
    before = packed.read_bytes()
    (printed.root / build.SITE / "index.html").write_text("new")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConvnetsError, match="No space left on device.*free space"):
        kit.write(printed.root)
    assert packed.read_bytes() == before
    assert list(packed.parent.iterdir()) == [packed], "no part of the new one is left"


def test_weights_are_unpacked_for_readers_who_have_numpy_alone(printed):
    content = save({"bias": np.ones(3000, np.float16)})
    publish(printed.assets.parent, "toy", "net", content, seed=1, score=0.1)
    assert [file.name for file in printed.assets.glob("net.*")] == ["net.safetensors.gz"]
    with zipfile.ZipFile(kit.write(printed.root)) as archive:
        assert archive.read("weights/toy/net.safetensors") == content
        assert not [name for name in archive.namelist() if name.endswith(".gz")]
    (printed.assets / "net.safetensors.gz").write_bytes(b"")
    with pytest.raises(ConvnetsError, match=r"net\.safetensors\.gz cannot be read \(it is cut short\)"):
        kit.write(printed.root)


def test_weights_that_no_run_recorded_are_not_packed(printed):
    net = printed.assets / "net.safetensors"
    content = bytearray(net.read_bytes())
    content[-1] ^= 1
    net.write_bytes(content)
    with pytest.raises(ConvnetsError, match="does not hold the weights of any run of net"):
        kit.write(printed.root)


def killed_kit(printed) -> killing.Trial:
    file = printed.root / build.SITE / "book" / "toy.html"

    def prepare() -> None:
        shutil.rmtree(printed.root / kit.KITS, ignore_errors=True)
        file.write_text(PAGE)
        kit.write(printed.root)  # an older one
        file.write_text(PAGE + "<p>new</p>")

    return killing.Trial(printed.root / kit.KITS, prepare, lambda: kit.write(printed.root))


def test_a_kill_costs_no_kit(printed):
    killed_kit(printed).check_few()


@pytest.mark.slow
def test_twenty_killed_kits(printed, seed):
    killed_kit(printed).check_twenty(seed)
