"""Measurements beyond the accuracy: mistakes, doubt and its limit, weather, strangers, what a split by picture adds.

Recorded functions: a result is loaded if it is stored for this code and these weights, else computed. Shares of a
softmax are calibrated: scores are divided by a temperature that was chosen on validation tracks.

Sources:
    - Guo, Pleiss, Sun, Weinberger: "On calibration of modern neural networks", ICML 2017, sections 2 and 4.2: expected
      calibration error, temperature.
    - Hendrycks, Gimpel: "A baseline for detecting misclassified and out-of-distribution examples in neural networks",
      ICLR 2017: the largest share of the softmax as a sign of doubt.

Deviations:
    - The bins of the calibration error are not of equal width: nearly all shares lie above 0.9.
    - Weather is measured on every fifth test picture.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convnets.common import runs, stats
from convnets.common.recorded import recorded
from convnets.signs import data, nets
from convnets.signs.weather import KINDS, STRENGTHS, changed

__all__ = [
    "KEPT", "baselines", "calibration", "confusions", "doubt", "groups", "leak", "mistakes", "robustness",
    "strangers", "tried",
]  # fmt: skip

Result = dict[str, Any]

KEPT = 0.99
"""Share of the right answers on validation tracks that a limit for answers keeps."""
DOUBTING = ("best", "transformer", "unseen")
"""Networks that the page can show, each with its temperature and limit."""
EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Between these shares answers are counted together."""
EVERY = 5
"""Of so many test pictures one is shown in all weathers."""
FREQUENT = 6

_TEMPERATURES = torch.logspace(-1, 0.7, 341)
_DECAYS = (1e-4, 1e-3)


def _asked(net: str, signs: data.Signs, device: str) -> Tensor:
    return nets.scores(nets.load(net).to(device), signs.images)


def _known(net: str, signs: data.Signs) -> data.Signs:
    """Those of ``signs`` that the network has been taught."""
    return data.without(signs, data.STRANGERS) if net == "unseen" else signs


def temperature(found: Tensor, labels: Tensor) -> float:
    """The number by which scores (N, K) are best divided: it makes the cross-entropy with ``labels`` (N,) least."""
    losses = [float(F.cross_entropy(found / value, labels)) for value in _TEMPERATURES]
    return round(float(_TEMPERATURES[losses.index(min(losses))]), 4)


