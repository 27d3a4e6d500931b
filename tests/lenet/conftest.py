"""The demo of the page that LeNet's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Pages
from lenet.demo_page import Demo


@pytest.fixture
def demo(pages: Pages) -> Iterator[Demo]:
    """The shared page's demo, as it was when it was new."""
    demo = Demo(pages("book/lenet").visit)
    demo.button("One digit").click()
    demo.choose("lenet5")
    demo.button("Reset sliders").click()
    demo.button("Sample 7").click()
    yield demo
    demo.visit.check()
