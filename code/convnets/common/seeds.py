"""A metric over all seeds of a recipe: its mean, and how sure that mean is."""

from __future__ import annotations

from typing import NamedTuple

from convnets.common import runs, stats
from convnets.common.errors import ConvnetsError

__all__ = ["Summary", "is_share", "metrics", "summary"]

_SHARES = frozenset({"error", "accuracy", "miou", "map50", "dice"})


class Summary(NamedTuple):
    """A metric over all seeds of one recipe, as fractions."""

    mean: float
    low: float  # lower end of the 95 % interval
    high: float
    values: tuple[float, ...]  # one a seed, in seed order


def summary(system: str, recipe: str, metric: str, split: str = "test") -> Summary:
    """``metric`` of ``recipe`` over its seeds; with one seed the interval is that run's own.

    The t-interval of a share knows nothing of its limits and is cut off there.

    Raises:
        ConvnetsError: no such run or metric.
    """
    stems = [stem for stem in runs.names(system) if stem.rpartition("-")[0] == recipe]
    if not stems:
        known = sorted({stem.rpartition("-")[0] for stem in runs.names(system)})
        raise ConvnetsError(f"There is no run of {system}/{recipe}: stored are {', '.join(known) or 'none'}.")
    records = sorted((runs.read(system, stem) for stem in stems), key=lambda record: record["seed"])
    try:
        values = tuple(float(record["metrics"][split][metric]) for record in records)
    except (KeyError, TypeError) as error:
        has = ", ".join(f"{part}.{name}" for part, found in records[0]["metrics"].items() for name in found)
        raise ConvnetsError(f"The run {system}/{recipe} has no {split}.{metric}: it has {has}.") from error
    if len(values) > 1:
        mean, low, high = stats.mean_interval(values)
        if is_share(metric):
            low, high = max(low, 0.0), min(high, 1.0)
        return Summary(mean, low, high, values)
    low, high = records[0].get("interval95", {}).get(split, {}).get(metric, (values[0], values[0]))
    return Summary(values[0], low, high, values)


def is_share(metric: str) -> bool:
    """Whether a metric such as ``error`` or ``accuracy_c2`` is a fraction of one: its interval ends at 0 and 1."""
    return metric.partition("_")[0] in _SHARES


def metrics(system: str, recipe: str, split: str = "test") -> list[str]:
    """Names of what was measured on ``split`` for ``recipe``."""
    stems = [stem for stem in runs.names(system) if stem.rpartition("-")[0] == recipe]
    return sorted({name for stem in stems for name in runs.read(system, stem)["metrics"].get(split, {})})
