"""The reader's own picture: the tensor that Python makes, bad files told in a sentence, camera, paste, disk."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Visit
from partspage import PATH, Demo, packed, scene
from PIL import Image, ImageOps


def png_head(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def shares(start: float, length: float, count: int, limit: int) -> np.ndarray:
    """How much of each of ``limit`` pixels lies in each of ``count`` equal parts of a window, part by part."""
    edges = start + length * np.arange(count + 1) / count
    low, high = np.maximum(edges[:-1, None], np.arange(limit)), np.minimum(edges[1:, None], np.arange(limit) + 1)
    return np.maximum(0, high - low) * count / length


def as_tensor(content: bytes, height: int, width: int, channels: int, fit: str) -> np.ndarray:
    """What ``parts/tensor.js`` makes of a file, written a second time."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGBA")
    pixels = np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))[..., :3] / 255.0
    down, across = pixels.shape[:2]
    scale = (min if fit == "crop" else max)(across / width, down / height)
    if fit == "whole":
        height, width = round(down / scale), round(across / scale)
        size = (float(down), float(across))
    else:
        size = (scale * height, scale * width)
    rows = shares((down - size[0]) / 2, size[0], height, down)
    columns = shares((across - size[1]) / 2, size[1], width, across)
    mean = 1 + rows @ (pixels - 1).transpose(2, 0, 1) @ columns.T  # paper is white
    return mean[None] if channels == 3 else np.einsum("c,cab->ab", [0.299, 0.587, 0.114], mean)[None, None]


SHAPES = [
    {"height": 32, "width": 32, "channels": 3, "fit": "crop"},
    {"height": 48, "width": 32, "channels": 1, "fit": "fit"},
    {"height": 64, "width": 64, "channels": 1, "fit": "whole"},
    {"height": 224, "width": 224, "channels": 3, "fit": "crop"},  # larger than the picture
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape['fit']}-{shape['height']}")
def test_a_picture_becomes_the_tensor_that_python_makes(demo: Demo, shape: dict[str, Any]) -> None:
    see_through = scene(40, 70).convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize((70, 40)))
    turned = Image.Exif()
    turned[0x0112] = 6
    files = {
        "a.png": packed(scene(), "PNG"),
        "grey.png": packed(scene(333, 97).convert("L"), "PNG"),
        "clear.png": packed(see_through, "PNG"),
        "turned.jpg": packed(scene(), "JPEG", quality=97, subsampling=0, exif=turned),
        "a.webp": packed(scene(), "WEBP", lossless=True),
        "large.png": packed(scene(1500, 2100), "PNG"),
    }
    demo.page.evaluate("shape => Object.assign(Live.state.toy.own.shape, shape)", shape)
    for name, content in files.items():
        assert demo.drop((name, content)).startswith(f"Taken: {name}"), name
        found, expected = demo.image(), as_tensor(content, **shape)
        assert found.shape == expected.shape, name
        assert np.abs(found - expected).max() < 1 / 255, name
    demo.page.evaluate("shape => Object.assign(Live.state.toy.own.shape, shape)", SHAPES[0])


