"""Who hears whom, as a table: rows speak, columns listen."""

import itertools

import pytest

from domain.errors import Refused
from domain.media.hearing import BridgeRole, ListenMode, Seat, check_seat, hears

CALLER, AGENT, ADVISOR, SUPERVISOR = BridgeRole
LISTENERS = (CALLER, AGENT, ADVISOR, SUPERVISOR)

TABLE = [
    # speaker     mode                held    caller agent advisor supervisor
    (CALLER, ListenMode.TALK, False, "yyyy"),
    (AGENT, ListenMode.TALK, False, "yyyy"),
    (ADVISOR, ListenMode.TALK, False, "yyyy"),
    (SUPERVISOR, ListenMode.TALK, False, "yyyy"),
    (CALLER, ListenMode.LISTEN, False, "----"),
    (AGENT, ListenMode.LISTEN, False, "----"),
    (ADVISOR, ListenMode.LISTEN, False, "----"),
    (SUPERVISOR, ListenMode.LISTEN, False, "----"),
    (SUPERVISOR, ListenMode.WHISPER, False, "--y-"),
    (SUPERVISOR, ListenMode.BARGE, False, "yyyy"),
    (CALLER, ListenMode.TALK, True, "-y-y"),
    (ADVISOR, ListenMode.TALK, True, "-y-y"),
    (CALLER, ListenMode.LISTEN, True, "----"),
]


@pytest.mark.parametrize(("speaker", "mode", "held", "heard_by"), TABLE)
def test_who_hears_whom(speaker: BridgeRole, mode: ListenMode, held: bool, heard_by: str) -> None:
    found = "".join(
        "y" if hears(Seat(role=role), Seat(role=speaker, mode=mode, held=held)) else "-" for role in LISTENERS
    )
    assert found == heard_by


@pytest.mark.parametrize("listener", ListenMode)
def test_how_far_one_carries_does_not_change_what_one_hears(listener: ListenMode) -> None:
    assert hears(Seat(role=SUPERVISOR, mode=listener), Seat(role=CALLER))


def test_a_held_party_hears_nobody_at_all() -> None:
    for role, speaker, mode in itertools.product(BridgeRole, BridgeRole, ListenMode):
        assert not hears(Seat(role=role, held=True), Seat(role=speaker, mode=mode))


@pytest.mark.parametrize("role", [CALLER, AGENT, ADVISOR])
@pytest.mark.parametrize("mode", [ListenMode.WHISPER, ListenMode.BARGE])
def test_only_a_supervisor_whispers_or_barges_in(role: BridgeRole, mode: ListenMode) -> None:
    with pytest.raises(Refused) as refusal:
        check_seat(role, mode)
    assert refusal.value.code == "bad_mode"
    check_seat(SUPERVISOR, mode)
