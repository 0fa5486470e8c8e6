"""What a series is, as far as its header lets one say: for placing series on screen, never for measuring.

Headers come first. Where they are silent, words of the descriptions are read: in English, German, French, Spanish and
Chinese, abbreviated and misspelt as they are. What is still not known stays unknown.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.dicom import header

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.model import Series, Study

_ALIKE = 0.84
"""Words of four letters or more that are this much alike are one word, misspelt."""
_TURNED = np.cos(np.radians(35))
"""A stack is called after a plane of the body where it is turned less than this against it."""

BODY_PARTS = {
    "chest": ("chest", "thorax", "lung", "lungs", "pulmonary", "torax", "poumon", "胸", "肺"),
    "breast": ("breast", "mamma", "mammo", "mammography", "brust", "sein", "乳"),
    "head": ("head", "brain", "skull", "cranium", "cerebral", "kopf", "schaedel", "tete", "cabeza", "头", "颅", "脑"),
    "neck": ("neck", "hals", "cou", "cuello", "颈"),
    "abdomen": ("abdomen", "abdominal", "liver", "leber", "foie", "higado", "kidney", "腹", "肝", "肾"),
    "pelvis": ("pelvis", "becken", "bassin", "prostate", "uterus", "盆"),
    "spine": ("spine", "cspine", "lspine", "tspine", "lumbar", "vertebra", "rachis", "columna", "脊", "椎"),
    "heart": ("heart", "cardiac", "coronary", "herz", "coeur", "corazon", "心"),
    "knee": ("knee", "knie", "genou", "rodilla", "膝"),
    "shoulder": ("shoulder", "schulter", "epaule", "hombro", "肩"),
    "extremity": ("extremity", "hand", "foot", "wrist", "ankle", "elbow", "femur", "leg", "arm", "手", "足", "腿"),
}
VIEWS = {
    "PA": ("pa", "posteroanterior", "pa view", "后前位", "正位"),
    "AP": ("ap", "anteroposterior", "前后位"),
    "LAT": ("lat", "lateral", "ll", "rl", "lld", "rld", "laterale", "seitlich", "profil", "侧位"),
    "CC": ("cc", "rcc", "lcc", "craniocaudal", "cranio", "头尾位", "轴位"),
    "MLO": ("mlo", "rmlo", "lmlo", "mediolateral", "oblique", "内外斜", "斜位"),
}
SIDES = {
    "R": ("r", "rt", "right", "rcc", "rmlo", "rechts", "droit", "droite", "derecha", "右"),
    "L": ("l", "lt", "left", "lcc", "lmlo", "links", "gauche", "izquierda", "左"),
}
SEQUENCES = {
    "flair": ("flair", "darkfluid", "水抑制"),
    "adc": ("adc", "表观"),
    "dwi": ("dwi", "diffusion", "dti", "弥散", "扩散"),
    "swi": ("swi", "swan", "hemo", "susceptibility", "磁敏感"),
    "stir": ("stir", "tirm"),
    "tof": ("tof", "mra", "angio"),
    "pd": ("pd", "pdw", "proton", "质子"),
    "t2*": ("t2star", "t2s", "gre"),
    "t2": ("t2", "t2w", "t2wi", "haste", "ssfse"),
    "t1": ("t1", "t1w", "t1wi", "mprage", "vibe", "mp2rage", "spgr", "bravo"),
}
ORIENTATIONS = {
    "axial": ("axial", "ax", "transverse", "transversal", "tra", "axiale", "横断", "轴位", "轴"),
    "coronal": ("coronal", "cor", "koronar", "frontal", "coronale", "冠状", "冠"),
    "sagittal": ("sagittal", "sag", "sagital", "sagittale", "矢状", "矢"),
}
_CONTRAST = ("contrast", "post", "gd", "gad", "ce", "gadolinium", "mk", "c+", "enhanced", "portal", "venous", "增强")
_NO_CONTRAST = ("pre", "plain", "native", "nativ", "noncontrast", "unenhanced", "平扫")


@dataclass(frozen=True)
class Facts:
    """Empty strings and ``None`` are unknown. ``orientation``: axial, coronal or sagittal, of the images themselves.
    ``text``: descriptions in lower case without accents. ``slices``: frames of a volume, 0 where it is none."""

    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    laterality: str = ""
    sequence: str = ""
    contrast: bool | None = None
    orientation: str = ""
    text: str = ""
    slices: int = 0


def facts_of(series: Series, study: Study | None = None) -> Facts:
    """What can be said of a series."""
    first = series.instance_of(0).header
    own = plain(" ".join((series.description, header.text(first, "ProtocolName"), header.text(first, "ImageComments"))))
    wider = f"{own} {plain(study.description)}" if study is not None else own
    modality = series.modality.upper()
    return Facts(
        modality=modality,
        body_part=_stated(first, "BodyPartExamined", BODY_PARTS) or named(wider, BODY_PARTS),
        view_position=_view_position(first, own),
        laterality=_laterality(first, own),
        sequence=(named(own, SEQUENCES) or _sequence(first)) if modality == "MR" else "",
        contrast=_contrast(first, own),
        orientation=_orientation(series) or named(own, ORIENTATIONS),
        text=own,
        slices=len(series.frames) if series.positions is not None and len(series.frames) > 2 else 0,
    )


def plain(text: str) -> str:
    """Lower case without accents; signs become spaces, but for those within a word that mean something (``t2*``)."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w+*]+|_", " ", flat).split())


