"""The key of an action."""

import pytest

from domain.actions import KEY_LENGTH, action_key, is_action_key

KEY = action_key("c1", "create_ticket", {"item": "fridge", "urgent": True})


@pytest.mark.parametrize(
    "slots",
    [
        {"urgent": True, "item": "fridge"},
        {"item": "  fridge ", "urgent": True},
        {"item": "fridge\n", "urgent": True},
    ],
)
def test_the_same_words_are_the_same_action(slots):
    assert action_key("c1", "create_ticket", slots) == KEY


def test_letters_written_in_two_ways_are_the_same():
    assert action_key("c1", "a", {"x": "caf\u00e9"}) == action_key("c1", "a", {"x": "cafe\u0301"})
    assert action_key("c1", "a", {"x": "آ"}) == action_key("c1", "a", {"x": "\u0627\u0653"})


def test_anything_else_is_another_action():
    others = {
        action_key("c2", "create_ticket", {"item": "fridge", "urgent": True}),
        action_key("c1", "update_ticket", {"item": "fridge", "urgent": True}),
        action_key("c1", "create_ticket", {"item": "oven", "urgent": True}),
        action_key("c1", "create_ticket", {"item": "fridge", "urgent": "true"}),
        action_key("c1", "create_ticket", {"item": "fridge", "urgent": 1}),
        action_key("c1", "create_ticket", {"item": "fridge", "urgent": None}),
        action_key("c1", "create_ticket", {"item": "fridge"}),
        action_key("c1", "create_ticket", {"item": "fridge", "urgent": True}, repeat=1),
    }
    assert len(others | {KEY}) == 9


def test_parts_do_not_run_into_each_other():
    assert action_key("c1", "a", {"x": "1", "y": "2"}) != action_key("c1", "a", {"x": '1","y":"2'})


def test_a_key_says_nothing_of_what_was_said():
    assert len(KEY) == KEY_LENGTH
    assert is_action_key(KEY)


@pytest.mark.parametrize("text", ["", KEY[:-1], KEY + "0", KEY.upper(), KEY[:-1] + "g", KEY + "\n", "' or 1=1 --"])
def test_what_is_no_key(text):
    assert not is_action_key(text)
