"""Tables that a chapter's cells put out: rows of typed values, which each edition of the book writes in its language.

A cell ends with a table, as it may end with a figure::

    table(
        ["stage", "tolerated shift, degrees", "recognised"],
        [["C1", number(0.171, 2), share(1.0)], ["C2b", number(math.nan, 2, missing="not reached"), share(0.9)]],
    )

A ``str`` is words, which the editions translate; an ``int`` is a number; :func:`verbatim` marks what is the same in
every language. The caption stands in the cell's head, as a figure's does (``mystnb: figure: caption``). In a notebook
the table shows itself; in the book the press writes it (``press/page/tables.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from numbers import Integral
from typing import Any, Literal, NamedTuple

from convnets.common.errors import ConvnetsError

__all__ = ["MIME", "Table", "Value", "html", "number", "restored", "share", "span", "table", "text", "verbatim"]

MIME = "application/vnd.convnets.table+json"
"""The form in which a table is stored: ``{"headings": [value, ...], "rows": [[value, ...], ...]}``."""

_POWER = re.compile(r"(\d)e([+-])0*(\d+)")
_UNWRITTEN = "–"


class Value(NamedTuple):
    """A cell of a table. A number's text is written as in English, ``60,000`` or ``0.17``; its unit is a word."""

    kind: Literal["word", "verbatim", "number"]
    text: str
    unit: str = ""


class Table(NamedTuple):
    """A heading for each column, and rows as long; the first column says what its row is about."""

    headings: list[Value]
    rows: list[list[Value]]

    def stored(self) -> dict[str, Any]:
        """As JSON; :func:`restored` is the way back."""
        return {"headings": [_stored(value) for value in self.headings],
                "rows": [[_stored(value) for value in row] for row in self.rows]}  # fmt: skip

    def __str__(self) -> str:
        return text(self)

    def __repr__(self) -> str:
        return text(self)

    def _repr_mimebundle_(self, **_asked: object) -> dict[str, Any]:
        """For notebooks, the press among them."""
        shown = f"<table>{html(self)}</table>"
        return {MIME: self.stored(), "text/html": shown, "text/plain": text(self)}


def table(headings: Sequence[str | Value], rows: Iterable[Sequence[str | int | Value]]) -> Table:
    """A table whose columns bear ``headings``; each row has as many values.

    Raises:
        ConvnetsError: a row is too long or too short, a heading is empty, there is no row, or a value has no type that
            says how it is written.
    """
    heads, lines = [_value(each) for each in headings], [[_value(each) for each in row] for row in rows]
    if not heads or not lines or any(not head.text.strip() for head in heads):
        raise ConvnetsError("A table has at least one row, and a heading for each column: say what stands in it.")
    for line in lines:
        if len(line) != len(heads):
            raise ConvnetsError(f"A row of the table has {len(line)} values for {len(heads)} headings: {line[0].text}.")
    return Table(heads, lines)


def number(
    value: float,
    decimals: int = 0,
    unit: str = "",
    *,
    digits: int | None = None,
    least: float | None = None,
    missing: str = _UNWRITTEN,
) -> Value:
    """A number with so many ``decimals``, or so many significant ``digits``, and its ``unit``, a word or a sign.

    Args:
        value: the number; NaN is written as ``missing``, a word.
        decimals: digits after the decimal sign.
        unit: what it counts, where the heading does not say so.
        digits: significant digits, for what runs over many orders of magnitude (``8.1e-06``).
        least: below this it is written as ``< least``, to as many digits.
        missing: what stands for no number.
    """
    value = float(value)
    if math.isnan(value):
        return Value("verbatim" if missing == _UNWRITTEN else "word", missing)
    sign, value = ("", value) if least is None or value >= least else ("< ", least)
    written = f"{value:,.{decimals}f}" if digits is None else f"{value:.{digits}g}"
    return Value("number", sign + (written.lstrip("-") if not float(written.replace(",", "")) else written), unit)


def share(value: float, decimals: int = 0) -> Value:
    """A fraction of one, in per cent."""
    return number(100 * value, decimals, "%")


