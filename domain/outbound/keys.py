"""Keys that are pressed for whatever has answered a call of ours: an exchange's menu, an extension behind a number."""

from __future__ import annotations

import re

from domain.errors import Refused

PAUSE = ","
PAUSE_S = 2.0
"""What a telephone waits for each comma."""
LONGEST = 32
"""Pauses and keys."""
MOST_PAUSES = 10

_KEYS = re.compile(rf"{PAUSE}[{PAUSE}0-9*#A-D]*[0-9*#A-D]")


def split_keys(dialled: str) -> tuple[str, str]:
    """What is dialled, and what is pressed once it is answered: "200" and ",,567#" of "200,,567#".

    Keys begin with a pause: exchanges lose what is pressed in the first moment. Raises Refused("bad_keys").
    """
    number, comma, keys = dialled.partition(PAUSE)
    keys = comma + keys
    if keys and (not _KEYS.fullmatch(keys) or len(keys) > LONGEST or keys.count(PAUSE) > MOST_PAUSES):
        raise Refused(
            "bad_keys",
            f"After a comma, only 0-9, *, #, A to D and more commas may follow, {LONGEST} at most with {MOST_PAUSES} "
            "commas, and a key is the last.",
        )
    return number, keys
