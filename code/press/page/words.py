"""How the press writes numbers, devices and durations on a page, in the page's language."""

from __future__ import annotations

import re

from sphinx.locale import get_translation

from convnets.common import seeds

translate = _ = get_translation("press")  # its catalogue is a language's press.mo; without one, English

SOURCE = "en"
"""The language in which the book is written."""

NBSP = "\u00a0"
GROUPS = {"es": "\u202f"}
"""What stands between the groups of a number, where that is a space."""

_MARKS = {"es": str.maketrans({".": ",", ",": GROUPS["es"]})}  # decimal sign, thousands separator
_PER_CENT = ("coverage",)  # fractions that the page shows so, besides those whose intervals are cut off at 0 and 1


def number(*values: float, name: str = "", language: str = "en") -> str:
    """A value of the metric ``name``, or an interval of two: per cent with two decimals, others with three digits."""
    if seeds.is_share(name) or name.startswith(_PER_CENT):  # fractions in the records, per cent on the page
        text = "–".join(f"{100 * value:.2f}" for value in values) + f"{NBSP}%"
    else:
        text = "–".join(
            f"{v:,}" if isinstance(v, int) else f"{v:,.0f}" if abs(v) >= 100 else f"{v:.3g}" for v in values
        )
    return marked(text, language)


def marked(text: str, language: str) -> str:
    """Numbers written as in English, ``1,516`` and ``60,000.5``, with the language's own signs."""
    if language == "es":
        text = re.sub(r"(?<![\d,.])(\d),(\d{3})(?![\d,])", r"\1\2", text)  # four digits stay together
    return text.translate(_MARKS.get(language, {}))


def quoted(text: str, language: str = "en") -> str:
    """A number that a source reports, written in its author's text: the decimal sign and the space before ``%``."""
    sign = ".".translate(_MARKS.get(language, {}))
    return re.sub(r"(?<=\d)\.(?=\d)", sign, text).replace(" %", f"{NBSP}%")


def device(recorded: str) -> str:
    """``cuda: NVIDIA H200`` -> ``NVIDIA H200``; ``cpu: 1 thread`` -> ``CPU (1 thread)``."""
    kind, __, detail = recorded.partition(": ")
    if kind == "cuda":
        return detail or "GPU"
    count, __, unit = detail.partition(" ")
    if unit in ("thread", "threads"):
        detail = (_("{count} thread") if count == "1" else _("{count} threads")).format(count=count)
    return f"CPU ({detail})" if detail else "CPU"


def duration(seconds: float, language: str = "en") -> str:
    """A time that a reader can compare: ``0.4 s``, ``41 s``, ``12 min``, ``3.5 h``."""
    size, unit = next(((size, unit) for size, unit in ((3600, "h"), (60, "min")) if seconds >= 2 * size), (1, "s"))
    amount = max(seconds / size, 0.1)
    text = f"{amount:.0f}" if amount >= 9.95 else f"{amount:.1f}"
    return text.translate(_MARKS.get(language, {})) + NBSP + unit
