"""The stages in which the network of 2003 comes about: US2, US3 and US4 one after the other, each from digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional as F

from convnets.common import assets, source, telling
from convnets.neocognitron.data import Digits
from convnets.neocognitron.improved import ORIENTATIONS, ImprovedNeocognitron, field_places, retina
from convnets.neocognitron.improved_learning import Competition, Organiser, Teacher
from convnets.neocognitron.recipes import Recipe

__all__ = ["State", "organise", "teach"]

BATCH, PART = 50, 2500
"""Digits whose answers are computed, and stored, together."""


class State(nn.Module):
    """What a run has learned so far, in tensors of full capacity: rows of zeros are planes that have not come about."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        design, lessons = recipe.design, recipe.lessons
        self.cells = field_places(design.s4.size, design.s4.radius)
        self.register_buffer("s2", torch.zeros(design.s2.most, ORIENTATIONS, design.s2.size, design.s2.size))
        self.register_buffer("s3", torch.zeros(design.s3.most, design.s2.most, design.s3.size, design.s3.size))
        self.register_buffer("s4", torch.zeros(lessons.most, design.s3.most, self.cells.shape[1]))
        self.register_buffer("labels", torch.zeros(lessons.most))

    def network(self) -> ImprovedNeocognitron:
        """The network with the planes that there are; a stage that has not learned yet has one plane of zeros."""
        planes = [max(1, int(part.flatten(1).any(1).sum())) for part in (self.s2, self.s3, self.s4)]  # type: ignore
        net = ImprovedNeocognitron((planes[0], planes[1], planes[2]), self.recipe.design)
        net.s2.weights.copy_(self.s2[: planes[0]])  # type: ignore[index]
        net.s3.weights.copy_(self.s3[: planes[1], : planes[0]])  # type: ignore[index]
        net.s4.weights.copy_(self.s4[: planes[2], : planes[1]])  # type: ignore[index]
        net.s4.labels.copy_(self.labels[: planes[2]])  # type: ignore[index]
        return net

    def keep(self, name: str, values: Tensor) -> None:
        """Store ``values``, rounded to float16, in the first rows and columns of a tensor."""
        own = getattr(self, name)
        own.zero_()
        own[tuple(slice(size) for size in values.shape)] = values.half().float()


@torch.inference_mode()
def organise(state: State, stage: int, digits: Digits, on_step: Callable[[float], None] | None) -> dict[str, Any]:
    """Stage 2 or 3: US2 or US3 organises itself; the planes after each picture."""
    recipe, part = state.recipe, getattr(state.recipe.design, f"s{stage}")
    net = state.network()
    images = digits.images[: recipe.organising]
    answers = [net.below(retina(batch, recipe.design.scale), stage - 1) for batch in images.split(BATCH)]
    layer = Organiser(Competition(part.learning, most=part.most), part.size, part.radius)
    state.keep(f"s{stage}", layer.organise(torch.cat(answers)))
    for planes in layer.history if on_step else []:
        on_step(float(planes))  # type: ignore[misc]
    return {f"planes_s{stage}": layer.history}


@torch.inference_mode()
def teach(state: State, digits: Digits, folder: Path | None, on_step: Callable[[float], None] | None) -> dict[str, Any]:
    """Stage 4: US4 learns the labels; planes after each pass, and digits corrected in each."""
    recipe = state.recipe
    rules = recipe.lessons
    seen = _patterns(state.network(), digits.images, folder)
    teacher = Teacher(rules, seen.shape[1])
    planes, corrected = [], []
    for lesson in range(rules.passes):
        for batch in _order(recipe, lesson, len(seen)).split(rules.batch):
            best = teacher.show(F.normalize(seen[batch].float(), dim=1), digits.labels[batch])
            if on_step:
                on_step(float(best.mean()))
        planes.append(teacher.planes)
    passes = (recipe.epochs or rules.corrections) if rules.corrections else 0
    for lesson in range(passes):
        rate, count = rules.rate * (1 - lesson / passes), 0
        for batch in _order(recipe, rules.passes + lesson, len(seen)).split(rules.batch):
            count += teacher.correct(F.normalize(seen[batch].float(), dim=1), digits.labels[batch], rate)
        corrected.append(count)
    cells = state.cells.shape[1]  # V-cells average over so many: weights of this size give the cosine, at most 1
    state.keep("s4", teacher.directions[: teacher.planes].unflatten(1, (-1, cells)) / cells**0.5)
    state.keep("labels", teacher.labels[: teacher.planes].float())
    return {"planes_s4": planes, "corrected": corrected}


def _patterns(net: ImprovedNeocognitron, images: Tensor, folder: Path | None) -> Tensor:
    """(N, inputs) float16: what the cells in the middle of US4 see of ``images``.

    This is what takes long. Parts are kept in ``folder`` under a digest of all they depend on, for a killed run.
    """
    middle = net.s4.places[len(net.s4.places) // 2]  # type: ignore[index, arg-type]
    code = source.closure(["convnets.neocognitron.improved:ImprovedNeocognitron"])
    about = repr((code, net.design)).encode() + b"".join(
        net.state_dict()[f"s{i}.weights"].numpy().tobytes() for i in (2, 3)
    )
    found = []
    for part in telling.bar(images.split(PART), "answers of UC3"):
        file = folder and folder / f"{assets.sha256(about + part.numpy().tobytes())}.safetensors"
        if file and file.exists():
            found.append(load_file(file)["patterns"])
            continue
        answers = [
            net.below(retina(batch, net.design.scale), 3).flatten(2)[:, :, middle] for batch in part.split(BATCH)
        ]
        found.append(torch.cat(answers).flatten(1).half())
        if file:
            assets.write_atomic(file, save({"patterns": found[-1]}))
    return torch.cat(found)


def _order(recipe: Recipe, lesson: int, count: int) -> Tensor:
    return torch.randperm(count, generator=torch.Generator().manual_seed(recipe.seed * 1_000_003 + lesson))
