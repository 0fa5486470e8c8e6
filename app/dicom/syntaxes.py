"""Transfer syntaxes: which there are, and which Scoutview decodes (PS3.5 A, PS3.6 A)."""

from __future__ import annotations

from app.errors import UnreadableFile
from inference.words import say

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG})

JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
LOSSLESS_JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (57, 70))
JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91))
HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))
RLE = "1.2.840.10008.1.2.5"
DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"
SUPPORTED = NATIVE | JPEG | JPEG_LS | JPEG_2000 | HTJ2K | {RLE, DEFLATED_FRAME, ENCAPSULATED_UNCOMPRESSED}


def require_decoder(transfer_syntax_uid: str) -> None:
    """Raise ``UnreadableFile`` that names a transfer syntax which Scoutview does not decode."""
    if transfer_syntax_uid in SUPPORTED:
        return
    from pydicom.uid import UID

    uid = UID(transfer_syntax_uid)
    name = (
        uid.name
        if uid.name != transfer_syntax_uid
        else say("transfer syntax {uid}", uid=transfer_syntax_uid or say("unknown"))
    )
    if any(word in name for word in ("MPEG", "HEVC", "H.264", "H.265")):
        raise UnreadableFile(
            say("Cannot show this video"), say("{name} is not played", name=name), say("Open it in a video player.")
        )
    now = say("Convert it with another tool, for example dcmconv or gdcmconv, to an uncompressed file.")
    raise UnreadableFile(say("Cannot decode the image"), say("there is no decoder for {name}", name=name), now)
