"""Questions that a reader answers in the page and checks at once: the directive ``{quiz}``, of three kinds.

``{quiz} choice``: a question, a numbered list of options, and ``:answer:`` with the number of the right one, or several
(``1, 3``). What follows an option's first paragraph says why it is right or wrong; blocks after the list explain the
answer. ``{quiz} number``: a question and, as last paragraph, the explanation; ``:answer:``, and where they are needed
``:tolerance:`` (absolute) and ``:unit:``. ``{quiz} order``: a question, a numbered list in the right order, which the
page shows shuffled, and an explanation.

All text is plain paragraphs and lists, so that it is translated as prose is. Without JavaScript a page shows the
question, the options and a folded answer; ``static/quiz.js`` turns them into a form.
"""

from __future__ import annotations

import json
import math
import random
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from convnets.common.errors import ConvnetsError
from press.page import words
from press.page.words import translate as _

logger = logging.getLogger(__name__)

_KINDS = {"choice": {"answer"}, "number": {"answer", "tolerance", "unit"}, "order": set[str]()}  # and their options
_MOST_STEPS = 26  # one letter each
_Parts = tuple[nodes.container, nodes.enumerated_list, list[nodes.Node]]  # question, list, what follows it


class QuizNode(nodes.container):
    """A quiz; a builder that knows no such node prints it as the container that it is."""


class AnswerNode(nodes.container):
    """What a quiz shows only when it is asked to: the right answer and the explanations."""


class Quiz(SphinxDirective):
    """A question to be answered in the page."""

    optional_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(("name", "answer", "tolerance", "unit"), directives.unchanged)

    def run(self) -> list[nodes.Node]:
        try:
            quiz = self._quiz(self.arguments[0] if self.arguments else "")
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="quiz")
            return []
        self.set_source_info(quiz)
        self.add_name(quiz)
        return [quiz]

    def _quiz(self, kind: str) -> QuizNode:
        if kind not in _KINDS:
            raise ConvnetsError(f"`{kind}` is no kind of quiz: write `{{quiz}} choice`, `number` or `order`.")
        if stray := sorted(self.options.keys() - _KINDS[kind] - {"name"}):
            raise ConvnetsError(f"`:{stray[0]}:` says nothing in {_a(kind)} quiz: remove it.")
        if "answer" in _KINDS[kind] and not self.options.get("answer"):
            raise ConvnetsError(f"This {kind} quiz has no answer: add `:answer:` below its first line.")
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        quiz = QuizNode(kind=kind)
        if kind == "number":
            self._fill_number(quiz, body.children)
        else:
            fill = _fill_choice if kind == "choice" else _fill_order
            fill(quiz, _parts(kind, body.children), self.options.get("answer", ""))
        return quiz

    def _fill_number(self, quiz: QuizNode, blocks: list[nodes.Node]) -> None:
        if len(blocks) < 2 or not isinstance(blocks[-1], nodes.paragraph):
            raise ConvnetsError("This number quiz explains nothing: end with a paragraph that explains the answer.")
        answer, tolerance = self.options["answer"], self.options.get("tolerance", "0")
        quiz["answer"], quiz["tolerance"] = _number("answer", answer), _number("tolerance", tolerance)
        if quiz["tolerance"] < 0:
            raise ConvnetsError(f"The tolerance {tolerance} is negative: write how far an answer may lie off, or 0.")
        language = self.config.language
        shown = words.number(int(answer), language=language) if answer.isdigit() else words.quoted(answer, language)
        solution = [_note(_("Right answer: {answer}").format(answer=shown), "quiz-right")]
        if unit := self.options.get("unit"):
            text = nodes.paragraph(unit, "", *self.parse_inline(unit, lineno=self.lineno)[0], classes=["quiz-unit"])
            self.set_source_info(text)  # without it, Sphinx would not translate the unit
            solution.append(text)
        quiz += _question("number", blocks[:-1])
        quiz += AnswerNode("", *solution, blocks[-1])


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "order" else f"a {kind}"


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConvnetsError(f"The {name} `{text}` is no number: write it with a decimal point, such as 12.5.")
    return number


def _parts(kind: str, blocks: list[nodes.Node]) -> _Parts:
    lists = [block for block in blocks if isinstance(block, nodes.enumerated_list)]
    if len(lists) != 1:
        raise ConvnetsError(f"{_a(kind).capitalize()} quiz has one list, `1. ...`, `2. ...`; this has {len(lists)}.")
    if len(lists[0]) < 2:
        raise ConvnetsError(f"The list of {_a(kind)} quiz has at least two items; this has one.")
    for number, item in enumerate(lists[0], 1):
        if not item.children or not isinstance(item[0], nodes.paragraph):
            raise ConvnetsError(f"Item {number} of this {kind} quiz must start with a paragraph.")
    place = blocks.index(lists[0])
    return _question(kind, blocks[:place]), lists[0], blocks[place + 1 :]


def _question(kind: str, blocks: list[nodes.Node]) -> nodes.container:
    if not blocks or not isinstance(blocks[-1], nodes.paragraph):
        after = "explanation" if kind == "number" else "list"
        raise ConvnetsError(f"This {kind} quiz asks nothing: put a paragraph with the question before the {after}.")
    return nodes.container("", *blocks, classes=["quiz-question"])


