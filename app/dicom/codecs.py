"""One frame's bytes to its pixels. Pure functions of picklable arguments, so that any worker may run them.

Imports no pydicom, so that a codec process starts fast. Decoders are imagecodecs' (libjpeg-turbo, CharLS, OpenJPEG,
OpenJPH): permissive licences, and they release the GIL. Colour comes back as RGB whatever the stream held, so that no
later step needs to know (PS3.3 C.7.6.3.1.2).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import codestream, syntaxes
from app.dicom.faults import DATA_ERRORS
from app.dicom.syntaxes import (
    DEFLATED_FRAME,
    ENCAPSULATED_UNCOMPRESSED,
    EXPLICIT_BIG,
    HTJ2K,
    JPEG_2000,
    JPEG_LS,
    LOSSLESS_JPEG,
    NATIVE,
    RLE,
)
from app.errors import UnreadableFile
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.codestream import StreamInfo

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class FrameSpec:
    """What a header says about one frame's bytes; picklable. ``kind``: ``"int"``, ``"float"`` or ``"double"``.

    ``subsampled``: native YBR_FULL_422, two samples a pixel. ``swapped``: native big-endian words that hold 8-bit
    samples. ``has_overlays``: bits beside the stored ones are those of overlays, in compressed cells too.
    """

    transfer_syntax_uid: str
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: int
    kind: str = "int"
    subsampled: bool = False
    swapped: bool = False
    has_overlays: bool = False

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The dtype of decoded pixels, in the machine's byte order."""
        if self.kind != "int":
            return np.dtype(np.float32 if self.kind == "float" else np.float64)
        if self.samples == 3 or self.bits_allocated == 1:
            return np.dtype(f"u{max(self.bits_allocated // 8, 1)}")
        return np.dtype(f"{'i' if self.signed else 'u'}{self.bits_allocated // 8}")

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, columns), or (rows, columns, 3) for colour."""
        return (self.rows, self.columns) if self.samples == 1 else (self.rows, self.columns, self.samples)

    @property
    def is_native(self) -> bool:
        """Whether the bytes need no decoder."""
        return self.transfer_syntax_uid in NATIVE or self.transfer_syntax_uid == ENCAPSULATED_UNCOMPRESSED

    @property
    def is_big_endian(self) -> bool:
        """Whether native words have their first byte highest."""
        return self.transfer_syntax_uid == EXPLICIT_BIG

    @property
    def frame_bits(self) -> int:
        """Bits of one native frame in the file."""
        samples = 2 if self.subsampled else self.samples
        return self.rows * self.columns * samples * self.bits_allocated

    @property
    def is_direct(self) -> bool:
        """Whether a native frame's bytes can go straight to their place, but for byte order and unused bits."""
        plain_colour = self.samples == 1 or (self.photometric == "RGB" and self.planar == 0)
        return self.is_native and self.bits_allocated >= 8 and plain_colour and not self.swapped


def decode_frame(data: bytes, spec: FrameSpec, bit_offset: int = 0) -> Array:
    """The pixels of one frame: shape ``spec.shape``, dtype ``spec.dtype``; colour as RGB.

    ``bit_offset``: where the frame starts in the first byte (1-bit frames are not padded to bytes). Unused high bits
    are cleared, and signed values extended (PS3.5 8.1.1). Raises ``UnreadableFile`` for bytes that are not what the
    header says, and for transfer syntaxes without a decoder.
    """
    syntaxes.require_decoder(spec.transfer_syntax_uid)
    try:
        pixels = _native(data, spec, bit_offset) if spec.is_native else _compressed(data, spec)
    except UnreadableFile:
        raise
    except DATA_ERRORS as error:
        raise _broken(
            say("the compressed data is corrupt") if not spec.is_native else say("the data is corrupt")
        ) from error
    if pixels.shape != spec.shape:
        raise _broken(
            say(
                "it holds {found} pixels where the header says {said}",
                found=_size(pixels.shape),
                said=_size(spec.shape),
            )
        )
    if pixels.dtype.itemsize > spec.dtype.itemsize and spec.kind == "int":
        raise _broken(
            say(
                "it holds {found} bits a sample where the header says {said}",
                found=pixels.dtype.itemsize * 8,
                said=spec.bits_allocated,
            )
        )
    return pixels.astype(spec.dtype, copy=False)


def _broken(why: str) -> UnreadableFile:
    return UnreadableFile(say("Cannot read the image"), why, say("Ask for the file again from where it came."))


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(str(extent) for extent in shape)


