"""The slices that ``ct-enhance`` learns from: quiet enough to be targets, each with simulated noise, kept on disk.

Noise is kept per unit: what is added for a dose d is ``sqrt(1/d − 1)`` times it. Line integrals and noise of a slice
take about five seconds; a cache folder holds them by the hash of what they depend on.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from training import ct_noise, dose
from training.ct_data import Header, Slice, read_headers, read_slice
from training.data import DataError, folds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]

MAX_LEVEL = 12.0
"""HU: a slice with a higher soft-tissue SD is no target, because a network learns to leave its noise in."""
DOSES = (0.25, 0.1)
TRAINING_DRAWS = (3, 2)
"""Realisations to learn from at each of ``DOSES``; mixtures of them are realisations too."""
SCORING_DRAWS = (1, 1)
"""Realisations of their own to be scored on."""
FOLDS = 5
SETS = ("crlm-ct-1004", "tcga-luad")
"""Folders to learn from where they are there; the rest of the data is kept for looking at what the model does to it."""
VERSION = 1
"""Changes with whatever changes the noise, so that an old cache is not used."""


@dataclass(frozen=True, eq=False)
class Target:
    """A quiet slice. ``hu``: (rows, columns) float32, padding as air. ``level``: soft-tissue SD, HU.

    ``body``: the patient without the table and the air around. ``units``: (draws, rows, columns) float16, noise per
    unit; the first ``sum(TRAINING_DRAWS)`` are to learn from, the others to be scored on, one for each of ``DOSES``.
    """

    header: Header
    hu: FloatArray
    level: float
    body: npt.NDArray[np.bool_]
    units: HalfArray

    @property
    def training_units(self) -> HalfArray:
        return self.units[: sum(TRAINING_DRAWS)]

    def low(self, which: int) -> FloatArray:
        """The slice at ``DOSES[which]``, with the noise that nothing learns from."""
        reduced = DOSES[which]
        unit = self.units[sum(TRAINING_DRAWS) + which].astype(np.float32)
        return self.hu + unit * np.float32(np.sqrt(1 / reduced - 1))


def headers_to_learn_from(folder: Path) -> list[Header]:
    """The slices of ``SETS`` in ``folder`` or its ``ct``, else all that are in ``folder``."""
    for root in (folder / "ct", folder):
        present = [root / name for name in SETS if (root / name).is_dir()]
        if present:
            return [header for each in present for header in read_headers(each)]
    return read_headers(folder)


def quiet_slices(folder: Path) -> list[tuple[Slice, float]]:
    """(slice, level) of every slice in ``folder`` with a level of at most ``MAX_LEVEL``; the same pixels only once."""
    found: list[tuple[Slice, float]] = []
    seen: set[str] = set()
    for header in headers_to_learn_from(folder):
        one = read_slice(header)
        digest = hashlib.sha1(one.hu.tobytes()).hexdigest()
        level = ct_noise.noise_level(one.hu, header.spacing[0])
        if level <= MAX_LEVEL and digest not in seen and header.shape[0] == header.shape[1]:
            seen.add(digest)
            found.append((one, level))
    return found


def kernel_of(header: Header) -> tuple[str, str]:
    """What the texture of the noise depends on, apart from the size of the pixels."""
    return header.maker, header.kernel


@dataclass(frozen=True, eq=False)
class Kernel:
    """The spectrum of a kernel's noise. ``frequency``: cycles per mm. ``squares``: number that it was measured on.

    ``power`` is what the simulator needs for its noise to have ``wanted``, the measured spectrum; ``reached`` is what
    it then has, by the same measurement.
    """

    frequency: npt.NDArray[np.float64]
    power: npt.NDArray[np.float64]
    wanted: npt.NDArray[np.float64]
    reached: npt.NDArray[np.float64]
    squares: int

    @property
    def mismatch(self) -> float:
        """Largest relative difference of ``reached`` where ``wanted`` is at least a tenth of its peak."""
        strong = self.wanted >= 0.1 * self.wanted.max()
        return float(np.abs(self.reached[strong] / self.wanted[strong] - 1).max())


def measure_kernel(members: Sequence[tuple[Slice, float]], seed: int = 0, rounds: int = 3, draws: int = 4) -> Kernel:
    """The radial spectrum of flat tissue in ``members`` (of one kernel), and the simulator's input that gives it.

    A measured spectrum is smeared by the window of its squares. So the noise is simulated with the measured one on the
    slice with most flat tissue, measured alike, and the input corrected by the ratio, ``rounds`` times.
    """
    grids, powers, weights = [], [], []
    most: tuple[int, Slice, float, npt.NDArray[np.bool_]] | None = None
    for one, level in members:
        spacing = one.header.spacing[0]
        mask = ct_noise.flat_regions(one.hu, spacing)
        try:
            measured = ct_noise.spectrum([one.hu], [mask])
        except ValueError:
            continue
        grids.append(measured.frequency / spacing)
        powers.append(measured.shape)
        weights.append(measured.patches)
        if most is None or measured.patches > most[0]:
            most = (measured.patches, one, level, mask)
    if most is None:
        raise DataError(f"no flat soft tissue in the slices of kernel {kernel_of(members[0][0].header)}")
    _, one, level, mask = most
    spacing = one.header.spacing[0]
    grid = grids[int(np.argmax(weights))]
    wanted = np.average(
        [np.interp(grid, own, power) for own, power in zip(grids, powers, strict=True)], axis=0, weights=weights
    )
    wanted = wanted / float((wanted * grid).sum())
    rays = dose.sinogram(one.hu, ~one.padded, spacing)
    power, reached = wanted.copy(), wanted
    for turn in range(rounds):
        simulator = dose.Simulator(rays, one.header.shape, spacing, grid * spacing, power, level, mask)
        noise = simulator.noise(0.5, draws, torch.Generator().manual_seed(seed * 101 + turn))
        reached = ct_noise.spectrum(list(noise), [mask] * draws).power
        reached = reached / float((reached * grid).sum())
        if turn + 1 < rounds:
            power = power * np.clip(wanted / np.maximum(reached, 1e-6 * reached.max()), 0.25, 4.0)
    return Kernel(grid, power, wanted, reached, sum(weights))


def body_mask(hu: FloatArray) -> npt.NDArray[np.bool_]:
    """The patient: the largest part above −400 HU, its holes (lungs) filled; the table, being thin, is opened away."""
    import SimpleITK as sitk

    above = sitk.BinaryMorphologicalOpening(sitk.GetImageFromArray((hu > -400).astype(np.uint8)), [4, 4])
    parts = sitk.RelabelComponent(sitk.ConnectedComponent(above))
    filled = sitk.BinaryFillhole(parts == 1)
    return np.asarray(sitk.GetArrayFromImage(filled) > 0)


def load_targets(folder: Path, cache: Path, seed: int = 0) -> tuple[list[Target], dict[tuple[str, str], Kernel]]:
    """All targets of ``folder``, with their noise from ``cache`` or newly simulated into it, and the kernels."""
    cache.mkdir(parents=True, exist_ok=True)
    quiet = quiet_slices(folder)
    if not quiet:
        raise DataError(f"no slice in {folder} has a soft-tissue SD of at most {MAX_LEVEL:g} HU")
    groups: dict[tuple[str, str], list[tuple[Slice, float]]] = {}
    for one, level in quiet:
        groups.setdefault(kernel_of(one.header), []).append((one, level))
    kernels = {name: _kept_kernel(members, cache, seed) for name, members in groups.items()}
    targets = []
    for index, (one, level) in enumerate(quiet):
        targets.append(_kept_target(one, level, kernels[kernel_of(one.header)], cache, seed))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1}/{len(quiet)} slices with noise")
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return targets, kernels


def fold_of(targets: Sequence[Target]) -> list[int]:
    """The fold of each target: all slices of a patient in one."""
    of = folds((target.header.patient for target in targets), FOLDS)
    return [of[target.header.patient] for target in targets]


def _key(*parts: object) -> str:
    digest = hashlib.sha256(repr((VERSION, *parts)).encode())
    return digest.hexdigest()[:24]


def _digest(one: Slice) -> str:
    return hashlib.sha256(one.hu.tobytes() + one.padded.tobytes()).hexdigest()


def _kept_kernel(members: list[tuple[Slice, float]], cache: Path, seed: int) -> Kernel:
    path = cache / f"kernel-{_key(seed, [(_digest(one), level) for one, level in members])}.npz"
    if not path.is_file():
        kernel = measure_kernel(members, seed)
        np.savez(
            _draft(path),
            frequency=kernel.frequency,
            power=kernel.power,
            wanted=kernel.wanted,
            reached=kernel.reached,
            squares=kernel.squares,
        )
        _draft(path).replace(path)
    with np.load(path) as kept:
        return Kernel(kept["frequency"], kept["power"], kept["wanted"], kept["reached"], int(kept["squares"]))


def _kept_target(one: Slice, level: float, kernel: Kernel, cache: Path, seed: int) -> Target:
    spacing = one.header.spacing[0]
    name = _key(seed, _digest(one), level, kernel.power.tobytes(), DOSES, TRAINING_DRAWS, SCORING_DRAWS)
    path = cache / f"noise-{name}.npy"
    if not path.is_file():
        mask = ct_noise.flat_regions(one.hu, spacing)
        rays = dose.sinogram(one.hu, ~one.padded, spacing)
        simulator = dose.Simulator(
            rays, one.header.shape, spacing, kernel.frequency * spacing, kernel.power, level, mask
        )
        generator = torch.Generator().manual_seed(int(name[:12], 16))
        drawn = [
            simulator.noise(reduced, count, generator) / np.float32(np.sqrt(1 / reduced - 1))
            for draws in (TRAINING_DRAWS, SCORING_DRAWS)
            for reduced, count in zip(DOSES, draws, strict=True)
        ]
        with _draft(path).open("wb") as stream:
            np.save(stream, np.concatenate(drawn).astype(np.float16))
        _draft(path).replace(path)
    # a cache on disk is mapped, so that only what a step draws is read
    return Target(one.header, one.hu, level, body_mask(one.hu), np.load(path))


def _draft(path: Path) -> Path:
    """A name of this process's own, so that two that fill one cache do not write into each other's files."""
    return path.with_name(f"{path.stem}.{os.getpid()}.part{path.suffix}")
