"""Solutions shown, folded or hidden by one setting: on the page, in notebooks and in the sources that are offered."""

from __future__ import annotations

import re

import pytest
import toybook

from convnets.common.errors import ConvnetsError
from press.page import solutions
from press.publish import build

EXERCISE = """
````{exercise} Two
:label: toy-two

How many are one and one?
````

````{solution} toy-two
:class: dropdown

They are exactly twain.

```python
assert 1 + 1 == 2
```
````

After it, in a solution's words: `{solution}`.
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The toy book's site by setting, all from one folder: a change of the setting alone must print it anew."""
    root = tmp_path_factory.mktemp("book")
    toybook.write_book(root)
    page, config = root / "book" / "toy.md", root / "_config.yml"
    page.write_text(page.read_text() + EXERCISE)
    plain, sites = config.read_text(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVNETS_ASSETS", str(root / "assets"))
        for setting in ("hidden", "shown", "folded"):
            config.write_text(plain + f"    press_solutions: {setting}\n")
            assert build.build(root) == 0
            site = root / build.SITE
            names = {"page": "book/toy.html", "search": "searchindex.js", "notebook": "_notebooks/toy.ipynb"}
            sites[setting] = {kind: (site / name).read_text() for kind, name in names.items()}
            sites[setting]["source"] = (site / "_sources" / "book" / "toy.md").read_text()
    return sites


def test_folded_and_shown_print_the_solution(printed):
    for setting in ("folded", "shown"):
        for kind in ("page", "search", "notebook", "source"):
            assert "twain" in printed[setting][kind], (setting, kind)
    classes = {
        name: re.search(r'class="(solution[^"]*)"', printed[name]["page"]).group(1).split()
        for name in printed
        if name != "hidden"
    }
    assert "dropdown" in classes["folded"] and "dropdown" not in classes["shown"]


def test_hidden_leaves_the_exercise_alone(printed):
    for kind, text in printed["hidden"].items():
        assert "twain" not in text, kind
        assert "one and one" in text or kind == "search", kind
    assert "After it" in printed["hidden"]["page"] and "After it" in printed["hidden"]["source"]


@pytest.mark.parametrize("fence", ["```", "`````", ":::", "~~~"])
def test_a_solution_ends_at_its_own_fence(fence):
    inner = "~~~" if fence[0] != "~" else "```"
    text = f"Before.\n\n{fence}{{solution}} a\n:class: dropdown\n\n{inner}python\nx\n{inner}\n\n{fence}\n\nAfter.\n"
    assert solutions.without(text) == "Before.\n\nAfter.\n"


def test_an_unknown_setting_is_named():
    class Config:
        press_solutions = "foldd"

    with pytest.raises(ConvnetsError, match="'foldd': write shown, folded or hidden"):
        solutions.configure(None, Config)