def limit(shares: Tensor, right: Tensor, kept: float = KEPT) -> float:
    """The largest limit for the shares of answers (N,) at which ``kept`` of the ``right`` ones (N,) stay."""
    sure = shares[right].sort(descending=True).values
    return float(sure[min(len(sure), -int(-kept * len(sure) // 1)) - 1])


@recorded("signs")
def doubt(*, device: str) -> Result:
    """For each network of the page its temperature and its limit, both chosen on validation tracks."""
    held, found = data.split().validation, {}
    for net in DOUBTING:
        known = _known(net, held)
        scores = _asked(net, known, device)
        divided = temperature(scores, known.labels)
        sure = (scores / divided).softmax(1).max(1)
        chosen = limit(sure.values, sure.indices == known.labels)
        found[net] = {"temperature": divided, "threshold": round(chosen, 6)}
    return found


def _best(device: str) -> tuple[data.Signs, Tensor]:
    """The test pictures, and the calibrated shares (N, 43) that our network gives to them."""
    test = data.load("test")
    return test, (_asked("best", test, device) / doubt()["best"]["temperature"]).softmax(1)


@recorded("signs")
def mistakes(*, device: str) -> Result:
    """Test pictures that our network misreads, the most certain first: index, label, answer, its share.

    ``counts`` says how many test pictures there are of each label.
    """
    test, shares = _best(device)
    best = shares.max(1)
    wrong = (best.indices != test.labels).nonzero()[:, 0]
    wrong = wrong[best.values[wrong].argsort(descending=True, stable=True)]
    return {
        "index": wrong.tolist(),
        "label": test.labels[wrong].tolist(),
        "answer": best.indices[wrong].tolist(),
        "share": [round(value, 5) for value in best.values[wrong].tolist()],
        "counts": test.labels.bincount(minlength=len(data.CLASSES)).tolist(),
    }


def confusions(count: int = FREQUENT) -> list[dict[str, Any]]:
    """The most frequent pairs of label and answer among the mistakes, with how many such signs the test has."""
    found = mistakes()
    pairs = Counter(zip(found["label"], found["answer"], strict=True)).most_common(count)
    return [
        {"label": data.CLASSES[label], "answer": data.CLASSES[answer], "count": times, "of": found["counts"][label]}
        for (label, answer), times in pairs
    ]


def tried() -> list[Result]:
    """The recipes that our best network was chosen from, each by its first seed, as the records of the runs tell."""
    found = []
    for recipe in ("plain", "plain-long", "best"):
        record = runs.read("signs", f"{recipe}-0")
        held = record["metrics"]["validation"]
        found.append({"recipe": recipe, "epochs": record["settings"]["epochs"], **held})
    return found


@recorded("signs")
def groups(*, device: str) -> Result:
    """For each family of signs: how many test pictures, and the share that our network reads right."""
    test, shares = _best(device)
    right, found = shares.argmax(1) == test.labels, {}
    for name, labels in data.GROUPS.items():
        within = torch.isin(test.labels, torch.tensor(labels))
        found[name] = {"count": int(within.sum()), "accuracy": float(right[within].double().mean())}
    return found


@recorded("signs")
def calibration(*, device: str) -> Result:
    """How often our network is right on test pictures by how sure it is, before and after its temperature.

    ``bins`` hold the mean share, the part that is right and the count; ``error`` is the expected calibration error.
    ``kept`` of the right answers and ``caught`` of the wrong ones lie above and below the limit.
    """
    test, chosen = data.load("test"), doubt()["best"]
    scores = _asked("best", test, device)
    found: Result = dict(chosen)
    for when, divided in (("before", 1.0), ("after", chosen["temperature"])):
        sure = (scores / divided).softmax(1).max(1)
        right = sure.indices == test.labels
        found[when] = _bins(sure.values, right)
    answered = sure.values >= chosen["threshold"]
    found["kept"] = float(answered[right].double().mean())
    found["caught"] = float((~answered)[~right].double().mean())
    return found


def _bins(shares: Tensor, right: Tensor) -> Result:
    places = torch.bucketize(shares, torch.tensor(EDGES[1:-1]), right=True)
    bins = []
    for place in range(len(EDGES) - 1):
        inside = places == place
        if count := int(inside.sum()):
            means = [float(one[inside].double().mean()) for one in (shares, right)]
            bins.append([*(round(mean, 5) for mean in means), count])
    error = sum(count * abs(sure - hit) for sure, hit, count in bins) / len(shares)
    return {"bins": bins, "error": error}


@recorded("signs")
def robustness(*, device: str) -> Result:
    """For each kind of weather its strengths and, by network, the share of every fifth test picture read right."""
    test = data.load("test")
    some = test.take(torch.arange(0, len(test.labels), EVERY))
    models = {net: nets.load(net).to(device) for net in ("best", "transformer")}
    found: Result = {kind: {"strengths": list(STRENGTHS[kind]), "accuracy": {}} for kind in KINDS}
    for net, model in models.items():
        clear = None
        for kind in KINDS:
            right = []
            for strength in STRENGTHS[kind]:
                if strength == 0 and clear is not None:
                    right.append(clear)
                    continue
                right.append(_right(model, changed(data.planes(some.images), kind, strength), some.labels))
                clear = right[0]
            found[kind]["accuracy"][net] = right
    return found


@torch.inference_mode()
def _right(model: torch.nn.Module, images: Tensor, labels: Tensor) -> float:
    device = next(model.parameters()).device
    answers = torch.cat([model(part.to(device)).argmax(1).cpu() for part in images.split(250)])
    return float((answers == labels).double().mean())


@recorded("signs")
def strangers(*, device: str) -> Result:
    """The network that was never shown five of the signs: which test pictures it answers, of those and of the others.

    ``signs`` are its five strangers: the label, what it mostly says, and the share that its limit refuses.
    """
    test, chosen = data.load("test"), doubt()["unseen"]
    sure = (_asked("unseen", test, device) / chosen["temperature"]).softmax(1).max(1)
    refused, strange = sure.values < chosen["threshold"], torch.isin(test.labels, torch.tensor(data.STRANGERS))
    told = []
    for label in data.STRANGERS:
        own = test.labels == label
        answer = int(sure.indices[own].mode().values)
        said = float((sure.indices[own] == answer).double().mean())
        told.append({"label": label, "answer": answer, "said": said, "refused": float(refused[own].double().mean())})
    return {
        "signs": told,
        "caught": float(refused[strange].double().mean()),
        "kept": float((~refused)[~strange].double().mean()),
    }


def _nearest(pictures: Tensor, labels: Tensor, asked: Tensor) -> Tensor:
    """For each picture asked about (N, D) the label of the nearest of others (M, D)."""
    return labels[torch.cat([torch.cdist(some, pictures).argmin(1) for some in asked.split(200)])]


def _flat(signs: data.Signs, device: str) -> tuple[Tensor, Tensor]:
    return data.planes(signs.images).flatten(1).to(device), signs.labels.to(device)


@recorded("signs")
def leak(*, device: str) -> Result:
    """Share that the nearest training picture tells right, with validation split off by track or by picture."""
    parts = data.split()
    pictures = [_flat(part, device) for part in (parts.train, parts.validation)]
    count = len(parts.validation.labels)
    every, labels = (torch.cat([part[place] for part in pictures]) for place in (0, 1))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0)).to(device)
    held, others = order[:count], order[count:]
    told = {
        "image": (_nearest(every[others], labels[others], every[held]), labels[held]),
        "track": (_nearest(*pictures[0], pictures[1][0]), pictures[1][1]),
    }
    return {name: float((answers == right).double().mean()) for name, (answers, right) in told.items()}


@recorded("signs")
def baselines(*, device: str) -> Result:
    """Two classifiers of bare pixels on the test pictures: the nearest training picture, and a linear softmax.

    The softmax's weight decay is chosen on validation tracks.
    """
    train, held, test = (_flat(part, device) for part in data.split())
    fitted = [_softmax(*train, decay) for decay in _DECAYS]
    right = [float(((held[0] @ weight).argmax(1) == held[1]).double().mean()) for weight in fitted]
    answers = {
        "nearest": _nearest(*train, test[0]),
        "linear": (test[0] @ fitted[right.index(max(right))]).argmax(1),
    }
    return {
        name: stats.share("accuracy", int((answer == test[1]).sum()), len(answer))._asdict()
        for name, answer in answers.items()
    }


def _softmax(x: Tensor, labels: Tensor, decay: float, steps: int = 20) -> Tensor:
    """Weights (D, 43) that fit labels to x (N, D), by L-BFGS."""
    weight = torch.zeros(x.shape[1], len(data.CLASSES), device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=steps, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x @ weight, labels) + decay * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[arg-type]
    return weight.detach()
