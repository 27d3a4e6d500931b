"""Quizzes in a real browser: by mouse, by keyboard alone, without JavaScript, on paper, and what axe finds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Axe, Serve, Visit

ROOT = Path(__file__).resolve().parents[2]
RIGHT_ORDER = ["Alpha", "Beta", "Gamma", "Delta"]

PAGE = """# Questions

```{quiz} choice
:answer: 2

The image moves by $p$ pixels. What do the maps do?

1. They stay.

   That would be invariance, $f(x) = f(x + p)$.
2. They move by $p$.

   That is equivariance.

Sharing explains it.
```

```{quiz} choice
:answer: 1, 3

Which are odd?

1. One
2. Two

   It is twice one.
3. Three

Count.
```

```{quiz} number
:answer: 1516
:unit: parameters

How many?

Multiply.
```

```{quiz} number
:answer: -0.25
:tolerance: 0.01

How much?

Subtract.
```

```{quiz} order
What comes first?

1. Alpha $a$
2. Beta
3. Gamma
4. Delta

As in the alphabet.
```
"""


TIMES = 3
"""How often the questions stand on the page: each test answers some that no other has touched."""


@pytest.fixture(scope="module")
def quizzes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with two pages of quizzes, printed as the real one is: each question once, and several times."""
    root = tmp_path_factory.mktemp("quizzes")
    (root / "book").mkdir()
    shutil.copy(ROOT / "_config.yml", root)
    pages = "  - file: book/questions\n  - file: book/many\n"
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{pages}")
    (root / "book" / "index.md").write_text("# A book\n")
    (root / "book" / "questions.md").write_text(PAGE)
    (root / "book" / "many.md").write_text(PAGE + PAGE.partition("\n")[2] * (TIMES - 1))
    (root / "book" / "references.bib").write_text("")
    command = [sys.executable, "-m", "press", "build", "--no-live"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "_build" / "html"


@pytest.fixture(scope="module")
def questions(quizzes: Path, serve: Serve) -> str:
    return f"{serve(quizzes)}/book/questions.html"


@pytest.fixture(scope="module")
def opened(chromium: Any, quizzes: Path, serve: Serve) -> Iterator[Visit]:
    """One page for all that can share it."""
    with Visit(chromium, f"{serve(quizzes)}/book/many.html", width=390) as visit:
        visit.page.locator(".quiz mjx-container").nth(4 * TIMES - 1).wait_for(state="attached")  # typeset
        yield visit


@pytest.fixture
def page(opened: Visit) -> Iterator[Any]:
    """The shared page; a script's error or a breach of the policy fails the test."""
    yield opened.page
    opened.check()


def quiz(page: Any, number: int, time: int = 0) -> Any:
    """A question, where it stands for the first time, or a later one."""
    return page.locator(".quiz").nth(number + 5 * time)


def verdict(box: Any) -> str:
    """What the live region says."""
    region = box.get_by_role("status")
    assert region.get_attribute("aria-live") == "polite"
    return region.inner_text()


def words(part: Any) -> str:
    return " ".join(part.inner_text().split())


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Any, name: str) -> None:
    """Go on with the tabulator; mathematics on the way can be focused too."""
    for _ in range(6):
        press(page, "Tab")
        if focused(page) == name:
            return
    pytest.fail(f"{name} cannot be reached")


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.value || document.activeElement.innerText.trim()")