def test_what_is_no_picture_is_told_in_a_sentence(demo: Demo) -> None:
    frames = [scene(seed=seed) for seed in range(3)]
    svg = (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><image href="http://example.org/x.png"/></svg>'
    )
    whole = packed(scene(), "PNG")
    refused = {
        "nothing.png": (b"", "is empty"),
        "text.png": (b"not a picture at all " * 20, "is no picture"),
        "cut.png": (whole[:40], "is no picture"),
        "drawing.svg": (svg, "SVG"),
        "bomb.png": (png_head(20_000, 20_000), "20,000 × 20,000"),
        "long.png": (png_head(60_000, 10), "60,000"),
    }
    for name, (content, said) in refused.items():
        told = demo.drop((name, content))
        assert told.startswith("This picture could not be taken: ") and name in told and said in told
    told = demo.page.evaluate(
        """() => { const { own } = Live.state.toy; own.told.textContent = "";
        return own.files([new File([new ArrayBuffer(200 * 2 ** 20)], "film.png")]).then(() => own.told.textContent) }"""
    )
    assert "film.png has 200 MB" in told
    assert "no file" in demo.drop()
    told = demo.drop(("moves.gif", packed(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    assert told.startswith("Taken") and "moves.gif moves" in told
    assert "moves.png moves" in demo.drop(
        ("moves.png", packed(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    )
    assert "moves" not in demo.drop(("still.gif", packed(frames[0], "GIF")))
    assert "first of 2 files" in demo.drop(("a.png", whole), ("b.png", whole))
    assert demo.state()["name"] == "a.png"
    demo.drop(("text.png", b"?"))
    assert demo.state()["name"] == "a.png", "what is refused changes nothing"


def test_a_picture_is_chosen_pasted_and_sampled(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(packed(scene(), "PNG"))
    demo.picture.get_by_role("button", name="Choose a file").focus()
    chooser = demo.picture.locator("input[type=file]")
    chooser.evaluate("e => { e.onclick = (event) => (event.preventDefault(), (window.chosen = true)) }")
    demo.page.keyboard.press("Enter")
    assert demo.page.evaluate("window.chosen"), "the button opens the browser's own dialogue"
    chooser.set_input_files(file)
    demo.visit.until("Live.state.toy.name === 'mine.png'")
    paste = """name => { const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(name[1]), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], name[0], { type: "image/png" }));
      const more = { clipboardData: data, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new ClipboardEvent("paste", more)) }"""
    content = base64.b64encode(file.read_bytes()).decode()
    demo.page.evaluate(paste, ["pasted.png", content])
    demo.visit.until("Live.state.toy.name === 'pasted.png'")
    demo.page.mouse.move(0, 0)
    demo.place.get_by_role("application", name="How warm").focus()
    demo.page.wait_for_timeout(50)
    demo.page.evaluate(paste, ["elsewhere.png", content])
    demo.page.wait_for_timeout(100)
    assert demo.state()["name"] == "pasted.png", "only while the part has the focus or the pointer"
    first, second = [], []
    for seen in (first, second):
        demo.page.evaluate("Live.state.toy.own.seed = 0")
        for _ in range(2):
            demo.page.evaluate("Live.state.toy.image = null")
            demo.picture.get_by_role("button", name="Sample").tap()
            demo.visit.until("Live.state.toy.image !== null")
            seen.append(demo.image())
    assert np.array_equal(first, second) and not np.array_equal(*first)


def test_a_camera_is_seen_taken_let_go_denied_and_absent(demo: Demo) -> None:
    button = demo.picture.get_by_role("button", name="Camera", exact=True)
    ask = "void (navigator.mediaDevices.getUserMedia = async () => { %s })"
    for name, said in {
        "NotAllowedError": "was not allowed",
        "NotFoundError": "no camera",
        "Odd": "did not start",
    }.items():
        demo.page.evaluate(ask % f"throw new DOMException('', '{name}')")
        button.click()
        demo.visit.until(f"document.querySelector('.live-picture-told').textContent.includes('{said}')")
    film = """const canvas = document.createElement("canvas"); canvas.width = 64; canvas.height = 48;
      const context = canvas.getContext("2d"); context.fillStyle = "#f00";
      const draw = () => (context.fillRect(0, 0, 64, 48), setTimeout(draw, 30)); draw();
      return (window.film = canvas.captureStream(30))"""
    demo.page.evaluate(ask % film)
    ended = "film.getTracks().every((track) => track.readyState === 'ended')"
    button.focus()
    demo.page.keyboard.press("Enter")
    take = demo.picture.get_by_role("button", name="Take the picture")
    take.wait_for()
    demo.visit.until("document.querySelector('.live-camera video').videoWidth === 64")
    demo.visit.until("document.activeElement.textContent === 'Take the picture'")
    demo.page.keyboard.press("Enter")
    demo.visit.until("Live.state.toy.name === 'The picture' && document.querySelector('.live-camera').hidden")
    red = demo.image()
    assert red[0, 0].min() > 0.9 and red[0, 2].max() < 0.1
    assert demo.page.evaluate(ended)
    assert demo.page.evaluate("document.activeElement.textContent") == "Camera"
    button.click()
    take.wait_for()
    demo.page.evaluate("""() => { const part = document.querySelector(".live-picture"), place = part.parentElement;
      part.remove(); window.back = () => place.append(part) }""")
    demo.visit.until(ended)
    demo.page.evaluate("back()")
    demo.page.evaluate("delete navigator.mediaDevices.getUserMedia")


def test_parts_work_from_disk(chromium: Any, parts_site: Path) -> None:
    with Visit(chromium, (parts_site / PATH).as_uri()) as visit:
        demo = Demo(visit)
        assert demo.drop(("a.png", packed(scene(), "PNG"))).startswith("Taken: a.png, 140 × 90")
        demo.picture.get_by_role("button", name="Camera", exact=True).click()
        visit.until("document.querySelector('.live-picture-told').textContent.includes('camera')")
        visit.check()
