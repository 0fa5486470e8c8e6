"""Sentences are English text that remembers its template: for logs and files text, for a window what to translate."""

from __future__ import annotations

import copy
import json
import pickle

from inference.words import PARTS, Said, joined, known, lowered, raised, said_by, say, say_n


def test_a_sentence_is_english_text() -> None:
    said = say("Slice {n} of {all} is missing.", n=3, all=12)
    assert said == "Slice 3 of 12 is missing."
    assert json.dumps([said]) == '["Slice 3 of 12 is missing."]'
    assert {said: 1}["Slice 3 of 12 is missing."] == 1


def test_it_keeps_its_template_and_values_through_copies_and_processes() -> None:
    said = say("{what}: {size:.1f} GB", what=say("too large"), size=2.25, note="of a file")
    for other in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert isinstance(other, Said)
        assert (str(other), other.template, other.note) == ("too large: 2.2 GB", "{what}: {size:.1f} GB", "of a file")
        assert isinstance(other.values["what"], Said)


def test_one_and_many() -> None:
    assert say_n("%n file", "%n files", 1) == "1 file"
    assert say_n("%n file", "%n files", 0) == "0 files"
    assert say_n("%n file of {name}", "%n files of {name}", 2, name="100%n") == "2 files of 100%n"


def test_braces_stand_for_themselves_where_nothing_is_put_in() -> None:
    assert say("no {units}") == "no {units}"
    assert say("{unit}", unit="{odd}") == "{odd}"


def test_joined_parts_stay_sentences() -> None:
    parts = joined("; ", [say("a"), "b"])
    assert parts == "a; b"
    assert isinstance(parts, Said)
    assert parts.values[PARTS] == ("a", "b")


def test_first_letters_change_in_english_alone() -> None:
    low, high = lowered(say("Distance")), raised(say("it is in colour"))
    assert (low, high) == ("distance", "It is in colour")
    assert isinstance(low, Said)
    assert low.template == "Distance"
    assert raised("") == ""
    assert lowered("MR of the head") == "MR of the head"


def test_an_exception_says_the_sentence_that_it_was_made_with() -> None:
    said = said_by(ValueError(say("{n} is too many", n=4)))
    assert isinstance(said, Said)
    assert said_by(ValueError("plain")) == "plain"
    assert said_by(ValueError()) == ""


def test_a_name_from_a_shipped_file_is_its_own_template() -> None:
    name = known("Left {lung}")
    assert isinstance(name, Said)
    assert (str(name), name.template) == ("Left {lung}", "Left {lung}")