def test_choice_by_mouse(page: Any) -> None:
    box = quiz(page, 0)
    assert words(box.locator("legend")).startswith("The image moves by")
    options = box.get_by_role("radio")
    assert options.count() == 2 and not box.get_by_text("invariance").is_visible()
    box.get_by_role("button", name="Check").click()
    assert verdict(box) == "Choose an answer first."

    box.get_by_text("They stay.").click()
    assert verdict(box) == ""
    box.get_by_role("button", name="Check").click()
    assert verdict(box) == "Not yet."
    reason = box.locator("li", has_text="They stay.").locator(".quiz-reason")
    assert reason.is_visible() and words(reason).startswith("Wrong. That would be invariance")
    assert reason.locator("mjx-container").count() == 1, "mathematics moves with its text"
    assert not box.get_by_text("Sharing explains it.").is_visible() and options.first.is_disabled()
    assert options.first.get_attribute("aria-describedby") == reason.get_attribute("id")

    box.get_by_role("button", name="Try again").click()
    assert verdict(box) == "" and reason.count() == 0 and options.first.is_enabled()
    box.get_by_text("They move by").locator("mjx-container").click()
    assert options.nth(1).is_checked(), "a click on mathematics counts"
    box.get_by_role("button", name="Check").click()
    assert verdict(box) == "Right." and box.get_by_text("That is equivariance.").is_visible()
    assert box.get_by_text("Sharing explains it.").is_visible(), "the answer unfolds"
    assert words(box.locator(".quiz-reasons")).startswith("Wrong. That would be"), "it is back there"


def test_choice_by_keyboard(page: Any) -> None:
    box = quiz(page, 0, 1)
    box.get_by_role("radio").first.focus()
    press(page, "ArrowDown", "Enter")  # Enter in a field checks, as the button does
    assert verdict(box) == "Right."
    box.get_by_role("button").focus()
    press(page, "Enter")
    assert verdict(box) == "" and focused(page) == "2"
    press(page, "ArrowUp")
    tab_to(page, "Check")
    press(page, "Enter")
    assert verdict(box) == "Not yet." and focused(page) == "Try again"
    tab_to(page, "Answer")
    press(page, "Enter")
    assert box.get_by_text("Sharing explains it.").is_visible(), "it can be read without an attempt"


def test_several_answers_by_keyboard(page: Any) -> None:
    box = quiz(page, 1)
    assert box.get_by_role("checkbox").count() == 3
    assert box.get_by_role("group", description="More than one is right.").count() == 1
    box.get_by_role("checkbox").first.focus()
    press(page, "Space", "Enter")
    assert verdict(box) == "Not yet: what you chose is right, but something is missing."
    box.get_by_role("button").focus()
    press(page, "Enter", "Tab", "Space", "Tab", "Space", "Tab", "Enter")
    assert verdict(box) == "Not yet." and box.get_by_text("It is twice one.").is_visible()
    press(page, "Enter", "Tab", "Space", "Tab", "Tab", "Enter")
    assert verdict(box) == "Right." and box.get_by_text("Count.", exact=True).is_visible()


def test_number_as_people_write_it(page: Any) -> None:
    box = quiz(page, 2)
    assert words(box.locator(".quiz-number")) == "parameters"
    for typed in ("1516", "1,516", "1.516", "1 516", "1\u202f516", "1516.0", "1.516,00", "1.516e3", "+1516"):
        box.get_by_role("textbox", name="How many?").fill(typed)
        box.get_by_role("button", name="Check").click()
        assert verdict(box) == "Right." and box.get_by_text("Multiply.").is_visible(), typed
        box.get_by_role("button", name="Try again").click()


def test_number_by_keyboard(page: Any) -> None:
    box = quiz(page, 3)
    box.get_by_role("textbox").focus()
    for typed, said in [
        ("", "Write a number first."),
        ("a few", "Write a number first."),
        ("1,2.3.4", "Write a number first."),
        ("0.25", "Not yet."),
        ("-0,27", "Not yet."),
        ("−.255", "Right."),
    ]:
        box.get_by_role("textbox").fill(typed)
        press(page, "Enter")
        assert verdict(box) == said, typed
        invalid = box.get_by_role("textbox").get_attribute("aria-invalid")
        assert (invalid == "true") == (said == "Write a number first."), typed
        if invalid is None:
            box.get_by_role("button", name="Try again").focus()
            press(page, "Enter")
            assert focused(page) == typed, "the reader goes on from what was written"


def steps(box: Any) -> list[str]:
    return [re.sub(r"\W.*", "", item, flags=re.DOTALL) for item in box.locator(".quiz-options > li").all_inner_texts()]