def span(low: float, high: float, decimals: int = 0, unit: str = "") -> Value:
    """From ``low`` to ``high``: a range, or an interval; NaN makes it one that is not known."""
    if math.isnan(low) or math.isnan(high):
        return verbatim(_UNWRITTEN)
    ends = [number(end, decimals).text for end in (low, high)]
    return Value("number", f"{ends[0]} – {ends[1]}" if "-" in "".join(ends) else "–".join(ends), unit)


def verbatim(text: str) -> Value:
    """A name, a symbol or a piece of code, which no edition translates."""
    return Value("verbatim", text)


def _value(given: object) -> Value:
    if isinstance(given, Value):
        return given
    if isinstance(given, str):
        return Value("word", given)
    if isinstance(given, Integral) and not isinstance(given, bool):
        return number(int(given))
    raise ConvnetsError(
        f"A table cannot show {given!r}: give words as text, whole numbers as they are, and others as "
        "number(value, decimals), share(value), span(low, high) or verbatim(text)."
    )


def _stored(value: Value) -> dict[str, str]:
    return {value.kind: value.text} | ({"unit": value.unit} if value.unit else {})


def restored(stored: dict[str, Any]) -> Table:
    """The table that :meth:`Table.stored` wrote."""

    def value(given: dict[str, str]) -> Value:
        kind: Any = next(kind for kind in given if kind != "unit")
        return Value(kind, given[kind], given.get("unit", ""))

    return Table(
        [value(head) for head in stored["headings"]], [[value(each) for each in row] for row in stored["rows"]]
    )


# Writing


def html(given: Table, say: Callable[[str], str] = str, write: Callable[[str], str] = str) -> str:
    """What stands between ``<table>`` and ``</table>``: a head and a body, whose first column heads the rows.

    Args:
        given: the table.
        say: translates words.
        write: puts a number written as in English into a language's form.
    """
    numeric = [_is_numeric([row[column] for row in given.rows]) for column in range(len(given.headings))]

    def cell(tag: str, value: Value, column: int) -> str:
        name, _, scope = tag.partition(" ")
        kinds = ["press-number"] * numeric[column] + ["press-verbatim"] * (value.kind == "verbatim")
        marked = f' class="{" ".join(kinds)}"' if kinds else ""
        return f"<{name}{f' {scope}' if scope else ''}{marked}>{_shown(value, say, write)}</{name}>"

    head = "".join(cell('th scope="col"', value, column) for column, value in enumerate(given.headings))
    lines = [
        "<tr>" + "".join(cell("td" if column else 'th scope="row"', value, column) for column, value in enumerate(row))
        for row in given.rows
    ]
    return f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n" + "".join(f"{line}</tr>\n" for line in lines) + "</tbody>\n"


def _is_numeric(values: list[Value]) -> bool:
    """Whether a column is one of numbers, of which some may be missing."""
    return 2 * sum(value.kind == "number" for value in values) >= len(values)


def _shown(value: Value, say: Callable[[str], str], write: Callable[[str], str]) -> str:
    if value.kind == "verbatim":
        return escape(value.text, quote=False)
    if value.kind == "word":
        return escape(say(value.text), quote=False)
    signs = {"+": "", "-": "\u2212"}
    figures = escape(write(value.text).replace("-", "\u2212"), quote=False).replace("e\u2212", "e-")
    figures = _POWER.sub(lambda found: f"{found[1]}\u00a0×\u00a010<sup>{signs[found[2]]}{found[3]}</sup>", figures)
    return figures + (f"\u00a0{escape(say(value.unit), quote=False)}" if value.unit else "")


def text(given: Table) -> str:
    """The table in letters of one width, numbers flush right."""
    lines = [[f"{value.text} {value.unit}".rstrip() for value in row] for row in (given.headings, *given.rows)]
    columns = [
        _flush([line[column] for line in lines], _is_numeric([row[column] for row in given.rows]))
        for column in range(len(given.headings))
    ]
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _flush(column: list[str], right: bool) -> list[str]:
    width = max(map(len, column))
    return [each.rjust(width) if right else each.ljust(width) for each in column]
