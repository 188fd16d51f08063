"""The services' signatures against ones that others have published, and our µ-law against FFmpeg's."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from realtime.streams.mu_law import decoded, encoded
from realtime.streams.plivo import Plivo
from realtime.streams.twilio import Twilio

TWILIO_CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
PLIVO_CALL = [("To", "+14158889999"), ("CallUUID", "abcd-1234"), ("From", "+14156667777")]


def test_twilios_signature() -> None:
    url, headers = "https://mycompany.com/myapp.php?foo=1&bar=2", {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    assert Twilio("12345").signed(url, TWILIO_CALL, headers)
    assert not Twilio("12346").signed(url, TWILIO_CALL, headers)
    assert not Twilio("12345").signed(url + "&baz=3", TWILIO_CALL, headers)
    assert not Twilio("12345").signed(url, TWILIO_CALL[1:], headers)
    assert not Twilio("12345").signed(url, TWILIO_CALL, {})
    twice = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    assert Twilio("12345").signed(url, twice, {"x-twilio-signature": "IK+Dwps556ElfBT0I3Rgjkr1wJU="})


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("https://example.com/answer", "QUFNUHBhaE5m20p3UFtVHCb66PSliiukfx8M6MyiJwk="),
        ("https://example.com/answer?token=xyz", "IryQ8ucGk4J35wJRxh5K0iVvDCSZpHflFICcZxwx7Cc="),
    ],
)
def test_plivos_signature(url: str, signature: str) -> None:
    headers = {"x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": "12345"}
    plivo = Plivo("my_auth_token")
    assert plivo.signed(url, PLIVO_CALL, headers)
    assert plivo.signed(url, PLIVO_CALL, headers | {"x-plivo-signature-v3": f"wrong==,{signature}"})
    assert not Plivo("another").signed(url, PLIVO_CALL, headers)
    assert not plivo.signed(url, PLIVO_CALL[1:], headers)
    assert not plivo.signed(url, PLIVO_CALL, headers | {"x-plivo-signature-v3-nonce": "12346"})
    assert not plivo.signed(url, PLIVO_CALL, {"x-plivo-signature-v3": signature})


def test_a_number_that_is_withheld_is_none_to_call_back() -> None:
    assert Twilio("t").arrival(dict(TWILIO_CALL)).caller == "+14158675309"
    assert Twilio("t").arrival(dict(TWILIO_CALL) | {"From": "+266696687"}).caller == ""


def test_mu_law_is_as_others_have_it() -> None:
    every = np.arange(-32_768, 32_768, dtype="<i2")
    encoder = av.CodecContext.create("pcm_mulaw", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", 8_000
    encoder.time_base = Fraction(1, 8_000)
    frame = av.AudioFrame.from_ndarray(every.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = 8_000
    theirs = b"".join(bytes(packet) for packet in encoder.encode(frame))
    ours, peers = np.frombuffer(decoded(encoded(every.tobytes())), "<i2"), np.frombuffer(decoded(theirs), "<i2")
    # Encoders may round either way half-way between two steps, and both have their place in a step.
    step = (np.abs(peers.astype(int)) + 132) // 16
    assert (np.abs(ours.astype(int) - peers) <= step).all()
    assert encoded(decoded(bytes(range(256)))) in (
        bytes(range(256)),
        bytes(range(127)) + b"\xff" + bytes(range(128, 256)),
    )
    assert np.frombuffer(decoded(b"\x00\x80\xff\x7f"), "<i2").tolist() == [-32_124, 32_124, 0, 0]