def test_order_by_mouse(page: Any) -> None:
    box = quiz(page, 4)
    shown = steps(box)
    assert sorted(shown) == sorted(RIGHT_ORDER) and all(a != b for a, b in zip(shown, RIGHT_ORDER, strict=True))
    box.get_by_role("button", name="Check").click()
    assert verdict(box) == "Not yet: 0 of 4 in place." and not box.get_by_text("As in the alphabet.").is_visible()
    box.get_by_role("button", name="Try again").click()
    for name in reversed(RIGHT_ORDER):
        while steps(box)[0] != name:
            box.get_by_role("button", name=f"Move up: {name}").click()
    assert box.locator("mjx-container").count() == 1
    box.get_by_role("button", name="Check").click()
    assert verdict(box) == "Right." and box.get_by_text("As in the alphabet.").is_visible()


def test_order_by_keyboard(page: Any) -> None:
    box = quiz(page, 4, 1)
    first = steps(box)[0]
    box.get_by_role("button", name=f"Move down: {first}").focus()
    for place in (2, 3, 4):
        press(page, "Enter" if place % 2 else "Space")
        assert steps(box)[place - 1] == first and verdict(box) == f"Now in place {place} of 4."
    name = "document.activeElement.ariaLabel + document.activeElement.closest('li').innerText"
    assert page.evaluate(name).startswith(f"Move up:{first}"), "at the end, focus goes to the way back"
    press(page, "Enter")
    assert steps(box)[2] == first and page.evaluate(name).startswith(f"Move up:{first}")


def test_focus_is_seen(page: Any) -> None:
    box = quiz(page, 4, 2)
    box.get_by_role("button").first.focus()
    press(page, "Tab")
    style = page.evaluate(
        "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))"
    )
    assert style[0] == "solid" and style[1] >= 2


def test_without_javascript(chromium: Any, questions: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(questions)
    assert page.get_by_text("What do the maps do?").is_visible() and page.get_by_text("They stay.").is_visible()
    assert page.locator(".quiz button, .quiz input").count() == 0
    assert not page.get_by_text("Sharing explains it.").is_visible()
    quiz(page, 0).get_by_text("Answer", exact=True).click()
    assert page.get_by_text("Sharing explains it.").is_visible() and page.get_by_text("Right answer: 2").is_visible()
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_answers_are_printed(chromium: Any, questions: str, script: bool) -> None:
    context = chromium.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(questions)
    page.emulate_media(media="print")
    for text in ("That would be invariance", "Sharing explains it.", "Right answer: 1,516", "As in the alphabet."):
        place = page.get_by_text(text).bounding_box()
        assert place and place["height"] > 0 and page.get_by_text(text).is_visible(), text
    assert page.locator(".quiz button:visible").count() == 0
    context.close()


def test_axe_finds_nothing_and_controls_are_large_enough(chromium: Any, questions: str, axe: Axe) -> None:
    with Visit(chromium, questions, width=390) as visit:
        page = visit.page
        page.locator(".quiz mjx-container").nth(3).wait_for(state="attached")
        for control in page.locator(".quiz :is(button, summary, label, input[type=text])").all():
            size = control.bounding_box()
            assert size["width"] >= 24 and size["height"] >= 24, control.inner_text()
        assert visit.overflow() <= 1
        for answered in (False, True):
            if answered:
                quiz(page, 0).get_by_role("radio").first.check()
                quiz(page, 1).get_by_role("checkbox").first.check()
                quiz(page, 2).get_by_role("textbox").fill("1516")
                for box in page.locator(".quiz").all():
                    box.get_by_role("button", name="Check").click()
                page.locator(".quiz summary").evaluate_all(
                    "all => all.forEach(one => { one.parentElement.open = true })"
                )
            for theme in ("light", "dark"):
                visit.look(theme, 390)
                told = axe(page, ".quiz")
                assert not told, "\n".join((theme, *told))
        visit.check()
