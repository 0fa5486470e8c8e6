"""Random variation of one radiograph, for models that classify: what another department would change.

One picture at a time, 8-bit, in Pillow: a tenth of the time of the same on tensors, and it runs beside the network in a
thread. All randomness comes from the ``rng`` that is passed in. Nothing here knows where the lungs are.

The classes of a training set differ in more than the disease: in the room where they were taken, hence in collimation,
proportions, marks, sharpness and grey scale. Each of these is varied far beyond what the set shows, so that none helps.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from inference.preprocess import normalise

ByteImage = npt.NDArray[np.uint8]

WORDS = ("R", "L", "AP", "PA", "SUPINE", "PORTABLE", "12:48", "2019-03-07", "KV70", "ERECT", "1.6 mAs", "EXP 3")


def vary(image: ByteImage, size: int, rng: np.random.Generator, strength: float = 1.0) -> npt.NDArray[np.float32]:
    """(H, W) uint8 → (size, size) float32 in 0–1, normalised as at work, with a little play in the percentiles."""
    picture = _geometry(Image.fromarray(image), size, rng, strength)
    picture = _tone(picture, rng, strength)
    picture = _sharpness(picture, rng, strength)
    picture = _marks(picture, rng, strength)
    picture = _borders(picture, rng, strength)
    pixels = np.asarray(picture, dtype=np.float32)
    if rng.random() < 0.4 * strength:
        pixels = pixels + rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(rng.uniform(0, 11))
    return normalise(pixels, rng.uniform(0.1, 2.5), rng.uniform(97.5, 99.9))


def surrounded(
    inner: npt.NDArray[np.float32], outer: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """The middle of ``inner`` in the surroundings of ``outer``, both (S, S), with a soft border in between.

    Neck, arms, abdomen and collimation then say nothing of the class, which is that of ``inner``: what is left is the
    middle of a frontal film, where the lungs are in any film. After CutMix (Yun et al. 2019, arXiv 1905.04899), with
    the label of what lies inside alone.
    """
    line = (np.arange(inner.shape[0], dtype=np.float32) + 0.5) / inner.shape[0]
    (down, across), (y, x) = rng.uniform(0.3, 0.44, 2), rng.uniform(0.45, 0.55, 2)
    # a square with round corners
    distance = (np.abs(line[:, None] - y) / down) ** 4 + (np.abs(line[None, :] - x) / across) ** 4
    steep = np.float32(rng.uniform(3, 20))
    share = 1 / (1 + np.exp(np.clip(steep * (distance**0.25 - 1), -30, 30), dtype=np.float32))
    return np.asarray(outer + (inner - outer) * share, dtype=np.float32)


def _geometry(picture: Image.Image, size: int, rng: np.random.Generator, strength: float) -> Image.Image:
    """Crop or margin, proportions, rotation ±12°, shear, shift and mirror image in one resampling."""
    width, height = picture.size
    zoom = np.exp(strength * rng.uniform(-0.32, 0.12))
    aspect = np.exp(strength * rng.uniform(-0.22, 0.22))
    angle = np.deg2rad(strength * rng.uniform(-12, 12))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    # from the result's centre, in shares of its edge, to the source's pixels
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.array([[1, strength * rng.uniform(-0.08, 0.08)], [0, 1]])
    scale = np.diag([zoom * aspect * mirror * width / size, zoom / aspect * height / size])
    matrix = scale @ turn @ shear
    centre = np.array([width, height]) * (0.5 + strength * rng.uniform(-0.1, 0.1, 2))
    offset = centre - matrix @ np.array([size / 2, size / 2])
    fill = int(rng.choice([0, 0, int(rng.integers(0, 90)), int(rng.integers(0, 256))]))
    data = (matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1])
    return picture.transform((size, size), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR, fillcolor=fill)


def _tone(picture: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """A random monotone curve: window, gamma, bends, now and then part of the way to an equal histogram."""
    values = np.linspace(0, 1, 256)
    if rng.random() < 0.6 * strength:
        low, high = rng.uniform(-0.15, 0.25), rng.uniform(0.7, 1.2)
        values = np.clip((values - low) / (high - low), 0, 1)
    values = values ** np.exp(strength * rng.uniform(-0.75, 0.75))
    if rng.random() < 0.5 * strength:
        steps = np.concatenate([[0], np.cumsum(rng.uniform(0.25, 1, 6))])
        bend = np.interp(values, np.linspace(0, 1, 7), steps / steps[-1])
        values = bend
    bent = picture.point(np.rint(values * 255).astype(int).tolist())
    if rng.random() < 0.3 * strength:
        bent = Image.blend(bent, ImageOps.equalize(bent), rng.uniform(0.2, 1))
    return bent


def _sharpness(picture: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Blur, coarse pixels, edge enhancement, local contrast, JPEG."""
    size = picture.size[0]
    choice = rng.random() / strength
    if choice < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, size / 120)))
    elif choice < 0.3:
        edge = int(size * rng.uniform(0.45, 0.8))
        picture = picture.resize((edge, edge), Image.Resampling.BILINEAR).resize((size, size))
    elif choice < 0.55:
        percent = int(rng.uniform(30, 250))
        picture = picture.filter(ImageFilter.UnsharpMask(rng.uniform(0.6, size / 80), percent, 0))
    if rng.random() < 0.35 * strength:
        picture = _locally_equal(picture, rng.uniform(0.2, 0.9), size * rng.uniform(0.06, 0.2))
    if rng.random() < 0.25 * strength:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=int(rng.integers(20, 85)))
        picture = Image.open(stream)
    return picture


