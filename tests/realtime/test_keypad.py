"""Keys of one entry, ended by # or by a pause in the audio."""

from realtime.keypad import ENTRY_ENDS_MS, LONGEST_ENTRY, Keypad


def press(keypad: Keypad, keys: str, at_ms: int = 0) -> str | None:
    entry = None
    for key in keys:
        entry = keypad.press(key, at_ms)
    return entry


def test_hash_ends_an_entry() -> None:
    assert press(Keypad(), "4572#") == "4572"


def test_a_pause_ends_an_entry_once() -> None:
    keypad = Keypad()
    assert press(keypad, "45") is None
    assert keypad.elapsed(ENTRY_ENDS_MS - 20) is None
    assert keypad.elapsed(ENTRY_ENDS_MS) == "45"
    assert keypad.elapsed(2 * ENTRY_ENDS_MS) is None


def test_a_key_that_is_passed_on_is_no_part_of_an_entry() -> None:
    passed: list[str] = []
    keypad = Keypad()
    press(keypad, "45")
    keypad.passes_on = lambda key: passed.append(key) is None
    assert press(keypad, "1*#") is None
    assert passed == ["1", "*", "#"]
    assert keypad.elapsed(2 * ENTRY_ENDS_MS) is None
    keypad.passes_on = lambda _: False
    assert press(keypad, "7#") == "7"


def test_star_clears() -> None:
    assert press(Keypad(), "99*45#") == "45"


def test_hash_alone_is_nothing() -> None:
    assert press(Keypad(), "#") is None


def test_an_endless_entry_is_ended() -> None:
    assert press(Keypad(), "1" * LONGEST_ENTRY) == "1" * LONGEST_ENTRY