def _fill_choice(quiz: QuizNode, parts: _Parts, answer: str) -> None:
    question, options, after = parts
    right = _choices(answer, len(options))
    told = _("Right answer: {answer}") if len(right) == 1 else _("Right answers: {answer}")
    solution: list[nodes.Node] = [_note(told.format(answer=", ".join(map(str, right))), "quiz-right")]
    reasons = [option.children[1:] for option in options]
    if any(reasons):
        marks = [_("Right.") if number in right else _("Wrong.") for number in range(1, len(options) + 1)]
        items = zip(marks, reasons, strict=True)
        listed = [nodes.list_item("", _note(mark, "quiz-mark"), *reason) for mark, reason in items]
        solution.append(_list(listed, "quiz-reasons", "arabic"))
    elif not after:
        raise ConvnetsError("This choice quiz explains nothing: say below each option why it is right or wrong.")
    hint = [_note(_("More than one is right."), "quiz-hint")] if len(right) > 1 else []
    shown = _list([nodes.list_item("", option[0]) for option in options], "quiz-options", "arabic")
    quiz["answer"] = " ".join(map(str, right))
    quiz += [question, *hint, shown, AnswerNode("", *solution, *after)]


def _choices(answer: str, count: int) -> list[int]:
    """The numbers of the right options, in ascending order."""
    try:
        right = sorted({int(text) for text in answer.split(",")})
    except ValueError as error:
        message = f"The answer `{answer}` names no options: write their numbers, such as `2` or `1, 3`."
        raise ConvnetsError(message) from error
    if right[0] < 1 or right[-1] > count:
        raise ConvnetsError(f"The answer `{answer}` names an option that is not there: there are 1 to {count}.")
    return right


def _fill_order(quiz: QuizNode, parts: _Parts, _answer: str) -> None:
    question, steps, after = parts
    if not after:
        raise ConvnetsError("This order quiz explains nothing: end with a paragraph that explains the order.")
    if long := [number for number, step in enumerate(steps, 1) if len(step) > 1]:
        raise ConvnetsError(f"Item {long[0]} of this order quiz must be one paragraph: explain it after the list.")
    if len(steps) > _MOST_STEPS:
        raise ConvnetsError(f"This order quiz has {len(steps)} items: it may have {_MOST_STEPS}.")
    order = shuffled(len(steps), steps.astext())
    letters = ", ".join(chr(ord("A") + order.index(place)) for place in range(len(steps)))
    solution = _note(_("Right order: {answer}").format(answer=letters), "quiz-right")
    shown = _list([steps[place] for place in order], "quiz-options", "upperalpha")
    quiz["answer"] = " ".join(map(str, order))
    quiz += [question, shown, AnswerNode("", solution, *after)]


def shuffled(count: int, seed: str) -> list[int]:
    """The numbers below ``count`` in an order that ``seed`` fixes, none of them in its own place."""
    order, chance = list(range(count)), random.Random(seed)
    while any(place == item for place, item in enumerate(order)):
        chance.shuffle(order)
    return order


def _list(items: list[nodes.Node], name: str, numbering: str) -> nodes.enumerated_list:
    return nodes.enumerated_list("", *items, classes=[name], enumtype=numbering, prefix="", suffix=".")


def _note(text: str, name: str) -> nodes.paragraph:
    """A line of ours, already in the page's language."""
    return nodes.paragraph(text, text, classes=[name], translatable=False)


# On the page


def interface_words() -> dict[str, str]:
    """What the form says, in the page's language."""
    said = {
        "check": _("Check"),
        "again": _("Try again"),
        "right": _("Right."),
        "wrong": _("Not yet."),
        "partly": _("Not yet: what you chose is right, but something is missing."),
        "placed": _("Not yet: {count} of {total} in place."),
        "empty": _("Choose an answer first."),
        "number": _("Write a number first."),
        "up": _("Move up:"),
        "down": _("Move down:"),
        "moved": _("Now in place {place} of {total}."),
    }
    return {name: str(text) for name, text in said.items()}


def visit_quiz(self: HTML5Translator, node: QuizNode) -> None:
    """Open the quiz, with all that its form has to know."""
    told = {name: node[name] for name in ("kind", "answer", "tolerance") if name in node}
    told["words"] = json.dumps(interface_words(), ensure_ascii=False)
    self.body.append(self.starttag(node, "div", CLASS="quiz", **{f"data-{name}": told[name] for name in told}))
    self.body.append(f'<p class="quiz-title">{self.encode(_("Question"))}</p>\n')


def visit_answer(self: HTML5Translator, node: AnswerNode) -> None:
    """Open the folded part."""
    self.body.append(self.starttag(node, "details", CLASS="quiz-answer"))
    self.body.append(f"<summary>{self.encode(_('Answer'))}</summary>\n")


def add_files(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load script and style sheet where there is a quiz, and nowhere else."""
    if doctree is not None and next(doctree.findall(QuizNode), None) is not None:
        app.add_js_file("quiz.js", loading_method="defer")
        app.add_css_file("quiz.css")


def setup(app: Sphinx) -> None:
    """Register the directive and its nodes."""
    app.add_directive("quiz", Quiz)
    for node, visit, tag in ((QuizNode, visit_quiz, "div"), (AnswerNode, visit_answer, "details")):
        close = f"</{tag}>\n"
        handlers = (visit, lambda self, node, close=close: self.body.append(close))
        app.add_node(node, html=handlers, singlehtml=handlers)  # a name of its own may hide the other's handlers
    app.connect("html-page-context", add_files)
