"""Hanging protocols: which series goes where when a study opens.

A protocol names a grid and what each view wants. What a header states against a wish rules a series out; what it leaves
open does not, so that studies with missing or misspelt descriptions hang too, with what is known placed first.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.linking import patient_of
from app.core.series_facts import BODY_PARTS, SEQUENCES, VIEWS, Facts, facts_of, mentions, named, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.planes import PlaneName
    from app.dicom.model import Series, Study

CURRENT, PRIOR = "current", "prior"


@dataclass(frozen=True)
class Wish:
    """What a series should be: each entry lists what will do, in any order; empty ones ask for nothing."""

    modality: tuple[str, ...] = ()
    body_part: tuple[str, ...] = ()
    description: tuple[str, ...] = ()
    orientation: tuple[str, ...] = ()
    view_position: tuple[str, ...] = ()
    laterality: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    contrast: bool | None = None


@dataclass(frozen=True)
class ViewWish:
    """One view. ``study``: ``"current"`` or ``"prior"``. ``plane``: cut along it, from a volume. ``like``: number of
    the view, from 1, whose series this one should resemble. ``optional``: the protocol stands without it."""

    wish: Wish = field(default_factory=Wish)
    study: str = CURRENT
    plane: PlaneName | None = None
    like: int | None = None
    optional: bool = False


@dataclass(frozen=True)
class Protocol:
    """``views`` fill a grid of ``rows`` × ``columns`` row by row. ``when``: what some series of the study must be."""

    name: str
    rows: int
    columns: int
    when: Wish
    views: tuple[ViewWish, ...]


@dataclass(frozen=True, eq=False)
class Hung:
    """What one view shows."""

    series: Series
    plane: PlaneName | None = None


@dataclass(frozen=True, eq=False)
class Hanging:
    """A protocol on a study: ``views`` row by row, ``None`` for one that stays empty. ``score``: how well it fits."""

    protocol: Protocol
    views: tuple[Hung | None, ...]
    score: float


def fits(facts: Facts, wish: Wish) -> float | None:
    """How well a series meets a wish: what it meets counts up, what is unknown counts nothing; ``None`` where its
    header is against it."""
    score = 0.0
    for wanted, known, terms, weight in (
        (wish.modality, facts.modality, None, 2.0),
        (wish.body_part, facts.body_part, BODY_PARTS, 2.0),
        (wish.view_position, facts.view_position, VIEWS, 4.0),
        (wish.laterality, facts.laterality, None, 4.0),
        (wish.sequence, facts.sequence, SEQUENCES, 4.0),
        (wish.orientation, facts.orientation, None, 3.0),
    ):
        if not wanted or not known:
            continue
        names = {
            (named(plain(one), terms) or one).casefold() if terms is not None else one.casefold() for one in wanted
        }
        if known.casefold() not in names:
            return None
        score += weight
    if wish.contrast is not None and facts.contrast is not None:
        score += 1.5 if wish.contrast == facts.contrast else -1.5
    # Words are the least reliable of all: they may lift a series above others, never rule it out.
    score += 2.0 * sum(mentions(facts.text, word) for word in wish.description)
    return score


def hang(protocol: Protocol, current: Study, prior: Study | None = None) -> Hanging | None:
    """The protocol on a study, and an earlier one of the same patient; ``None`` where it does not apply."""
    known = {CURRENT: _facts(current), PRIOR: _facts(prior) if prior is not None else []}
    start = _applies(protocol.when, [facts for _, facts in known[CURRENT]])
    if start is None:
        return None
    views: list[Hung | None] = []
    total = start
    for wish in protocol.views:
        resembled = views[wish.like - 1] if wish.like is not None and wish.like <= len(views) else None
        # Planes cut from one volume share it; otherwise no series hangs twice.
        taken = {id(hung.series) for hung in views if hung is not None and hung.plane is None}
        found = _best(wish, known[wish.study], taken, resembled.series if resembled is not None else None, current)
        if found is None and not wish.optional:
            return None
        if found is not None:
            total += found[1] + 1.0
        views.append(Hung(found[0], wish.plane) if found is not None else None)
    return Hanging(protocol, tuple(views), total)


def best(protocols: Sequence[Protocol], current: Study, prior: Study | None = None) -> Hanging | None:
    """The protocol that fits best; the earlier one of equals."""
    found = [hanging for one in protocols if (hanging := hang(one, current, prior)) is not None]
    return max(found, key=lambda hanging: hanging.score, default=None)


def is_sure(hanging: Hanging, current: Study, prior: Study | None = None) -> bool:
    """Whether a protocol fits so well that it may be hung without a question: several views, each filled by images as
    they were acquired that are known to be all that the view asks for. What a description might mention proves
    nothing."""
    protocol = hanging.protocol
    filled = [hung for hung in hanging.views if hung is not None]
    if len(filled) < 2 or len(filled) < len(hanging.views) or len(filled) < protocol.rows * protocol.columns:
        return False
    if any(hung.plane is not None for hung in filled):
        # Planes take the place of the images: that is for the reader to ask for.
        return False
    studies = {CURRENT: current, PRIOR: prior}
    for wish, hung in zip(protocol.views, filled, strict=True):
        facts = facts_of(hung.series, studies[wish.study])
        if not _states(facts, wish.wish):
            return False
        if wish.like is not None and not _is_like(facts, facts_of(filled[wish.like - 1].series, current)):
            return False
    return True


def _states(facts: Facts, wish: Wish) -> bool:
    asked = (
        (wish.modality, facts.modality),
        (wish.body_part, facts.body_part),
        (wish.view_position, facts.view_position),
        (wish.laterality, facts.laterality),
        (wish.sequence, facts.sequence),
        (wish.orientation, facts.orientation),
    )
    return all(known for wanted, known in asked if wanted) and (wish.contrast is None or facts.contrast is not None)


def _is_like(one: Facts, other: Facts) -> bool:
    """The same kind of image, seen from the same side, by what both of them state."""
    pairs = (
        (one.orientation, other.orientation),
        (one.view_position, other.view_position),
        (one.laterality, other.laterality),
        (one.sequence, other.sequence),
        (one.body_part, other.body_part),
    )
    stated = [(left, right) for left, right in pairs if left and right]
    return one.modality == other.modality != "" and bool(stated) and all(left == right for left, right in stated)


def prior_of(current: Study, studies: Sequence[Study]) -> Study | None:
    """The latest earlier study of the same patient that has a modality in common; ``None`` without one."""
    kinds = {series.modality for series in current.series}
    who = _patient(current)
    if who is None or not current.date:
        return None
    earlier = [
        study
        for study in studies
        if study is not current
        and study.date
        and study.date < current.date
        and _patient(study) == who
        and kinds & {series.modality for series in study.series}
    ]
    return max(earlier, key=lambda study: study.date, default=None)


def _patient(study: Study) -> tuple[str, str] | None:
    """Who a study is of; ``None`` where it does not say: two studies without a name are not one patient's."""
    who = patient_of(study.series[0]) if study.series else ("", "")
    return who if any(who) else None


