"""Names in every script that the standard knows, through the command line and onto the image (PS3.3 C.12.1.1.2)."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from app.ui.viewport.corners import identity
from tests import phantoms
from tests.app.cli_tools import Command
from tests.app.dicom.helpers import one_series

_KANJI, _ASCII, _ROMAJI = b"\x1b$B", b"\x1b(B", b"\x1b(J"

# The Japanese and Korean ones are those of PS3.5 H.3 and I.2.
NAMES = {
    "Latin 1": ("ISO_IR 100", "Äneas^Rüdiger".encode("latin-1"), "Äneas, Rüdiger"),
    "Latin 2": ("ISO_IR 101", "Wałęsa^Lech".encode("iso8859-2"), "Wałęsa, Lech"),
    "Latin 5": ("ISO_IR 148", "Çavuşoğlu^İpek".encode("iso8859-9"), "Çavuşoğlu, İpek"),
    "Greek": ("ISO_IR 126", "Διονυσιος".encode("iso8859-7"), "Διονυσιος"),
    "Cyrillic": ("ISO_IR 144", "Чехов^Юлия".encode("iso8859-5"), "Чехов, Юлия"),
    "Arabic": ("ISO_IR 127", "قباني^لنزار".encode("iso8859-6"), "قباني, لنزار"),
    "Hebrew": ("ISO_IR 138", "שרון^דבורה".encode("iso8859-8"), "שרון, דבורה"),
    "Thai": ("ISO_IR 166", "สมชาย^ใจดี".encode("tis-620"), "สมชาย, ใจดี"),
    "Japanese kana": ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ".encode("shift_jis"), "ﾔﾏﾀﾞ, ﾀﾛｳ"),
    "Japanese by groups": (
        "\\ISO 2022 IR 87",
        b"Yamada^Tarou=" + _KANJI + b";3ED" + _ASCII + b"^" + _KANJI + b"B@O:" + _ASCII,
        "Yamada, Tarou",
    ),
    "Japanese ideographs alone": (
        "\\ISO 2022 IR 87",
        b"=" + _KANJI + b";3ED" + _ASCII + b"^" + _KANJI + b"B@O:" + _ASCII,
        "山田, 太郎",
    ),
    "Japanese kana and kanji": (
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=" + _KANJI + b";3ED" + _ROMAJI + b"^" + _KANJI + b"B@O:" + _ROMAJI,
        "ﾔﾏﾀﾞ, ﾀﾛｳ",
    ),
    "Korean": ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong, Gildong"),
    "Korean ideographs alone": ("\\ISO 2022 IR 149", b"=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "洪, 吉洞"),
    "GB18030": ("GB18030", "王^小东".encode("gb18030"), "王, 小东"),
    "GBK": ("GBK", "王^小东".encode("gbk"), "王, 小东"),
    "UTF-8": ("ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang, XiaoDong"),
    "UTF-8 beyond one plane": ("ISO_IR 192", "𠮷田^Ñ".encode(), "𠮷田, Ñ"),
}


@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_read_in_its_script(capsys: pytest.CaptureFixture[str], tmp_path: Path, script: str) -> None:
    charset, raw, name = NAMES[script]
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38), SpecificCharacterSet=None, PatientName="PLACEHOLDER")
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00080005, "CS", charset.split("\\"))
    dataset.save_as(path)
    data = path.read_bytes()
    raw += b" " * (len(raw) % 2)
    old = b"\x10\x00\x10\x00PN" + (12).to_bytes(2, "little") + b"PLACEHOLDER "
    assert old in data
    path.write_bytes(data.replace(old, b"\x10\x00\x10\x00PN" + len(raw).to_bytes(2, "little") + raw))
    told = Command(capsys)("info", path, "--json")
    assert told.json["studies"][0]["patient"]["name"] == name
    top_left, _ = identity(one_series(path))
    assert top_left[0].text == name