def clean(pixels: Array, spec: FrameSpec) -> Array:
    """Clear unused bits and extend the sign of native stored values, in place (PS3.5 8.1.1)."""
    if spec.kind != "int" or spec.bits_allocated == 1:
        return pixels
    shift_down = spec.high_bit + 1 - spec.bits_stored
    if spec.samples == 3 or not spec.signed:
        if shift_down:
            np.right_shift(pixels, shift_down, out=pixels)
        if spec.bits_stored + shift_down < spec.bits_allocated or shift_down:
            np.bitwise_and(pixels, pixels.dtype.type(2**spec.bits_stored - 1), out=pixels)
        return pixels
    up = spec.bits_allocated - 1 - spec.high_bit
    if up or shift_down:
        np.left_shift(pixels, up, out=pixels)
        np.right_shift(pixels, up + shift_down, out=pixels)
    return pixels


def _native(data: bytes, spec: FrameSpec, bit_offset: int) -> Array:
    needed = (bit_offset + spec.frame_bits + 7) // 8
    if len(data) < needed:
        raise _broken(say("truncated: {found} of {needed} bytes", found=len(data), needed=needed))
    if spec.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8, needed), bitorder="little")
        return np.asarray(bits[bit_offset : bit_offset + spec.rows * spec.columns].reshape(spec.shape))
    if spec.swapped:
        words = np.frombuffer(data + b"\0", np.uint8)[: (len(data) + 1) // 2 * 2].reshape(-1, 2)
        data = words[:, ::-1].tobytes()[bit_offset // 8 :]
    count = spec.frame_bits // spec.bits_allocated
    if len(data) * 8 < spec.frame_bits:
        raise _broken("truncated")
    flat = np.frombuffer(data, spec.dtype.newbyteorder(">" if spec.is_big_endian else "<"), count).astype(spec.dtype)
    if spec.samples == 1:
        return clean(flat.reshape(spec.shape), spec)
    if spec.subsampled:
        colour = _expand_422(flat, spec)
    elif spec.planar == 1:
        colour = np.ascontiguousarray(np.moveaxis(flat.reshape(3, spec.rows, spec.columns), 0, -1))
    else:
        colour = flat.reshape(spec.shape)
    return _to_rgb(clean(colour, spec), spec)


def _expand_422(flat: Array, spec: FrameSpec) -> Array:
    """Y Y Cb Cr → one (Y, Cb, Cr) a pixel, the chroma of a pair repeated (PS3.3 C.7.6.3.1.2)."""
    pairs = flat.reshape(-1, 4)
    pixels = np.empty((len(pairs), 2, 3), flat.dtype)
    pixels[:, :, 0] = pairs[:, :2]
    pixels[:, :, 1:] = pairs[:, None, 2:]
    return pixels.reshape(spec.shape)


_YBR_TO_RGB = np.array([[1.0, 1.0, 1.0], [0.0, -0.114 * 1.772 / 0.587, 1.772], [1.402, -0.299 * 1.402 / 0.587, 0.0]])


def _to_rgb(pixels: Array, spec: FrameSpec) -> Array:
    """YBR_FULL to RGB (PS3.3 C.7.6.3.1.2); RGB as it is."""
    if not spec.photometric.startswith("YBR_FULL"):
        return pixels
    half = 2.0 ** (spec.bits_stored - 1)
    values = pixels.astype(np.float64)
    values[..., 1:] -= half
    rgb = values @ _YBR_TO_RGB
    # Exact halves do occur, and come out a hair below themselves; nothing else lies as near.
    return np.asarray(np.clip(np.floor(rgb + (0.5 + 1e-7)), 0, 2.0**spec.bits_stored - 1), dtype=pixels.dtype)


def _compressed(data: bytes, spec: FrameSpec) -> Array:
    import imagecodecs

    syntax = spec.transfer_syntax_uid
    if syntax == RLE:
        return _rle(data, spec)
    if syntax == DEFLATED_FRAME:
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, spec.frame_bits // 8 + 8)
        return _native(inflated, spec, 0)
    if syntax in JPEG_2000 or syntax in HTJ2K:
        info = _agreed(codestream.jpeg2000(data), spec)
        # OpenJPEG reads HTJ2K too; OpenJPH is the faster one, and leaves colour as it finds it.
        pixels = imagecodecs.jpeg2k_decode(data)
        return _wrapped(_interleaved(pixels, spec), info.precision if not info.signed else 0, spec)
    info = _agreed(codestream.jpeg(data), spec)
    if syntax in JPEG_LS:
        pixels = _interleaved(imagecodecs.jpegls_decode(data), spec)
        pixels = _to_rgb(pixels, spec) if spec.samples == 3 else pixels
        return _wrapped(pixels, 0, spec)
    if spec.samples == 1:
        return _wrapped(_jpeg(data, info), 0, spec)
    source = "RGB" if _jpeg_is_rgb(info, spec) else "YCBCR"
    if syntax in LOSSLESS_JPEG:
        # Lossless JPEG transforms no colour: what the header says is what it holds.
        return _to_rgb(_interleaved(_jpeg(data, info), spec), spec)
    return np.asarray(imagecodecs.jpeg8_decode(data, colorspace=source, outcolorspace="RGB"))


def _jpeg(data: bytes, info: StreamInfo) -> Array:
    import imagecodecs

    try:
        return np.asarray(imagecodecs.jpeg8_decode(data))
    except RuntimeError:
        # libjpeg-turbo refuses some lossless streams (point transforms, odd precisions) that this one reads.
        if info.precision > 8 or info.components == 1:
            return np.asarray(imagecodecs.ljpeg_decode(data))
        raise


def _agreed(info: StreamInfo | None, spec: FrameSpec) -> StreamInfo:
    """``info`` where it fits the header; a stream of another size is refused before it is decoded."""
    if info is None:
        raise _broken(say("the compressed data is corrupt"))
    if (info.rows, info.columns) != (spec.rows, spec.columns):
        found, said = f"{info.rows} × {info.columns}", f"{spec.rows} × {spec.columns}"
        raise _broken(say("it holds {found} pixels where the header says {said}", found=found, said=said))
    if info.components != spec.samples:
        raise _broken(
            say(
                "it holds {found} samples a pixel where the header says {said}",
                found=info.components,
                said=spec.samples,
            )
        )
    if info.precision > max(spec.bits_allocated, 8):
        raise _broken(
            say(
                "it holds {found} bits a sample where the header says {said}",
                found=info.precision,
                said=spec.bits_allocated,
            )
        )
    return info


def _jpeg_is_rgb(info: StreamInfo, spec: FrameSpec) -> bool:
    """Whether a lossy JPEG holds RGB: its own word first, then the header's."""
    if info.adobe_transform in (0, 1):
        return info.adobe_transform == 0
    if info.component_ids == tuple(b"RGB"):
        return True
    if info.jfif:
        return False
    return spec.photometric == "RGB"


def _interleaved(pixels: Array, spec: FrameSpec) -> Array:
    if spec.samples == 3 and pixels.ndim == 3 and pixels.shape[0] == 3 and pixels.shape != spec.shape:
        return np.ascontiguousarray(np.moveaxis(pixels, 0, -1))
    return np.asarray(pixels)


def _wrapped(pixels: Array, precision: int, spec: FrameSpec) -> Array:
    """Decoded samples in the stored dtype: decoders return unsigned, the header says how to read the sign.

    ``precision``: of an unsigned stream whose header says signed (0: Bits Stored tells).
    """
    if spec.samples == 3 or spec.kind != "int":
        return pixels
    if pixels.dtype.itemsize > spec.dtype.itemsize:
        return pixels
    if spec.has_overlays:
        # Elsewhere Bits Stored is often too small for what the stream holds, and clearing bits would harm the image.
        cells = pixels.view(f"u{pixels.dtype.itemsize}").astype(f"u{spec.dtype.itemsize}")
        return clean(cells.view(spec.dtype), spec)
    if not spec.signed:
        return pixels.view(f"u{pixels.dtype.itemsize}").astype(spec.dtype, copy=False)
    bits = precision or spec.bits_stored
    wide = pixels.astype(f"i{spec.dtype.itemsize}") if pixels.dtype.kind == "i" else pixels.astype(spec.dtype)
    up = spec.dtype.itemsize * 8 - bits
    if up > 0:
        wide = np.right_shift(np.left_shift(wide, up), up)
    return wide


def _rle(data: bytes, spec: FrameSpec) -> Array:
    """RLE segments (PS3.5 G): one byte plane a segment, colour always by plane."""
    import imagecodecs

    size = spec.frame_bits // 8
    # PackBits grows by one byte in 128 at worst; anything longer is no frame of this size.
    if spec.bits_allocated < 8 or len(data) > 2 * size + 4096:
        raise _broken(say("the compressed data is corrupt"))
    # The decoder trusts the offsets; ones beyond the data make it read memory that is not its own.
    count, *offsets = struct.unpack_from("<16I", data) if len(data) >= 64 else (0,)
    planes = spec.samples * spec.bits_allocated // 8
    used = [*offsets[:planes], len(data)]
    if count != planes or used[0] < 64 or used != sorted(used):
        raise _broken(say("the compressed data is corrupt"))
    decoded = imagecodecs.dicomrle_decode(data, np.dtype(f"<u{spec.bits_allocated // 8}"))
    if len(decoded) < size:
        raise _broken(say("truncated: {found} of {needed} bytes", found=len(decoded), needed=size))
    flat = np.frombuffer(decoded, spec.dtype.newbyteorder("<"), size * 8 // spec.bits_allocated).astype(spec.dtype)
    if spec.samples == 1:
        return clean(flat.reshape(spec.shape), spec)
    colour = np.moveaxis(flat.reshape(3, spec.rows, spec.columns), 0, -1)
    return _to_rgb(np.ascontiguousarray(colour), spec)
