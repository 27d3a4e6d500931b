"""Measured numbers in prose: the role ``{result}`` and the table ``{results}``, both read from run records.

The role: ``{result}`lenet/lenet5.error``` is the mean over the recipe's seeds on the test split; ``:interval`` and
``:seeds`` after it give the 95 % interval and the number of seeds; ``lenet/lenet5-0.error`` is one run,
``lenet/lenet5.validation.error`` another split, ``lenet/lenet5.settings.epochs`` any other number of the record.

The directive's body is a YAML list; per row ``label``, ``recipe``, ``metric`` and, as far as there is something to
say, ``paper`` (what the source reports, as text), ``cite`` (its key in references.bib) and ``note``. A row with a
``claim`` (what the network is called there) and ``comparable`` (are the paper's number and ours?) is a row of the
recapitulation too.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from convnets.common import assets, kept, runs, seeds
from convnets.common.errors import ConvnetsError
from press.outputs import written
from press.page import words
from press.page.sphinx_outputs import depends_on
from press.page.words import translate as _

logger = logging.getLogger(__name__)

_SPEC = re.compile(r"(?P<system>\w+)/(?P<run>[\w-]+)(?:\.(?P<path>[\w.]+))?(?::(?P<what>\w+))?")
_CLAIM = {"claim", "comparable"}
_ROW_KEYS = {"label", "recipe", "metric", "paper", "cite", "note", *_CLAIM}


def text(spec: str, language: str = "en") -> str:
    """What the role prints for ``spec``.

    Raises:
        ConvnetsError: the form is wrong, or there is no such run or number; it says what there is.
    """
    found = _SPEC.fullmatch(spec)
    if not found or found["what"] not in (None, "interval", "seeds") or not (found["path"] or found["what"] == "seeds"):
        raise ConvnetsError(
            f"`{spec}` is no result: write system/recipe.metric, system/recipe-seed.metric, or one of these "
            "followed by :interval or :seeds."
        )
    path = found["path"] or "seed"  # the number of seeds needs no metric: each record has its seed
    name = path.rpartition(".")[2]
    summary = _summary(found["system"], found["run"], path)
    if found["what"] == "seeds":
        return words.number(len(summary.values), language=language)
    if found["what"] == "interval":
        if math.isnan(summary.low):
            raise ConvnetsError(f"`{spec}` has no interval: only the metrics of a run have one.")
        return words.number(summary.low, summary.high, name=name, language=language)
    return words.number(summary.mean, name=name, language=language)


@cache
def _summary(system: str, run: str, path: str) -> seeds.Summary:
    """The number at ``path`` in a run's record, or over the records of all seeds of a recipe."""
    one = run in runs.names(system)
    split, __, name = path.rpartition(".")
    split = split or "test"
    stems = [run] if one else [stem for stem in runs.names(system) if stem.rpartition("-")[0] == run]
    records = [runs.read(system, stem) for stem in stems]
    if not records or name in records[0]["metrics"].get(split, {}):
        return _of_run(records[0], split, name) if one else seeds.summary(system, run, name, split)
    values = tuple(_field(record, path) for record in records)
    mean = values[0] if len(set(values)) == 1 else sum(values) / len(values)  # an integer stays one
    return seeds.Summary(mean, math.nan, math.nan, values)


def _of_run(record: dict[str, Any], split: str, name: str) -> seeds.Summary:
    value = record["metrics"][split][name]
    low, high = record.get("interval95", {}).get(split, {}).get(name, (value, value))
    return seeds.Summary(value, low, high, (value,))


def _field(record: dict[str, Any], path: str) -> float:
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        metrics = [f"{split}.{name}" for split, found in record["metrics"].items() for name in found]
        raise ConvnetsError(
            f"The run {record['system']}/{record['recipe']}-{record['seed']} holds no number `{path}`: it has the "
            f"metrics {', '.join(metrics)} and the fields {', '.join(sorted(record))}."
        )
    return value


def _explanation() -> str:
    return _(
        "Ours: single networks, mean over the seeds. Interval: 95 % t-interval of that mean, cut off where shares end; "
        "with one seed, the 95 % interval of that run on its test examples."
    )


def accepted(system: str) -> list[nodes.Node]:
    """Of runs that `press accept` kept after a change of code: a fold with the reasons, or nothing."""
    entries = kept.reasons(assets.path(system))
    if not entries:
        return []
    said = html.escape(str(_("Runs kept after changes of code that were shown to change no result:"))).removesuffix(":")
    reasons = nodes.bullet_list(translatable=False)
    for date, because in entries:
        reasons += nodes.list_item("", nodes.paragraph("", f"{date}: {_(because)}", translatable=False))
    opening = f'<details class="press-explanation">\n<summary>{said} ({len(entries)})</summary>\n'
    return [nodes.raw("", opening, format="html"), reasons, nodes.raw("", "</details>\n", format="html")]


