"""What tests share: one thread, a strict mode for things that are absent, and a small stand-in for MNIST."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import browsing
import get_browser
import pytest

pytest_plugins = ["ladder"]

ASSETS = os.environ.get("CONVNETS_ASSETS")
os.environ["OMP_NUM_THREADS"] = "1"  # also for the processes that tests start


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Results are bit-equal from run to run only with a fixed number of threads."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_language() -> Iterator[None]:
    """An edition printed in the test's own process leaves its language there, and the next test would speak it."""
    yield
    if locale := sys.modules.get("sphinx.locale"):
        locale.translators.clear()


@pytest.fixture(autouse=True)
def own_assets() -> Iterator[None]:
    """What the press tells its kernels of the asset store ends with the test."""
    yield
    os.environ.pop("CONVNETS_ASSETS", None)
    if ASSETS is not None:
        os.environ["CONVNETS_ASSETS"] = ASSETS


@pytest.fixture(scope="session")
def absent() -> Callable[[str], None]:
    """``absent(reason)`` skips a test whose data, weights or browser are not here; a failure under CONVNETS_STRICT."""

    def tell(reason: str) -> None:
        if os.environ.get("CONVNETS_STRICT") == "1":
            pytest.fail(f"{reason} (CONVNETS_STRICT=1 does not let this pass)")
        pytest.skip(reason)

    return tell


@pytest.fixture(scope="session")
def chromium(absent: Callable[[str], None], pytestconfig: pytest.Config) -> Iterator[Any]:
    """A started Chromium, one for all tests; with the slow ones it compiles as a reader's does."""
    if not (path := get_browser.find()):
        absent("there is no Chromium: `python tests/get_browser.py` tries to get one")
    quick = "not slow" in pytestconfig.getoption("markexpr")
    with browsing.launch(str(path), browsing.QUICK if quick else ()) as browser:
        yield browser


@pytest.fixture(scope="session")
def serve() -> Iterator[browsing.Serve]:
    """``serve(folder)`` serves any folder until the tests end, and gives its address."""
    with ExitStack() as servers:
        yield cache(lambda folder: servers.enter_context(browsing.serving(folder)))


@pytest.fixture(scope="session")
def site(absent: Callable[[str], None]) -> Path:
    """The folder of the built book; the test is skipped where it is not built."""
    if not (browsing.SITE / "book" / "index.html").exists():
        absent("the site is not built: `press build` does it")
    return browsing.SITE


@pytest.fixture(scope="session")
def address(site: Path, serve: browsing.Serve) -> str:
    """Where the built book is served."""
    return serve(site)


@pytest.fixture(scope="session")
def pages(chromium: Any, address: str) -> Iterator[browsing.Pages]:
    """``pages("book/lenet")`` is a page that tests share, with what was seen when it was opened."""
    yield browsing.Pages(chromium, address)
    browsing.Visit.leave()


@pytest.fixture
def shared_demo(pages: browsing.Pages, request: pytest.FixtureRequest) -> Any:
    """The demo of the system whose folder holds the test, a ``demos.Demo``, on the page that tests share."""
    from demos import Demo

    system = request.path.parent.name
    return Demo(pages(f"book/{system}").visit, system)


@pytest.fixture
def axe(absent: Callable[[str], None]) -> browsing.Axe:
    """``axe(page, within="html", rules=RULES)`` lists what axe-core finds wrong on a page."""
    if not browsing.AXE.is_file():
        absent("axe-core is not installed: `npm ci` in code/live does it, and so does `press build`")
    return browsing.broken_rules


@pytest.fixture
def real_mnist(absent: Callable[[str], None]) -> str | None:
    """The folder argument under which the real MNIST is found; the test is skipped where it is not at hand."""
    from convnets.common import data

    if data.find(["MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-images-idx3-ubyte.gz"]) is None:
        absent("MNIST is not at hand: set CONVNETS_DATA to a folder that holds MNIST/raw")
    return None


@pytest.fixture
def weights(absent: Callable[[str], None]) -> Callable[[str, str], None]:
    """``weights(system, net)`` skips a test whose published weights are not in the store."""
    from convnets.common import assets, gzipped

    def need(system: str, net: str) -> None:
        if not gzipped.stored(assets.path(system, f"{net}.safetensors")).is_file():
            absent(f"assets/{system}/{net}.safetensors is not there: `convnets train {system}` makes it")

    return need


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty asset store that stands in for ``assets/``."""
    from convnets.common import assets

    folder = tmp_path / "assets"
    folder.mkdir()
    monkeypatch.setenv("CONVNETS_ASSETS", str(folder))
    assets.forget()
    yield folder
    assets.forget()


@pytest.fixture
def mnist(tmp_path: Path) -> Callable[..., Path]:
    """``mnist(train=60, test=20, packed=False)`` writes toy digits as MNIST's four files; gives the data folder."""

    def write(train: int = 60, test: int = 20, packed: bool = False) -> Path:
        from toys import write_mnist

        return write_mnist(tmp_path / "data", train, test, packed)

    return write


@pytest.fixture
def seed() -> int:
    """Another one in every run, or $CONVNETS_SEED; pytest shows that of a failure."""
    chosen = int(os.environ.get("CONVNETS_SEED") or secrets.randbits(32))
    print(f"CONVNETS_SEED={chosen} repeats this test")
    return chosen
