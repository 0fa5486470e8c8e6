"""Keys of commands: defaults, what the reader chose, and conflicts."""

from __future__ import annotations

from app.ui.actions import COMMANDS, TOOLS, Command, Where
from app.ui.shortcuts import Shortcuts, portable
from app.ui.viewport.keys import VERBS

SAVE = Command("save", "Save", key="Ctrl+S", also=("F2",))
STOP = Command("stop", "Stop", key="Esc")
BARE = Command("bare", "Bare")


def test_the_defaults_conflict_nowhere() -> None:
    assert Shortcuts((*COMMANDS, *TOOLS.values())).conflicts() == {}


def test_the_viewport_and_the_registry_agree() -> None:
    every = {command.name: command for command in (*COMMANDS, *TOOLS.values())}
    itself = {name for name, command in every.items() if command.where is Where.VIEWPORT_ITSELF}
    assert itself == set(VERBS)
    for name, verb in VERBS.items():
        assert tuple(map(portable, every[name].keys)) == tuple(map(portable, verb.keys))


def test_one_spelling_for_each_combination() -> None:
    assert portable("ctrl+k") == portable("Ctrl+K") == "Ctrl+K"
    assert portable("Delete") == portable("Del") == "Del"
    assert portable("Ctrl+K, Ctrl+S") == ""
    assert portable("") == ""


def test_chosen_keys_take_the_place_of_the_defaults_and_reset_brings_them_back() -> None:
    keys = Shortcuts((SAVE, STOP, BARE), {"save": ["Ctrl+W"], "stop": [], "unknown": ["X"]})
    assert keys.keys("save") == ("Ctrl+W",)
    assert keys.keys("stop") == ()
    assert keys.changed() == {"save": ["Ctrl+W"], "stop": []}
    keys.reset("stop")
    assert keys.keys("stop") == ("Esc",)
    keys.reset_all()
    assert keys.keys("save") == ("Ctrl+S", "F2")
    assert keys.changed() == {}


def test_choosing_the_default_is_no_choice() -> None:
    keys = Shortcuts((SAVE, STOP), {"stop": ["esc"]})
    assert not keys.is_changed("stop")


def test_a_key_of_two_commands_is_a_conflict() -> None:
    keys = Shortcuts((SAVE, STOP, BARE))
    keys.set("bare", ["f2", "F3"])
    assert keys.conflicts() == {"F2": ("save", "bare")}
    assert keys.owners("f2") == ("save", "bare")
    trial = keys.copy()
    trial.set("bare", [])
    assert trial.conflicts() == {}
    assert keys.conflicts() != {}
