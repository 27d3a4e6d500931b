"""Cells of the visual pathway as models: what they answer, in spikes per second, to a film on the screen.

Five kinds, one table of numbers each (:class:`Unit`):

- ``on`` and ``off``: concentric cells of the lateral geniculate body, a difference of Gaussians
  (Rodieck 1965; Enroth-Cugell & Robson 1966);
- ``simple``: one Gabor function of any phase, rectified (Hubel & Wiesel 1959, 1962; Jones & Palmer 1987);
- ``complex``: the energy of two Gabor functions a quarter of a cycle apart (Adelson & Bergen 1985);
- ``endstopped``: a complex cell whose drive two like ones diminish, beyond either end (Hubel & Wiesel 1965).

**In time** every field's sum passes a cascade of leaky integrators of rate k. With (kt)^n e^(-kt) / n! the answer of
the first n + 1 of them, the paper's filter (kt)^n e^(-kt) [1 / n! - (kt)^2 / (n + 2)!] is the difference between two
taps of the cascade (Adelson & Bergen 1985, who use n = 3 and n = 5 for the fast and the slow filter). By the formula,
slow lags behind fast by a seventh of a cycle at 3 Hz and by a quarter at 6 Hz, which together with two fields a quarter
of a cycle apart makes cells that prefer one direction. In the steps of 10 ms that are taken here it lags by a ninth at
3 Hz and at no frequency by quite a quarter, so that some of the answer to the other direction remains.

**Out of the drive** s comes the rate max(0, spontaneous + top sign(s) |s|^n / (half^n + pool^(n/2))), where pool is
twice the mean square of the contrast around the cell. For a grating of contrast c that is c^2, and the rate follows the
curve c^n / (half^n + c^n) of Naka & Rushton 1966, used for cortical cells by Albrecht & Hamilton 1982; Heeger 1992
derives it from the division by a pool of cells of all orientations, which we replace by the local contrast.

Choices (no paper gives these, or we simplified): k = 40 per second, so that the fast filter prefers about 3 Hz; time
in steps of 10 ms, of which every integrator takes the value that the one before it has at the step's end (exact for the
first, for input that stands still during a step); ``sustained``, the part of a flash's answer that stays; the pool's
Gaussian, half as wide again as the field is long; the pool as a mean square, not as the variance that Bonin, Mante &
Carandini 2005 use for geniculate cells: a variance takes even light for no contrast, and what little of it passes
through a concentric field would then be divided by next to nothing; the pool's delay of one integrator more than the
fast filter's first tap, so that it fades neither so early that the end of a flash is answered louder than its beginning
nor so late that the beginning is; fast and slow are taps of the same cascade for all kinds; no adaptation, no eye
movements, one eye.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from convnets.common.errors import ConvnetsError
from convnets.hubelwiesel import fields
from convnets.hubelwiesel.stimuli import SIZE, Stimulus, across, check_image, picture

__all__ = [
    "EDGE",
    "KINDS",
    "POOL",
    "POOL_STAGES",
    "RATE",
    "STAGES",
    "STEP",
    "Neuron",
    "Unit",
    "kernels",
    "respond",
    "response",
    "sign_at",
    "temporal_gain",
]

KINDS = ("on", "off", "simple", "complex", "endstopped")
RATE = 40.0  # k, per second
STAGES = 8  # integrators in the cascade: taps 4 and 6 make the fast filter, 6 and 8 the slow one
STEP = 0.01  # seconds
BEST_FREQUENCY = 3.0  # Hz, at which drives are normalised
POOL_STAGES = 5  # integrators that the pool passes
POOL = 1.5  # times as wide as the field is long; of a concentric cell, as half the surround
EDGE = 0.1  # of the largest value of a field, below which a place counts as outside it


@dataclass(frozen=True)
class Unit:
    """One cell; lengths in degrees, angles in degrees as in :mod:`~convnets.hubelwiesel.stimuli`, rates in spikes/s."""

    name: str
    kind: str
    x: float = 0.0
    y: float = 0.0
    sigma: float = 0.4  # standard deviation of the centre; of a Gabor function, across its stripes
    surround: float = 3.0  # on, off: the surround's sigma is so many times the centre's ...
    weight: float = 0.85  # ... and its volume so many times the centre's
    angle: float = 0.0  # preferred orientation
    frequency: float = 0.5  # cycles per degree across the stripes
    length: float = 0.8  # standard deviation along the stripes
    phase: float = 0.0  # degrees: 0 has a bright middle, 180 a dark one, 90 an edge
    direction: float = 0.0  # 0: both senses alike, 1: only towards angle + 90
    ends: float = 2.4  # endstopped: from the middle to that of each inhibiting zone
    inhibition: float = 0.7  # endstopped: its strength
    spontaneous: float = 0.0
    top: float = 60.0
    half: float = 0.2  # contrast of the half of ``top``
    exponent: float = 2.0
    sustained: float = 0.1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConvnetsError(f"There is no cell of kind {self.kind!r}: choose one of {', '.join(KINDS)}.")
        for name in ("sigma", "surround", "frequency", "length", "half", "exponent", "top", "ends"):
            if not getattr(self, name) > 0:
                raise ConvnetsError(f"The cell's {name} is {getattr(self, name)}: give a number above zero.")
        for name in ("x", "y", "angle", "phase"):
            if not math.isfinite(getattr(self, name)):
                raise ConvnetsError(f"The cell's {name} is {getattr(self, name)}: give a number of degrees.")
        for name, most in (("direction", 1.0), ("sustained", 1.0), ("spontaneous", math.inf)):
            if not 0 <= getattr(self, name) <= most:
                limit = f"from 0 to {most:g}" if math.isfinite(most) else "not below zero"
                raise ConvnetsError(f"The cell's {name} is {getattr(self, name)}: give a number {limit}.")

    @property
    def oriented(self) -> bool:
        """Whether the cell prefers an orientation."""
        return self.kind not in ("on", "off")


def kernels(unit: Unit) -> np.ndarray:
    """The fields whose sums the unit uses, (K, SIZE, SIZE).

    One for on and off; for a simple or complex cell the field and the one a quarter of a cycle further on; for an
    end-stopped one these two in the middle, then beyond the end towards ``angle``, then beyond the other.
    """
    if not unit.oriented:
        sign = 1 if unit.kind == "on" else -1
        return sign * fields.centre_surround(unit.x, unit.y, unit.sigma, unit.surround, unit.weight)[None]
    turn = math.radians(unit.angle)
    shifts = (0.0, unit.ends, -unit.ends) if unit.kind == "endstopped" else (0.0,)
    return np.stack(
        [
            fields.gabor(
                unit.x + shift * math.cos(turn), unit.y + shift * math.sin(turn),
                unit.angle, unit.frequency, unit.sigma, unit.length, unit.phase - quarter,
            )
            for shift in shifts
            for quarter in (0.0, 90.0)
        ]
    )  # fmt: skip


def pool_weights(unit: Unit) -> np.ndarray:
    """Where contrast counts for the pool, (SIZE, SIZE), of volume 1 on an endless screen."""
    longest = max(unit.sigma, unit.length) if unit.oriented else unit.surround * unit.sigma / 2
    return fields.gaussian(unit.x, unit.y, POOL * longest)


def temporal_gain(unit: Unit, frequency: float = BEST_FREQUENCY, step: float = STEP) -> float:
    """The drive's amplitude for the best field drifting at ``frequency`` Hz, before normalisation."""
    keep = math.exp(-RATE * step)
    delay = np.exp(-2j * math.pi * frequency * step)
    stage = (1 - keep) / (1 - keep * delay)
    fast = stage**4 - (1 - unit.sustained) * stage**6
    slow = stage**6 - (1 - unit.sustained) * stage**8
    # a field a quarter of a cycle further on sums to -j times as much when the grating moves towards angle + 90
    if unit.kind in ("on", "off"):
        return float(abs(fast))
    if unit.kind == "simple":
        return float(abs(fast + 1j * unit.direction * slow))
    preferred, null = abs(fast + 1j * slow), abs(fast - 1j * slow)
    return float(math.hypot(preferred, math.sqrt(1 - unit.direction) * null))


