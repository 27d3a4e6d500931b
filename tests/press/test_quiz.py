"""Quizzes on the printed page: what it says without JavaScript, what the script is told, and all that is refused."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from press.outputs import chapters
from press.page import quiz
from press.publish import notebooks

CONF = """
extensions = ["myst_nb", "sphinx_exercise", "press"]
root_doc, html_theme, nb_execution_mode = "index", "sphinx_book_theme", "off"
myst_enable_extensions = ["dollarmath", "colon_fence"]
locale_dirs, gettext_compact, exclude_patterns = ["locale"], False, ["out"]


def setup(app):
    app.add_message_catalog("press", app.srcdir / "locale")
"""

PAGE = """# Questions

See {ref}`the first <quiz-shift>`.

````{quiz} choice
:name: quiz-shift
:answer: 2

Look at this layer.

```python
layer = Conv2d(1, 6, 5)
```

The image moves. What do the $6$ maps do?

1. They stay.

   That would be *invariance*, $f(x)$.
2. They move.

   Equivariance.
3. They vanish.

Sharing explains it.
````

```{quiz} choice
:answer: 3, 1

Which are odd?

1. One
2. Two
3. Three

Count.
```

```{quiz} number
:answer: 48120
:tolerance: 0.5
:unit: free parameters

How many?

Multiply.
```

```{quiz} order
What comes first?

1. Alpha
2. Beta $b$
3. Gamma
4. Delta

As in the alphabet.
```
"""

NOTEBOOK = f"""---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3, language: python}}
---

{PAGE}

