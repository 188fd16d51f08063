"""Long speech is cut in pauses, and nothing of it is lost."""

import pytest

from domain.media.cutting import PIECE_S, pieces
from domain.speech import SAMPLE_RATE_HZ

SECOND = b"\x10\x20" * SAMPLE_RATE_HZ
SECOND_BYTES = len(SECOND)
QUIET = bytes(SECOND_BYTES // 2)


def test_it_is_cut_where_it_is_quietest() -> None:
    first, second = SECOND * 10 + QUIET[: SECOND_BYTES // 4], SECOND * 9
    found = pieces(first + QUIET + second)
    assert len(found) == 2
    assert first.startswith(found[0][: SECOND_BYTES * 10])
    assert found[1].endswith(second)
    assert found[0] + found[1] == first + QUIET + second


@pytest.mark.parametrize("tenths", [0, 1, 119, 120, 121, 333])
def test_no_piece_is_long_and_none_is_lost(tenths: int) -> None:
    pcm = (SECOND * (tenths // 10 + 1))[: SECOND_BYTES * tenths // 10 // 2 * 2]
    found = pieces(pcm)
    assert b"".join(found) == pcm
    assert all(0 < len(piece) <= PIECE_S * SECOND_BYTES for piece in found)
