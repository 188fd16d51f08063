"""Offers: real ones pass, and what is wrong with the others is said without repeating it."""

import pytest
from aiortc import RTCPeerConnection

from domain.errors import Refused
from gateway.sdp import MAX_LINES, MAX_SDP_CHARACTERS, check_offer
from tests.gateway.offers import OFFER


async def test_an_offer_of_aiortc_passes():
    peer = RTCPeerConnection()
    peer.createDataChannel("hatif")
    peer.addTransceiver("audio")
    await peer.setLocalDescription(await peer.createOffer())
    check_offer(peer.localDescription.sdp)
    await peer.close()


def test_an_offer_of_a_browser_passes_with_either_line_ending():
    check_offer(OFFER)
    check_offer(OFFER.replace("\r\n", "\n"))


def without(start: str) -> str:
    return "".join(line for line in OFFER.splitlines(keepends=True) if not line.startswith(start))


@pytest.mark.parametrize(
    ("sdp", "says"),
    [
        ("", "does not begin"),
        ("hello", "does not begin"),
        ("v=0", "no audio"),
        (OFFER[:200], "not usable"),
        (without("m=audio"), "no audio"),
        (OFFER.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "no audio"),
        (without("a=fingerprint"), "no DTLS fingerprint"),
        (OFFER.replace("a=fingerprint:sha-256", "a=fingerprint:md5"), "no DTLS fingerprint"),
        (without("a=ice-ufrag"), "no ICE user"),
        (without("a=ice-pwd"), "no ICE password"),
        (OFFER + "a=\0\r\n", "not a line"),
        (OFFER + "a=\x1b[31m\r\n", "not a line"),
        (OFFER + "a=\u202e\r\n", "not a line"),
        (OFFER + "nonsense\r\n", "not a line"),
        (OFFER + "\r\n\r\n" + "a=x", "not a line"),
        (OFFER + "a=" + "x" * 1025 + "\r\n", "not a line"),
        (OFFER + "a=x\r\n" * MAX_LINES, "more than"),
        (OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 5, "more than 4 media"),
        (OFFER + "a" * MAX_SDP_CHARACTERS, "longer than"),
    ],
)
def test_a_corrupt_offer_is_refused_in_a_sentence(sdp, says):
    with pytest.raises(Refused, match=says) as refused:
        check_offer(sdp)
    assert refused.value.code == "bad_offer"
    assert "\x1b" not in str(refused.value)
