"""The loader in a real browser, on a small book whose demo is the template: http and disk, and when things go wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import toybook
import toylive
from browsing import Serve, Visit

from convnets import lenet
from press.publish import build

PLACE = "[data-live=toy]"
NO_WASM = "delete globalThis.WebAssembly"
NO_MEMORY = "WebAssembly.instantiate = () => Promise.reject(new RangeError('could not allocate memory'))"
OLD = "delete globalThis.DecompressionStream"
WORKERS = """globalThis.workers = [];
globalThis.Worker = class extends Worker {
  constructor(source) { super(source); workers.push(this); }
  postMessage(...all) { if (!globalThis.silent) super.postMessage(...all); }
};"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the small book; its demo stands below the first screen."""
    root = tmp_path_factory.mktemp("live")
    toybook.write_book(root)
    toylive.write_live(root)
    chapter = root / "book" / "toy.md"
    chapter.write_text(chapter.read_text().replace("```{live}", "Long.\n\n" * 200 + "```{live}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root) == 0
    return root / build.SITE


@pytest.fixture(params=["http", "disk"])
def page(request: pytest.FixtureRequest, toy: Path, serve: Serve) -> str:
    return f"{serve(toy)}/book/toy.html" if request.param == "http" else (toy / "book" / "toy.html").as_uri()


def reach(visit: Visit, state: str = "ready") -> Any:
    place = visit.page.locator(PLACE)
    place.scroll_into_view_if_needed()
    visit.page.locator(f"{PLACE}[data-live-state={state}]").wait_for()
    return place


def test_the_template_runs_and_answers_as_pytorch(chromium: Any, page: str) -> None:
    with Visit(chromium, page) as visit:
        place = reach(visit)
        assert not place.locator(".live-fallback").is_visible()
        slider = place.get_by_label("Grey")
        slider.focus()
        for _ in range(3):
            visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_function("() => Math.abs(Live.state.toy.image.data[0] - 0.53) < 1e-6")
        state = visit.page.evaluate(
            "() => ({x: [...Live.state.toy.image.data], y: [...Live.state.toy.outputs.scores.data]})"
        )
        with torch.inference_mode():
            expected = lenet.load("lenet1")(torch.tensor(state["x"]).reshape(1, 1, 28, 28))
        np.testing.assert_allclose(state["y"], expected[0], atol=1e-4)
        assert re.search(r"\d\.\d\d", place.get_by_role("status").inner_text())
        visit.check()


def test_nothing_heavy_comes_before_the_demo_nears_the_screen(chromium: Any, toy: Path, serve: Serve) -> None:
    asked: list[str] = []
    with Visit(chromium, f"{serve(toy)}/index.html") as visit:
        visit.page.on("request", lambda request: asked.append(request.url))
        visit.page.reload()
        assert asked and not [url for url in asked if "/live/" in url]
        asked.clear()
        visit.page.goto(f"{serve(toy)}/book/toy.html")
        visit.page.wait_for_timeout(500)
        early = {url.split("/live/")[1].split("?")[0] for url in asked if "/live/" in url}
        assert early == {"live.js", "live.css"}
        reach(visit)
        late = [url.split("/live/")[1] for url in asked if "/live/" in url]
        assert len(late) == len(set(late)), "what came once is not asked for again"
        assert len([name for name in late if name.startswith("engine-")]) > 4, "in parts, so that progress is seen"
        assert {name.partition("?")[0] for name in late if "-" not in name} == {"live.js", "live.css", "toy.js"}
        assert {name.rpartition("-")[0] for name in late if "-" in name} == {
            "engine",
            "worker",
            "demo-toy",
            "net-toy-lenet1",
        }
        visit.check()


@pytest.mark.parametrize(
    ("harm", "words"),
    [(NO_WASM, "no WebAssembly"), (OLD, "older than 2023")],
)
def test_where_the_demo_cannot_run_the_fallback_says_why(chromium: Any, page: str, harm: str, words: str) -> None:
    with Visit(chromium, page, script=harm) as visit:
        place = reach(visit, "failed")
        assert words in place.locator(".live-note").inner_text()
        assert place.locator(".live-fallback").is_visible() and not place.locator(".live-demo").count()
        visit.check()


def test_a_file_that_is_missing_and_memory_that_runs_out_are_told(chromium: Any, toy: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(toy)}/book/toy.html") as visit:
        visit.page.route("**/engine-*", lambda route: route.abort())
        place = reach(visit, "failed")
        assert "engine" in place.locator(".live-note").inner_text()
        visit.page.unroute("**/engine-*")
        visit.page.route(
            "**/worker-*", lambda route: route.fulfill(body=harmed_worker(toy), content_type="text/javascript")
        )
        visit.page.reload()
        place = reach(visit, "failed")
        assert "not enough memory" in place.locator(".live-note").inner_text()
        assert place.locator(".live-fallback").is_visible()


def test_a_worker_that_ends_is_told_and_begun_anew(chromium: Any, page: str) -> None:
    with Visit(chromium, page, script=WORKERS) as visit:
        place = reach(visit)
        visit.page.evaluate("() => { workers[0].terminate(); Live.patience.engine = 0.2 }")
        slider = place.get_by_label("Grey")
        slider.focus()
        visit.page.keyboard.press("ArrowRight")
        visit.until("Live.state.toy.image.data[0] === 0.5 && !!document.querySelector('.live-note')")
        visit.page.evaluate("() => { Live.patience.engine = 30 }")
        visit.until("Math.abs(Live.state.toy.image.data[0] - 0.51) < 1e-6")
        assert not place.locator(".live-note").count() and visit.page.evaluate("workers.length") > 1
        assert place.get_attribute("data-live-state") == "ready"
        visit.page.keyboard.press("ArrowRight")
        visit.until("Math.abs(Live.state.toy.image.data[0] - 0.52) < 1e-6")
        visit.check()


def test_a_worker_that_never_answers_is_told_and_can_be_tried_again(chromium: Any, page: str) -> None:
    with Visit(chromium, page, script=f"{WORKERS} globalThis.silent = true") as visit:
        visit.page.evaluate("() => { Live.patience.engine = 0.2 }")
        place = reach(visit, "failed")
        assert "stopped answering" in place.locator(".live-note").inner_text()
        visit.page.evaluate("() => { Live.patience.engine = 30; silent = false }")
        place.get_by_role("button", name="Try again").click()
        reach(visit)
        assert not place.locator(".live-note").count() and not place.locator(".live-fallback").is_visible()
        visit.check()


def test_a_file_that_never_arrives_is_told_and_can_be_tried_again(chromium: Any, toy: Path, serve: Serve) -> None:
    with Visit(chromium, f"{serve(toy)}/book/toy.html") as visit:
        visit.page.route("**/net-*", lambda route: None)
        visit.page.evaluate("() => Object.assign(Live.patience, { file: 1, loading: 0.1 })")
        place = visit.page.locator(PLACE)
        place.scroll_into_view_if_needed()
        place.get_by_text("still loading").wait_for()
        visit.page.locator(f"{PLACE}[data-live-state=failed]").wait_for()
        assert "net/toy/lenet1 did not arrive" in place.locator(".live-note").inner_text()
        visit.page.unroute("**/net-*")
        visit.page.evaluate("() => { Live.patience.file = 180 }")
        place.get_by_role("button", name="Try again").click()
        reach(visit)
        assert not visit.errors and not visit.violations


def harmed_worker(toy: Path) -> str:
    """The packed worker with a WebAssembly that finds no memory."""
    import base64
    import gzip

    (file,) = (toy / "_static" / "live").glob("worker-*.js")
    head, text, tail = re.fullmatch(r'(.*,")([^"]+)("\)\n)', file.read_text()).groups()  # type: ignore[union-attr]
    source = NO_MEMORY.encode() + b";" + gzip.decompress(base64.b64decode(text))
    return head + base64.b64encode(gzip.compress(source)).decode() + tail


def test_print_and_no_script_show_the_fallback(chromium: Any, page: str) -> None:
    with Visit(chromium, page, java_script_enabled=False) as visit:
        assert visit.page.locator(f"{PLACE} .live-fallback").is_visible()
    with Visit(chromium, page) as visit:
        place = reach(visit)
        visit.page.emulate_media(media="print")
        assert place.locator(".live-fallback").is_visible() and not place.locator(".live-demo").is_visible()


def test_the_engine_is_shared_and_weights_stay_within_their_budget(site: Path, absent: Callable[[str], None]) -> None:
    """``budget.json`` bounds, in bytes, what a reader's browser must fetch."""
    import json

    budget = json.loads((Path(__file__).parents[2] / "code" / "live" / "budget.json").read_text())
    files = list((site / "_static" / "live").glob("*.*s"))
    if not files:
        absent("the site was built without its live demos: `press build`")
    sizes: Counter[str] = Counter()
    for file in files:  # a large one lies in parts
        sizes[file.stem.rpartition("-")[0] or file.name] += file.stat().st_size
    for stem, size in sizes.items():
        kind = max((name for name in budget if stem.startswith(name)), key=len, default="table")
        assert size <= budget[kind], f"{stem} is over its budget of {budget[kind]} bytes"