```{{code-cell}} ipython3
x = 1
```
"""

SPANISH = {
    "The image moves. What do the $6$ maps do?": "La imagen se mueve. ¿Qué hacen los $6$ mapas?",
    "They stay.": "Se quedan.",
    "That would be *invariance*, $f(x)$.": "Eso sería *invariancia*, $f(x)$.",
    "Sharing explains it.": "Lo explica el reparto.",
    "free parameters": "parámetros libres",
    "Multiply.": "Multiplique.",
    "Beta $b$": "La beta $b$",
    "As in the alphabet.": "Como en el alfabeto.",
}
SPANISH_PRESS = {
    "Check": "Comprobar",
    "Answer": "Respuesta",
    "Question": "Pregunta",
    "Wrong.": "Falso.",
    "Right answer: {answer}": "Respuesta correcta: {answer}",
    "More than one is right.": "Hay más de una correcta.",
}


def write_book(root: Path) -> None:
    """A page with every kind, one without, and Spanish catalogues for both the page and the press."""
    (root / "conf.py").write_text(CONF)
    (root / "index.md").write_text("# A book\n\n```{toctree}\nquestions\n```\n")
    (root / "questions.md").write_text(PAGE)
    folder = root / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for name, messages in (("questions", SPANISH), ("press", SPANISH_PRESS)):
        catalog = Catalog(locale="es")
        for english, spanish in messages.items():
            catalog.add(english, spanish)
        with (folder / f"{name}.mo").open("wb") as file:
            write_mo(file, catalog)


def sphinx(root: Path, builder: str, language: str = "en") -> Path:
    """Build the book in a process of its own, with warnings as errors; returns the output folder."""
    out = root / "out" / f"{builder}-{language}"
    command = [sys.executable, "-m", "sphinx", "-qW", "--keep-going", "-b", builder, "-D", f"language={language}"]
    command += ["-d", f"{out}-doctrees", str(root), str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("quiz")
    write_book(root)
    return root


@pytest.fixture(scope="module")
def site(root):
    return sphinx(root, "html")


@pytest.fixture(scope="module")
def boxes(site):
    return split((site / "questions.html").read_text())


def split(page: str) -> list[str]:
    """The quizzes of a page, in order."""
    return [part.split("</details>")[0] for part in page.split('<div class="quiz"')[1:]]


def data(box: str, name: str) -> str:
    return html.unescape(re.search(rf'data-{name}="([^"]*)"', box).group(1))


def plain(text: str) -> str:
    """The text of some HTML; inline elements leave no space behind."""
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"</?(?:em|span|a)\b[^>]*>", "", text)).split())


def test_script_and_style_come_only_where_there_is_a_quiz(site):
    page, index = (site / "questions.html").read_text(), (site / "index.html").read_text()
    assert "_static/quiz.js" in page and "_static/quiz.css" in page
    assert "quiz.js" not in index and "quiz.css" not in index
    assert (site / "_static" / "quiz.js").is_file() and (site / "_static" / "quiz.css").is_file()


def test_a_choice_reads_without_javascript(boxes):
    before, answer = boxes[0].split("<details")
    assert "Conv2d" in plain(before) and re.search(r"They stay\. They move\. They vanish\.$", plain(before))
    assert "invariance" not in before and "Sharing" not in before, "nothing gives the answer away"
    assert "Answer Right answer: 2" in plain(answer)
    assert "Wrong. That would be invariance, \\(f(x)\\). Right. Equivariance. Wrong. Sharing explains it." in plain(
        answer
    )
    assert (data(boxes[0], "kind"), data(boxes[0], "answer")) == ("choice", "2")
    assert 'id="quiz-shift"' in boxes[0]


def test_several_right_answers_are_announced(boxes):
    assert "More than one is right." in plain(boxes[1]) and "Right answers: 1, 3" in plain(boxes[1])
    assert data(boxes[1], "answer") == "1 3" and "quiz-reasons" not in boxes[1]


def test_a_number_is_told_with_its_unit(boxes):
    assert "Right answer: 48,120 free parameters Multiply." in plain(boxes[2])
    assert (float(data(boxes[2], "answer")), float(data(boxes[2], "tolerance"))) == (48120, 0.5)


def test_an_order_is_shown_shuffled(boxes):
    right = ["Alpha", "Beta", "Gamma", "Delta"]
    shown = re.findall("|".join(right), boxes[3].split("<details")[0])
    places = map(int, data(boxes[3], "answer").split())
    assert [right[place] for place in places] == shown != right
    letters = re.search(r"Right order: ([A-D, ]+)</p>", boxes[3]).group(1).split(", ")
    assert [shown["ABCD".index(letter)] for letter in letters] == right


@pytest.mark.parametrize("count", [2, 3, 7, 26])
def test_shuffling_is_fixed_and_moves_every_item(count):
    order = quiz.shuffled(count, "seed")
    assert order == quiz.shuffled(count, "seed") and sorted(order) == list(range(count))
    assert all(place != item for place, item in enumerate(order))
    assert quiz.shuffled(26, "seed") != quiz.shuffled(26, "another")


def test_the_script_takes_its_words_from_the_page(boxes):
    said = json.loads(data(boxes[3], "words"))
    assert said["check"] == "Check" and said == quiz.interface_words()
    script = Path(quiz.__file__).parents[1].joinpath("static").joinpath("quiz.js").read_text()
    assert set(re.findall(r"words\.(\w+)", script)) | {"up", "down"} == said.keys()
    code = re.sub(r"//.*|/\*.*?\*/", "", script)
    assert not re.findall(r">[A-Z]\w+<|\"[A-Z][a-z]+[ .:]", code), "no words for readers in the script"
    assert not re.search(r"innerHTML|https?:|fetch\(|localStorage|eval\(", code)


def test_every_part_is_translated(root):
    page = (sphinx(root, "html", "es") / "questions.html").read_text()
    text = plain(page)
    for spanish in SPANISH.values():
        assert plain(re.sub(r"\$(.*?)\$", r"\\(\1\\)", spanish.replace("*", ""))) in text, spanish
    assert "Respuesta correcta: 48 120 parámetros libres" in text and "Pregunta" in text and "Falso." in text
    assert json.loads(data(split(page)[0], "words"))["check"] == "Comprobar"
    english = split((root / "out" / "html-en" / "questions.html").read_text())
    assert [data(box, "answer") for box in split(page)] == [data(box, "answer") for box in english]


def test_translators_see_each_text_once(root):
    messages = (sphinx(root, "gettext") / "questions.pot").read_text()
    for english in SPANISH:
        assert messages.count(f'msgid "{english}"') == 1, english
    for ours in ("Right answer", "Wrong.", "More than one", "48120"):
        assert ours not in messages


@pytest.mark.parametrize("builder, suffix", [("singlehtml", "html"), ("latex", "tex")])
def test_other_builders_print_it_too(root, site, builder, suffix):
    files = [*sphinx(root, builder).glob(f"*.{suffix}")]
    text = "".join(file.read_text() for file in files)
    assert "They vanish" in text and "Equivariance" in text and "48,120" in text
    assert ("<details" in text) == (builder == "singlehtml")


def test_code_cells_are_found_beside_quizzes(tmp_path):
    """By the press and by MyST-NB; the notebook that readers download keeps a quiz as the text that it is."""
    file = tmp_path / "questions.md"
    file.write_text(NOTEBOOK)
    cells = read_myst_markdown_notebook(NOTEBOOK, config=MdParserConfig()).cells
    assert chapters.read(file).sources == [cell.source for cell in cells if cell.cell_type == "code"] == ["x = 1"]
    prose = [
        cell
        for cell in json.loads(notebooks.notebook(json.dumps({"cells": cells})))["cells"]
        if cell["source"] != "x = 1"
    ]
    assert "{quiz} order" in prose[0]["source"]


LIST = "1. One\n2. Two\n"
FAULTS = [
    ("", "", "Q?\n\nE.", "`` is no kind of quiz: write `{quiz} choice`, `number` or `order`."),
    ("essay", "", "Q?\n\nE.", "`essay` is no kind of quiz"),
    ("choice", "", f"Q?\n\n{LIST}\nE.", "This choice quiz has no answer: add `:answer:`"),
    ("choice", ":answer: two", f"Q?\n\n{LIST}\nE.", "The answer `two` names no options"),
    ("choice", ":answer: 1,", f"Q?\n\n{LIST}\nE.", "The answer `1,` names no options"),
    (
        "choice",
        ":answer: 3",
        f"Q?\n\n{LIST}\nE.",
        "The answer `3` names an option that is not there: there are 1 to 2.",
    ),
    ("choice", ":answer: 0, 1", f"Q?\n\n{LIST}\nE.", "The answer `0, 1` names an option that is not there"),
    ("choice", ":answer: 1", "Q?\n\nE.", "A choice quiz has one list, `1. ...`, `2. ...`; this has 0."),
    ("choice", ":answer: 1", f"Q?\n\n{LIST}\nOr\n\n{LIST}", "; this has 2."),
    ("choice", ":answer: 1", "Q?\n\n1. One\n\nE.", "The list of a choice quiz has at least two items; this has one."),
    ("choice", ":answer: 1", f"{LIST}\nE.", "This choice quiz asks nothing: put a paragraph with the question before"),
    ("choice", ":answer: 1", f"Q?\n\n{LIST}", "This choice quiz explains nothing"),
    ("choice", ":answer: 1", "Q?\n\n1. One\n2. > Two\n\nE.", "Item 2 of this choice quiz must start with a paragraph."),
    (
        "choice",
        ":answer: 1\n:tolerance: 1",
        f"Q?\n\n{LIST}\nE.",
        "`:tolerance:` says nothing in a choice quiz: remove it.",
    ),
    ("number", "", "Q?\n\nE.", "This number quiz has no answer"),
    ("number", ":answer: many", "Q?\n\nE.", "The answer `many` is no number: write it with a decimal point"),
    ("number", ":answer: 1,5", "Q?\n\nE.", "The answer `1,5` is no number"),
    ("number", ":answer: .inf", "Q?\n\nE.", "The answer `.inf` is no number"),
    ("number", ":answer: 1\n:tolerance: -1", "Q?\n\nE.", "The tolerance -1 is negative: write how far"),
    ("number", ":answer: 1\n:tolerance: x", "Q?\n\nE.", "The tolerance `x` is no number"),
    ("number", ":answer: 1", "Q?", "This number quiz explains nothing: end with a paragraph"),
    (
        "number",
        ":answer: 1",
        "- Q?\n\nE.",
        "This number quiz asks nothing: put a paragraph with the question before the exp",
    ),
    ("order", ":answer: 1, 2", f"Q?\n\n{LIST}\nE.", "`:answer:` says nothing in an order quiz: remove it."),
    ("order", "", "Q?\n\n- One\n- Two\n\nE.", "An order quiz has one list"),
    ("order", "", f"Q?\n\n{LIST}", "This order quiz explains nothing"),
    ("order", "", "Q?\n\n1. One\n\n   Why.\n2. Two\n\nE.", "Item 1 of this order quiz must be one paragraph"),
    ("order", "", "Q?\n\n" + "1. x\n" * 27 + "\nE.", "This order quiz has 27 items: it may have 26."),
]


def test_every_fault_is_named_with_its_line(tmp_path):
    page, lines = "# Faults\n\n", []
    for kind, options, body, _message in FAULTS:
        lines.append(1 + page.count("\n"))
        page += f"```{{quiz}} {kind}\n{options}\n\n{body}\n```\n\n"
    page += "```{quiz} number\n:answer: 0.5\n\nHow much is 2.5 less 2?\n\nAs $2.5 - 2 = 0.5$.\n```\n"
    (tmp_path / "index.md").write_text(page)
    (tmp_path / "conf.py").write_text(CONF)
    said = warnings(tmp_path)
    prose = said.pop()
    assert "The number 2.5 is typed into the prose" in prose, "quizzes are prose; the answer that they print is not"
    assert len(said) == len(FAULTS), "\n".join(said)
    for warning, line, (*_quiz, message) in zip(said, lines, FAULTS, strict=True):
        assert warning.startswith(f"{tmp_path}/index.md:{line}: WARNING: ") and message in warning
        assert warning.endswith("[press.quiz]"), "it has a name under which Sphinx can be told to keep quiet"


def warnings(root: Path) -> list[str]:
    """What Sphinx has to say when it reads the book."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "gettext",
        "-D",
        "show_warning_types=1",
        str(root),
        str(root / "out"),
    ]
    return subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