class Neuron:
    """A unit at work: feed it one picture a step, and it gives the rate.

    ``drive`` is what came out of its fields last, 1 for the best grating of contrast 1.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.kernels = kernels(unit)
        self.pool_weights = pool_weights(unit)
        self.gain = 1 / temporal_gain(unit)
        self.rest()

    def rest(self) -> None:
        """Forget everything, as after a long time in front of the empty background."""
        self.stages = np.zeros((STAGES, len(self.kernels) + 1))
        self.drive = 0.0

    def step(self, image: np.ndarray, seconds: float = STEP) -> float:
        """Rate in spikes per second at the end of a step with ``image`` (SIZE, SIZE) of Weber contrast."""
        sums = (self.kernels * image).sum((1, 2))
        return self.feed(np.append(sums, 2 * (self.pool_weights * image**2).sum()), seconds)

    def feed(self, sums: np.ndarray, seconds: float = STEP) -> float:
        """As :meth:`step`, from the sums of the K fields and the pool, (K + 1,)."""
        share = 1 - math.exp(-RATE * seconds)
        for stage in self.stages:
            stage += share * (sums - stage)
            sums = stage
        four, six, eight = self.stages[[3, 5, 7], :-1]
        self.drive, rate = (float(each) for each in self.answer(four, six, eight, self.stages[POOL_STAGES - 1, -1]))
        return rate

    def answer(
        self, four: np.ndarray, six: np.ndarray, eight: np.ndarray, pool: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(drive, rate) from the sums' fourth, sixth and eighth integrators, (..., K), and the delayed pool, (...)."""
        lost = 1 - self.unit.sustained
        driven = self.gain * drive(self.unit, four - lost * six, six - lost * eight)
        return driven, response(self.unit, driven, pool)

    def film(self, sums: np.ndarray) -> np.ndarray:
        """Rates (T,) of the rested neuron to the sums (T, K + 1) of successive steps of STEP seconds."""
        four, six, eight = (_cascade(sums[:, :-1], stages) for stages in (4, 6, 8))
        return self.answer(four, six, eight, _cascade(sums[:, -1:], POOL_STAGES)[:, 0])[1]