def named(text: str, terms: dict[str, tuple[str, ...]]) -> str:
    """The first key of ``terms`` of which ``text`` (as ``plain`` makes it) has a word; empty where it has none.

    A word that is spelt right counts before any that is nearly right.
    """
    for alike in (False, True):
        for name, words in terms.items():
            if any(mentions(text, word, alike=alike) for word in (*words, name.lower())):
                return name
    return ""


@lru_cache(maxsize=8192)
def mentions(text: str, word: str, *, alike: bool = True) -> bool:
    """Whether ``text`` has ``word``: as a word, misspelt where ``alike``; anywhere if not in Latin letters."""
    word = plain(word)
    if not word:
        return False
    if not word.isascii():
        return word in text
    if " " in word:
        return f" {word} " in f" {text} "
    parts = text.split()
    if word in parts or (len(word) > 2 and any(_runs_on(part, word) for part in parts)):
        return True
    near = (part for part in parts if len(part) >= 4)
    return alike and len(word) >= 4 and any(_similar(part, word) for part in near)


def _runs_on(part: str, word: str) -> bool:
    """``t1w_se3d``, ``chest2``: the word, and then digits or no letters."""
    return part.startswith(word) and not part[len(word) : len(word) + 1].isalpha()


def _similar(one: str, other: str) -> bool:
    return one[0] == other[0] and difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _stated(dataset: Dataset, keyword: str, terms: dict[str, tuple[str, ...]]) -> str:
    return named(plain(header.text(dataset, keyword)), terms)


def _view_position(dataset: Dataset, text: str) -> str:
    stated = header.code(dataset, "ViewPosition").upper()
    if stated:
        return named(plain(stated), VIEWS) or stated
    for item in header.items(dataset, "ViewCodeSequence"):
        found = named(plain(header.text(item, "CodeMeaning")).replace("medio lateral", "mediolateral"), VIEWS)
        if found:
            return found
    return named(text, VIEWS)


def _laterality(dataset: Dataset, text: str) -> str:
    stated = header.code(dataset, "ImageLaterality") or header.code(dataset, "Laterality")
    return stated.upper() if stated.upper() in SIDES else named(text, SIDES)


def _contrast(dataset: Dataset, text: str) -> bool | None:
    if header.text(dataset, "ContrastBolusAgent"):
        return True
    if any(mentions(text, word, alike=False) for word in _NO_CONTRAST):
        return False
    return True if any(mentions(text, word, alike=False) for word in _CONTRAST) else None


def _sequence(dataset: Dataset) -> str:
    """What times say of a weighting; roughly, and empty where they do not."""
    if header.number(dataset, "DiffusionBValue"):
        return "dwi"
    repetition, echo = header.number(dataset, "RepetitionTime"), header.number(dataset, "EchoTime")
    if repetition is None or echo is None:
        return ""
    inversion = header.number(dataset, "InversionTime") or 0.0
    if inversion > 1500 and echo > 60:
        return "flair"
    if echo < 35:
        return "t1" if repetition < 1200 else "pd"
    return "t2" if echo >= 60 and repetition >= 1500 else ""


def _orientation(series: Series) -> str:
    if series.orientation is None or series.positions is None:
        return ""
    normal = np.abs(np.cross(series.orientation[:3], series.orientation[3:]))
    axis = int(np.argmax(normal))
    return ("sagittal", "coronal", "axial")[axis] if normal[axis] >= _TURNED else ""
