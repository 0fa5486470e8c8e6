"""Headers read the short way say exactly what pydicom's own parse of the same file says, or leave it to pydicom."""

from __future__ import annotations

import copy
import pickle
import random
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_files
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.dicom import header, lazy, parse
from app.dicom.index import index
from app.dicom.lazy import LazyDataset
from app.dicom.model import Instance, Skipped
from app.dicom.objects import StoredObject
from app.dicom.scan import Scan
from tests import phantoms

# The last one makes pydicom convert the element, after which the others may see it another way.
WAYS = (header.has, header.code, header.codes, header.numbers, header.raw_bytes, header.vr, header.text)


def by_pydicom(path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance | StoredObject | Skipped:
    """What ``read_instance`` says when only pydicom parses."""
    with monkeypatch.context() as patch:
        patch.setattr(parse, "_quick_head", lambda file: None)
        return parse.read_instance(path)


def unread(dataset: Dataset) -> Dataset:
    """``dataset`` as if nothing had been asked of it yet: pydicom keeps what it has converted."""
    if isinstance(dataset, LazyDataset):
        return LazyDataset(found_in(dataset))
    copied = Dataset()
    copied.__dict__.update(dataset.__dict__, _dict=dict(dataset._dict))
    return copied


def found_in(dataset: LazyDataset) -> Any:
    """What is known of a header that pydicom has not parsed."""
    assert not dataset.is_parsed
    return dataset.__dict__["_found"]


def assert_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways agree on ``path``; returns whether the short way was taken."""
    quick, slow = parse.read_instance(path), by_pydicom(path, monkeypatch)
    if isinstance(quick, Skipped) or isinstance(slow, Skipped):
        assert quick == slow
        return False
    if isinstance(slow, StoredObject):
        kept, other = vars(quick), vars(slow)
        assert {name: kept[name] for name in kept if name != "header"} == {
            name: other[name] for name in other if name != "header"
        }
        assert printed(kept["header"]) == printed(other["header"])
        return False
    assert isinstance(quick, Instance)
    for name in ("sop_instance_uid", "sop_class_uid", "transfer_syntax_uid", "number_of_frames", "pixels", "notes"):
        assert getattr(quick, name) == getattr(slow, name), name
    if type(quick.header) is not LazyDataset:
        return False
    # Looking for pixels and palettes may have woken it.
    fresh = lazy.read(path.read_bytes()).dataset
    tags = [tag >> 16 | (tag & 0xFFFF) << 16 for tag in found_in(fresh).places]
    assert sorted(tags) == sorted(slow.header.keys())
    for tag in [*tags, 0x00081030, 0x00080061, 0x00091001]:
        short, long = unread(fresh), unread(slow.header)
        is_there = header.has(long, tag)
        for way in WAYS:
            if way is header.vr and not is_there:
                continue  # pydicom looks up that of an empty implicit element; the file has none
            assert repr(way(short, tag)) == repr(way(long, tag)), (hex(tag), way.__name__)
    whole = dict(fresh._dict)
    assert list(whole) == list(unread(slow.header)._dict)
    for tag, element in unread(slow.header)._dict.items():
        if isinstance(element, RawDataElement):
            assert whole[tag] == element
        else:
            assert printed(whole[tag]) == printed(element)
    assert repr(fresh.file_meta) == repr(slow.header.file_meta)
    assert fresh.original_encoding == slow.header.original_encoding
    return True


def printed(element: Any) -> str:
    """A sequence by what it prints (NaN is not equal to itself), or by what stops pydicom from printing it."""
    try:
        return repr(element)
    except header.PARSE_ERRORS as error:
        return repr(error)


def public_files() -> list[str]:
    """Files of pydicom's own package, but for the largest."""
    root = Path(pydicom.__file__).parent / "data" / "test_files"
    return sorted(str(path) for path in root.rglob("*") if path.is_file() and path.stat().st_size < 2**22)


def test_every_file_of_pydicom_reads_the_same_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [path for path in public_files() if assert_same(Path(path), monkeypatch)]
    assert len(short) > 40
    assert get_testdata_files("CT_small.dcm")[0] in short


def test_every_file_of_pydicom_data_reads_the_same_both_ways(
    pydicom_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(path for path in pydicom_data.iterdir() if path.is_file())
    assert sum(assert_same(path, monkeypatch) for path in files) > 20


def test_real_studies_read_the_same_both_ways(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [path for study in ("ct", "pet-ct", "pet-mr", "cine-mr") for path in sorted(shared_data.glob(f"{study}/*"))]
    firsts = [next((file for file in sorted(path.rglob("*")) if file.is_file()), None) for path in files]
    short = [path for path in firsts if path is not None and assert_same(path, monkeypatch)]
    assert len(short) > 3


def made(path: Path, syntax: str, *, undefined: bool) -> Path:
    """A header with sequences in sequences, an empty one, private elements and a padded, signed and multiple value."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.ReferencedStudySequence = Sequence([])
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-D3000", "Brust"
    outer.ProcedureCodeSequence = Sequence([inner, inner])
    outer.StudyDescription = "außen"
    dataset.RequestAttributesSequence = Sequence([outer, Dataset()])
    dataset.PatientComments = "two\r\nlines "
    dataset.add_new(0x00091001, "UN", b"\1\2\3\4")
    dataset.add_new(0x00091002, "OB", b"")
    dataset.OtherPatientIDs = ["A ", " B"]
    dataset.AccessionNumber = ""
    dataset.SmallestImagePixelValue = 7
    dataset["SmallestImagePixelValue"].VR = "US"
    (source,) = phantoms.ct(path.parent, shape=(1, 4, 6), shuffle=False)
    whole = pydicom.dcmread(source)
    whole.update(dataset)
    for sequence in ("RequestAttributesSequence", "ReferencedStudySequence"):
        whole[sequence].is_undefined_length = undefined
        for item in whole[sequence].value:
            item.is_undefined_length_sequence_item = undefined
    whole.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(path, whole, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return path


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_sequences_are_stepped_over(
    tmp_path: Path, syntax: str, undefined: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "made", syntax, undefined=undefined)
    assert assert_same(path, monkeypatch)
    instance = parse.read_instance(path)
    assert isinstance(instance, Instance)
    (item, empty) = header.items(instance.header, "RequestAttributesSequence")
    assert header.text(item, "StudyDescription") == "außen"
    assert len(empty) == 0


def test_a_header_longer_than_the_first_read_is_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 4, 6), shuffle=False)
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00291010, "OB", bytes(200_000))
    dataset.save_as(path)
    assert assert_same(path, monkeypatch)


@pytest.mark.parametrize("terms", ["ISO_IR 100", "ISO_IR 13", "\\ISO 2022 IR 87", "ISO_IR 192", "NONSENSE", "GB18030"])
def test_text_of_any_character_set_is_what_pydicom_reads(
    tmp_path: Path, terms: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 4, 6), shuffle=False)
    dataset = pydicom.dcmread(path)
    dataset.SpecificCharacterSet, dataset.SeriesDescription = "ISO_IR 100".ljust(16), "x" * 12
    dataset.save_as(path)
    data = path.read_bytes().replace(b"ISO_IR 100".ljust(16), terms.encode().ljust(16), 1)
    for text in [b"plain", b"back~slash", b"two\\values", b"\x1b$B;3ED\x1b(B", b"\xc4\xe9", b" x\0", b"tab\tx"]:
        path.write_bytes(data.replace(b"x" * 12, text.ljust(12), 1))
        assert_same(path, monkeypatch)


def test_the_window_of_bytes_never_changes_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little the first read brings, even one that ends within an element."""
    path = made(tmp_path / "made", ExplicitVRLittleEndian, undefined=True)
    for size in (132, 133, 200, 333, 500, 801, 1200):
        monkeypatch.setattr(parse, "_FIRST_READ", size)
        assert assert_same(path, monkeypatch)


def mutated(data: bytes, random_: random.Random) -> bytes:
    """``data`` with a few bytes of its header changed, cut out, doubled, or its end cut off."""
    mutant = bytearray(data)
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(132, max(len(mutant) - 1, 133))
        what = random_.random()
        if what < 0.6:
            mutant[at : at + 1] = bytes(
                [random_.choice([0, 1, 8, 0x41, 0x5A, 0x7F, 0xFE, 0xFF, random_.randrange(256)])]
            )
        elif what < 0.75:
            del mutant[at : at + random_.randint(1, 9)]
        elif what < 0.9:
            mutant[at:at] = mutant[at : at + random_.randint(1, 12)]
        else:
            del mutant[at:]
    return bytes(mutant)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_mutated_headers_read_the_same_both_ways(tmp_path: Path, syntax: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = made(tmp_path / "made", syntax, undefined=True).read_bytes()
    random_ = random.Random(7)
    path, short = tmp_path / "mutant", 0
    for _ in range(150):
        path.write_bytes(mutated(data, random_))
        short += assert_same(path, monkeypatch)
    assert short > 10


def test_studies_are_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phantoms.ct(tmp_path / "ct", SeriesDescription="Thorax 1 mm")
    phantoms.cine(tmp_path / "cine")
    paths = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    both = []
    for read in (parse.read_instance, lambda path: by_pydicom(path, monkeypatch)):
        instances = tuple(found for path in paths if isinstance(found := read(path), Instance))
        studies = index(Scan(instances, ())).studies
        both.append([[repr(_without_instances(series)) for series in study.series] for study in studies])
    assert both[0] == both[1]
    assert sum(map(len, both[0])) == 2


def _without_instances(series: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(series).items() if name != "instances"}


def test_a_lazy_header_is_a_data_set_in_every_other_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 4, 6), shuffle=False)
    slow = by_pydicom(path, monkeypatch)
    assert isinstance(slow, Instance)
    expected = slow.header

    def fresh() -> Dataset:
        found = parse.read_instance(path)
        assert isinstance(found, Instance)
        assert isinstance(found.header, LazyDataset)
        assert not found.header.is_parsed
        return found.header

    assert fresh() == expected
    assert expected == fresh()
    assert copy.deepcopy(fresh()) == expected
    assert pickle.loads(pickle.dumps(fresh())) == expected
    assert "Rows" in fresh()
    assert fresh().Rows == 4
    assert fresh().get("Columns") == 6
    assert len(fresh()) == len(expected)
    assert str(fresh()) == str(expected)
    assert fresh().file_meta == expected.file_meta
    with pytest.raises(AttributeError):
        _ = fresh().NoSuchKeyword
    changed = fresh()
    changed.PatientName = "Another"
    assert header.text(changed, "PatientName") == "Another"
    assert header.integer(changed, "Rows") == 4
