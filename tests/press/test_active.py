"""Code that came into a page with its text or an output is refused; if it got there all the same, it does not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import toybook
from browsing import Serve, Visit

from convnets.common.errors import ConvnetsError
from press.outputs import active, store
from press.publish import build, site

RUNS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=x.js>",
    "<script type=module>import './x.js'</script>",
    '<script type="importmap">{}</script>',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a title=">" onclick="alert(1)">x</a>',
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<iframe srcdoc='&lt;script>alert(1)&lt;/script>'></iframe>",
    "<object data=x.html></object>",
    "<meta http-equiv=refresh content='0;url=x'>",
    "<base href=//x.example/>",
]
RESTS = [
    "onions = 1 < 2",
    "<b>script</b> &amp; <i title='on = off'>x</i>",
    '<script type="application/json">{"a": 1}</script>',
    "<table><style>td { color: red }</style><tr><td>1</td></tr></table>",
    "<svg><description>no</description><path d='M0 0'/></svg>",
]
WHERE = toybook.where("cpu", 1)
PAGE = "# Toys\n\nAbout toys, see {doc}`toy`.\n\n"
INJECTED = "<script>ran = 'script'</script><img src=no.png onerror=\"ran = 'handler'\"><a href='javascript:ran=1'>x</a>"


@pytest.mark.parametrize("text", RUNS)
def test_what_runs_is_seen(text: str) -> None:
    assert active.found(text) and active.found(f"<p>{text}")


@pytest.mark.parametrize("text", RESTS)
def test_what_only_shows_passes(text: str) -> None:
    assert active.found(text) == ""


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": RUNS[0]},
        {"text/html": [RUNS[4][:9], RUNS[4][9:]]},
        {"text/markdown": f"**x** {RUNS[0]}"},
        {"image/svg+xml": f"<svg>{RUNS[0]}</svg>"},
        {"application/javascript": "alert(1)"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "bar"},
    ],
)
def test_outputs_with_code_are_neither_stored_nor_read(book: Any, data: dict[str, Any], monkeypatch: Any) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    whole = store.Stored([store.Cell([output], WHERE)], ["2c26b46b68ffc68f"], {}, {})
    with pytest.raises(ConvnetsError, match="Code cell 1 of toy put out"):
        store.write("toy", book.root, whole)
    assert not book.stored.exists()
    with monkeypatch.context() as careless:
        careless.setattr(store, "_refuse", lambda *_: None)
        store.write("toy", book.root, whole)
    with pytest.raises(ConvnetsError, match="put out|runs in a reader's browser"):
        store.outputs("toy", ["foo"], book.root)


def test_harmless_tables_and_words_are_stored(book: Any) -> None:
    data = {"text/html": RESTS[3], "text/plain": RUNS[0], "text/latex": "$x<y$"}
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    store.write("toy", book.root, store.Stored([store.Cell([output], WHERE)], ["key"], {}, {}))
    assert store.read("toy", book.root).cells[0].outputs[0]["data"] == data


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book")


@pytest.fixture(scope="module")
def html(root: Path) -> Path:
    """The folder of a small book, built, with a page whose text has code in it."""
    toybook.write_book(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        assert build.build(root) == 0
    page = root / build.SITE / "book" / "toy.html"
    text = page.read_text()
    assert text.count("</article>") == 1
    page.with_name("injected.html").write_text(text.replace("</article>", f"{INJECTED}</article>"))
    return root / build.SITE


@pytest.mark.parametrize(
    "text",
    [
        "A <b onclick='x()'>word</b>.",
        "# <script>x()</script>",
        "```{raw} html\n<script>x()</script>\n```",
        "```{quiz} number\n:answer: 1\n:unit: <img src=x onerror='x()'>\n\nHow many?\n\nOne.\n```",
    ],
)
def test_a_page_with_code_is_not_built(html: Path, root: Path, text: str, monkeypatch: Any, capfd: Any) -> None:
    monkeypatch.setenv("CONVNETS_ASSETS", str(root / "assets"))
    index = root / "book" / "index.md"
    index.write_text(f"{PAGE}{text}\n\n```{{bibliography}}\n```\n")
    assert build.build(root) == 1
    assert "The page brings code of its own" in capfd.readouterr().err


def test_the_policy_names_the_templates_code_and_not_the_texts() -> None:
    frame, text = "<script>a()</script><button onclick='b()'>", "<script>c()</script><p onclick='d()'>"

    class Builder:
        format = "html"
        templates = type("T", (), {"render": staticmethod(lambda _name, has: site._TAG + frame + has["body"])})

    app: Any = type("App", (), {"builder": Builder})
    site.admit_templates_code(app)
    page = Builder.templates.render("page.html", {"body": text})
    assert page == site._tag(frame) + frame + text
    for code, is_named in (("a()", True), ("b()", True), ("c()", False), ("d()", False)):
        assert (site._hashes([code])[0] in page) == is_named


@pytest.mark.parametrize("opened", ["served", "from disk"])
def test_code_in_a_page_does_not_run_and_all_else_does(html: Path, chromium: Any, serve: Serve, opened: str) -> None:
    base = serve(html) if opened == "served" else html.as_uri()
    for name in ("book/toy", "index", "search", "genindex"):
        with Visit(chromium, f"{base}/{name}.html") as visit:
            visit.settle()
            assert visit.page.evaluate("document.documentElement.dataset.theme") == "light"
            visit.check()
    with Visit(chromium, f"{base}/search.html?q=curve") as visit:
        visit.page.wait_for_selector("#search-results li a")
        visit.page.wait_for_timeout(200)  # it looks into the pages found, which from disk it cannot
        assert not visit.violations and not visit.strangers
    with Visit(chromium, f"{base}/book/injected.html") as visit:
        visit.settle()
        visit.page.locator("a[href^=javascript]").click()
        assert visit.page.evaluate("'ran' in globalThis") is False
        assert len(visit.violations) >= 3 and all("script-src" in told or "Policy" in told for told in visit.violations)
