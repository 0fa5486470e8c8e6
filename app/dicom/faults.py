"""What libraries raise on bytes that are not what they claim to be."""

from __future__ import annotations

import struct
import zlib

DATA_ERRORS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)
"""Raised by decoders and parsers. ``RuntimeError`` covers imagecodecs' own errors and endless recursion."""
