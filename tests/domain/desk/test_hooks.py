"""How both sides sign what a foreign desk is told and says."""

import pytest

from domain.desk.hooks import KEY_PREFIX, is_signed, new_secret, signature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The example of the libraries for Standard Webhooks."""


def test_it_is_signed_as_others_sign_it():
    assert signature(SECRET, *MESSAGE) == SIGNED
    assert is_signed(SECRET, *MESSAGE, SIGNED)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed():
    assert is_signed(SECRET, *MESSAGE, f"v1,AAAA {SIGNED} v2,BBBB")


@pytest.mark.parametrize(
    "given", ["", " ", "v1", "v1,", SIGNED[3:], SIGNED.replace("v1", "v2"), SIGNED[:-2] + "A=", "v1,\ud800", "é"]
)
def test_another_signature_is_none(given: str):
    assert not is_signed(SECRET, *MESSAGE, given)


@pytest.mark.parametrize(
    "message",
    [
        ("msg_other", MESSAGE[1], MESSAGE[2]),
        (MESSAGE[0], MESSAGE[1] + 1, MESSAGE[2]),
        (MESSAGE[0], MESSAGE[1], MESSAGE[2] + b" "),
        (MESSAGE[0], MESSAGE[1], b""),
    ],
)
def test_id_time_and_body_are_all_signed(message: tuple[str, int, bytes]):
    assert not is_signed(SECRET, *message, SIGNED)


def test_another_secret_signs_otherwise():
    fresh = new_secret(bytes(range(32)))
    assert fresh.startswith(KEY_PREFIX)
    assert signature(fresh, *MESSAGE) != SIGNED
    assert is_signed("not base64!", *MESSAGE, signature("not base64!", *MESSAGE))