def _locally_equal(picture: Image.Image, share: float, radius: float) -> Image.Image:
    """Take away ``share`` of what is smoother than ``radius``, as multi-scale processing of a detector's maker does."""
    pixels = np.asarray(picture, dtype=np.float32)
    smooth = np.asarray(picture.filter(ImageFilter.BoxBlur(radius)), dtype=np.float32)
    flat = pixels - np.float32(share) * (smooth - smooth.mean())
    low, high = np.percentile(flat[::4, ::4], (0.5, 99.5))
    return Image.fromarray((np.clip((flat - low) / max(1.0, high - low), 0, 1) * 255).astype(np.uint8))


def _marks(picture: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Letters and numbers that were not there, and boxes over corners where some were."""
    size = picture.size[0]
    draw = ImageDraw.Draw(picture)
    if rng.random() < 0.4 * strength:
        for _ in range(int(rng.integers(1, 4))):
            left, top = (float(v) for v in rng.uniform(0, size, 2))
            edge = float(rng.uniform(0.05, 0.2)) * size
            left, top = min(left, size - edge), min(top, size - edge)
            if min(left, size - edge - left, top, size - edge - top) < 0.15 * size:
                draw.rectangle((left, top, left + edge, top + edge), fill=int(rng.integers(0, 140)))
    if rng.random() < 0.5 * strength:
        for _ in range(int(rng.integers(1, 4))):
            across, down = (float(v) for v in rng.uniform(0, 0.92, 2) * size)
            font = ImageFont.load_default(float(rng.uniform(0.035, 0.12)) * size)
            draw.text((across, down), str(rng.choice(WORDS)), fill=int(rng.integers(150, 256)), font=font)
    return picture


def _borders(picture: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Collimation: unexposed strips along any of the four sides, dark, now and then bright."""
    if rng.random() >= 0.45 * strength:
        return picture
    size = picture.size[0]
    draw = ImageDraw.Draw(picture)
    fill = int(rng.integers(0, 40)) if rng.random() < 0.85 else 255
    left, top, right, bottom = (float(rng.uniform(0, 0.13)) * size * (rng.random() < 0.5) for _ in range(4))
    for box in ((0, 0, left, size), (0, 0, size, top), (size - right, 0, size, size), (0, size - bottom, size, size)):
        if box[2] > box[0] and box[3] > box[1]:
            draw.rectangle(box, fill=fill)
    return picture