def _facts(study: Study) -> list[tuple[Series, Facts]]:
    return [(series, facts_of(series, study)) for series in study.series]


def _applies(when: Wish, facts: Sequence[Facts]) -> float | None:
    """The best score of any series, ``None`` where all are against it. A modality must be stated."""
    scores = [score for one in facts if one.modality and (score := fits(one, when)) is not None]
    return max(scores, default=None)


def _best(
    wish: ViewWish, known: Sequence[tuple[Series, Facts]], taken: set[int], like: Series | None, current: Study
) -> tuple[Series, float] | None:
    found: list[tuple[float, float, Series]] = []
    for series, facts in known:
        score = fits(facts, wish.wish)
        if (
            score is None
            or (wish.plane is None and id(series) in taken)
            or (wish.plane is not None and not facts.slices)
        ):
            continue
        if like is not None:
            score += _resemblance(facts, facts_of(like, current))
        # Of equals the one with more slices; then the first.
        found.append((score, facts.slices, series))
    if not found:
        return None
    score, _, series = max(found, key=lambda entry: entry[:2])
    return series, score


def _resemblance(one: Facts, other: Facts) -> float:
    pairs = (
        (one.modality, other.modality, 4.0),
        (one.orientation, other.orientation, 2.0),
        (one.view_position, other.view_position, 3.0),
        (one.laterality, other.laterality, 3.0),
        (one.sequence, other.sequence, 3.0),
        (one.body_part, other.body_part, 2.0),
        (one.contrast, other.contrast, 1.0),
    )
    score = sum(
        (weight if left == right else -weight)
        for left, right, weight in pairs
        if left not in ("", None) and right not in ("", None)
    )
    if one.slices and other.slices:
        score += min(one.slices, other.slices) / max(one.slices, other.slices)
    return score + 2 * difflib.SequenceMatcher(None, one.text, other.text).ratio()


def from_views(name: str, rows: int, columns: int, views: Sequence[Hung | None], studies: Sequence[Study]) -> Protocol:
    """A protocol that hangs like studies as ``views`` hang now. The study of the first view is the current one."""
    hung = [view for view in views if view is not None]
    of = {id(series): study for study in studies for series in study.series}
    current = of.get(id(hung[0].series)) if hung else None
    wishes = []
    for view in views:
        if view is None:
            continue
        study = of.get(id(view.series))
        facts = facts_of(view.series, study)
        wish = Wish(
            modality=_some(facts.modality),
            description=tuple(word for word in facts.text.split() if len(word) > 1)[:6],
            orientation=_some(facts.orientation) if view.plane is None else (),
            view_position=_some(facts.view_position),
            laterality=_some(facts.laterality),
            sequence=_some(facts.sequence),
            contrast=facts.contrast,
        )
        earlier = study is not None and current is not None and study is not current and study.date < current.date
        wishes.append(ViewWish(wish, PRIOR if earlier else CURRENT, view.plane, optional=True))
    first = facts_of(hung[0].series, current) if hung else Facts()
    when = Wish(modality=_some(first.modality), body_part=_some(first.body_part))
    return Protocol(name, rows, columns, when, tuple(wishes))


def _some(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