class ResultRole(SphinxRole):
    """A number from the run records, in the page's language."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        spec = self.text.strip()
        depends_on(self.env, spec.partition("/")[0])
        try:
            shown = text(spec, self.config.language)
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="result")
            return [nodes.literal(spec, spec)], []
        return [nodes.inline(shown, shown, classes=["press-result"])], []


class ResultsTable(SphinxDirective):
    """The headline table of a system: what the paper reports, what we measure, and on what."""

    required_arguments = 1
    has_content = True
    option_spec = {"caption": directives.unchanged, "name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        system = self.arguments[0]
        depends_on(self.env, system)
        heads = (_("System"), _("Paper"), _("Ours (mean)"), _("95 % interval"), _("Seeds"), _("Test set"), _("Device"))
        try:
            found = [self._row(system, row) for row in rows("\n".join(self.content))]
        except ConvnetsError as error:
            logger.warning("%s", error, location=self.get_location(), type="press", subtype="result")
            return []
        box = nodes.container(classes=["press-results"])
        lines = table(heads, found)
        self.state.nested_parse(StringList(lines, self.env.docname), self.content_offset, box)
        caption = self.options.get("caption") or _("Results of {system}.").format(system=system)
        self.options.setdefault("name", f"results-{system}")
        self._finish(box[0], caption)
        box += nodes.paragraph("", _explanation(), classes=["press-explanation"], translatable=False)
        box += accepted(system)
        return [box]

    def _row(self, system: str, row: dict[str, Any]) -> list[str]:
        """The cells of a row, as markup."""
        language, result = self.config.language, f"{system}/{row['recipe']}.{row['metric']}"
        text(result)  # refuses an unknown run before the record is looked for
        stem = next(stem for stem in runs.names(system) if row["recipe"] in (stem, stem.rpartition("-")[0]))
        record = runs.read(system, stem)
        count = record["data"].get("splits", {}).get("test")
        label = row["label"] + (f" [{row['note']}]{{.press-note}}" if row.get("note") else "")
        cited = f" {{cite}}`{row['cite']}`" if row.get("cite") else ""
        examples = f", {words.number(count, language=language)}" if count else ""
        return [
            label,
            words.quoted(str(row.get("paper", "–")), language) + cited,
            *(f"{{result}}`{result}{what}`" for what in ("", ":interval", ":seeds")),
            _data_name(record) + examples,
            words.device(record["device"]),
        ]

    def _finish(self, table: nodes.table, caption: str) -> None:
        """Add caption and label; the first column is prose, which is translated: Sphinx must know its place."""
        table.insert(0, nodes.title(caption, "", *self.parse_inline(caption, lineno=self.lineno)[0]))
        table["classes"].append("press-results-table")
        self.set_source_info(table)
        self.add_name(table)
        for body in table.findall(nodes.tbody):
            for row in body:
                self.set_source_info(row[0][0])


def _data_name(record: dict[str, Any]) -> str:
    """A set's own name is the same in all languages; a description, which begins with a small letter, is not."""
    name = str(record["data"].get("name", ""))
    return _(name) if name[:1].islower() else name


def rows(body: str) -> list[dict[str, Any]]:
    """The rows of a ``{results}``, checked.

    Raises:
        ConvnetsError: the body is no list of rows, or a row says too much or too little.
    """
    found = written.read_yaml(body, "The body of `{results}`")
    if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
        raise ConvnetsError("The body of `{results}` must be a YAML list of rows, each with label, recipe and metric.")
    for row in found:
        needed = {"label", "recipe", "metric"} | (_CLAIM if _CLAIM & row.keys() else set())
        wrong = sorted(map(str, row.keys() - _ROW_KEYS)) + sorted(needed - row.keys())
        if wrong:
            raise ConvnetsError(
                f"A row of `{{results}}` has too much or too little: {', '.join(map(str, wrong))}; it needs label, "
                "recipe and metric and may have paper, cite, note, and claim with comparable."
            )
        if odd := [name for name in row if name != "comparable" and not isinstance(row[name], str)]:
            raise ConvnetsError(f"`{odd[0]}` in a row of `{{results}}` is no text: put it between quotation marks.")
    return found


def table(heads: Iterable[str], found: Iterable[Iterable[str]]) -> list[str]:
    """A table as lines of markup."""
    head = [str(text) for text in heads]
    return [_line(head), "|---" * len(head) + "|", *map(_line, found)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"


def setup(app: Sphinx) -> None:
    """Register the role and the directive."""
    app.connect("builder-inited", lambda app: _summary.cache_clear())
    app.add_role("result", ResultRole())
    app.add_directive("results", ResultsTable)