def _cascade(sums: np.ndarray, stages: int) -> np.ndarray:
    """``sums`` (T, K) after so many integrators: convolved with the answer of the cascade to a single step of input.

    n integrators answer with C(n - 1 + t, t) share^n keep^t at step t, which has vanished after a second and a half.
    """
    keep = math.exp(-RATE * STEP)
    times = np.arange(1, min(len(sums), 150))
    kernel = (1 - keep) ** stages * np.cumprod(np.append(1.0, keep * (stages - 1 + times) / times))
    return np.stack([np.convolve(each, kernel)[: len(sums)] for each in sums.T], axis=-1)


def drive(unit: Unit, fast: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """What the fields' filtered sums (..., K) add up to, before normalisation, (...)."""
    if not unit.oriented:
        return fast[..., 0]
    if unit.kind == "simple":
        return fast[..., 0] - unit.direction * slow[..., 1]
    even, odd = slice(None, None, 2), slice(1, None, 2)
    towards = (fast[..., even] - slow[..., odd]) ** 2 + (slow[..., even] + fast[..., odd]) ** 2
    against = (fast[..., even] + slow[..., odd]) ** 2 + (slow[..., even] - fast[..., odd]) ** 2
    energies = np.sqrt(towards + (1 - unit.direction) * against)
    return energies[..., 0] - unit.inhibition * energies[..., 1:].sum(-1)


def response(unit: Unit, drive: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """Spikes per second for a ``drive`` while twice the mean square of the contrast around the cell is ``pool``."""
    strength = abs(drive) ** unit.exponent / (unit.half**unit.exponent + np.maximum(pool, 0) ** (unit.exponent / 2))
    return np.maximum(0.0, unit.spontaneous + unit.top * np.sign(drive) * strength)


def respond(unit: Unit, film: list[Stimulus | None] | np.ndarray) -> np.ndarray:
    """Rates (T,) of a rested unit to a film: T stimuli, or pictures (T, SIZE, SIZE), one a step of STEP seconds.

    Raises:
        ConvnetsError: the pictures have another size, or values that are no contrasts.
    """
    neuron = Neuron(unit)
    if isinstance(film, np.ndarray):
        return neuron.film(_sums(neuron, check_image(film)))
    seen = {stimulus: number for number, stimulus in enumerate(dict.fromkeys(film))}  # what stands still is summed once
    sums = _sums(neuron, np.stack([picture(stimulus, is_checked=False) for stimulus in seen]))
    return neuron.film(sums[[seen[stimulus] for stimulus in film]])


def _sums(neuron: Neuron, pictures: np.ndarray) -> np.ndarray:
    """Sums of the fields over pictures (T, SIZE, SIZE), and the pool of each: (T, K + 1)."""
    flat, weights = pictures.reshape(len(pictures), SIZE**2), neuron.pool_weights.ravel()
    return np.column_stack([flat @ neuron.kernels.reshape(-1, SIZE**2).T, 2 * (flat**2 @ weights)])


def sign_at(unit: Unit, x: float, y: float) -> int:
    """What a small spot of light at (x, y) does when it goes on: 1 excites, -1 silences, 0 neither.

    Below a tenth of the field's largest value a place counts as outside. In a complex cell light excites everywhere
    within the envelope (and so does shade); beyond the ends of an end-stopped cell it silences.
    """
    dx, dy = np.array(x - unit.x), np.array(y - unit.y)
    if not unit.oriented:
        centre, surround = unit.sigma, unit.surround * unit.sigma
        squared = float(dx**2 + dy**2)
        value = math.exp(-squared / (2 * centre**2)) / centre**2
        value -= unit.weight * math.exp(-squared / (2 * surround**2)) / surround**2
        largest = 1 / centre**2 - unit.weight / surround**2
        edge = EDGE / 5  # the surround is wide and shallow
        value = value / largest
        return 0 if abs(value) < edge else int(math.copysign(1, value)) * (1 if unit.kind == "on" else -1)
    u, v = (float(each) for each in across(unit.angle, dx, dy))

    def envelope(shift: float) -> float:
        return math.exp(-((u - shift) ** 2) / (2 * unit.length**2) - v**2 / (2 * unit.sigma**2))

    if unit.kind == "simple":
        value = envelope(0) * math.cos(2 * math.pi * unit.frequency * v + math.radians(unit.phase))
        return 0 if abs(value) < EDGE else int(math.copysign(1, value))
    middle = envelope(0)
    ends = max(envelope(unit.ends), envelope(-unit.ends)) if unit.kind == "endstopped" else 0.0
    if max(middle, ends) < EDGE:
        return 0
    return 1 if middle >= ends else -1
