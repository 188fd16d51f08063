"""Malformed, oversized and misplaced SIP, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

METHODS = (
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "REGISTER",
    "INFO",
    "UPDATE",
    "REFER",
    "NOTIFY",
    "PRACK",
    "HALT",
)
SDP = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 8 101\r\n"
HOSTILE = (
    "",
    "%s%n%s",
    "\0",
    "\r\n",
    ";;;;",
    "<" * 200,
    "@",
    "ß\u202e",
    "-1",
    "4294967296",
    "9" * 400,
    "::1",
    "[",
    "=",
)


def nonsense(dice: random.Random, many: int, way: str) -> Iterator[bytes]:
    for number in range(many):
        kind = dice.randrange(6)
        if kind == 0:
            yield dice.randbytes(dice.randrange(1, 1_400))
        elif kind == 1:
            yield _oversized(dice, way, number)
        elif kind == 2:
            yield _response(dice, way, number)
        else:
            yield _mangled(dice, _request(dice, way, number))


def _request(dice: random.Random, way: str, number: int) -> bytes:
    """Mostly well formed, and of no call that there is: an ACK, a BYE or a CANCEL comes first here."""
    method = dice.choice(METHODS)
    body = SDP if dice.random() < 0.5 else dice.choice(HOSTILE)
    length = dice.choice((len(body), len(body), 0, len(body) + 9, -3, 1 << 31, 1 << 40))
    fields = {
        "Via": f"SIP/2.0/{way} 127.0.0.1:9;branch=z9hG4bK{number};rport",
        "From": f"<sip:a@127.0.0.1>;tag={number}",
        "To": "<sip:demo@127.0.0.1>" + dice.choice(("", ";tag=gone")),
        "Call-ID": f"{way}-{number}",
        "CSeq": f"{dice.choice((1, 0, 2**32, 'x'))} {dice.choice((method, 'INVITE'))}",
        "Contact": "<sip:a@127.0.0.1:9>",
        "Max-Forwards": dice.choice(("70", "0", "-1")),
        "Content-Type": dice.choice(("application/sdp", "multipart/mixed", "text/plain")),
        "Content-Length": str(length),
    }
    if dice.random() < 0.4:
        fields[dice.choice(list(fields))] = dice.choice(HOSTILE)
    if dice.random() < 0.3:
        del fields[dice.choice(list(fields))]
    lines = [f"{method} sip:{dice.choice(('demo', 'nobody', ''))}@127.0.0.1 SIP/2.0"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _mangled(dice: random.Random, message: bytes) -> bytes:
    if dice.random() < 0.3:
        return message
    mangled = bytearray(message)
    for _ in range(dice.randrange(1, 10)):
        mangled[dice.randrange(len(mangled))] = dice.randrange(256)
    return bytes(mangled[: dice.randrange(10, len(mangled))]) if dice.random() < 0.5 else bytes(mangled)


def _oversized(dice: random.Random, way: str, number: int) -> bytes:
    many = dice.choice((50, 500))
    via = f"Via: SIP/2.0/{way} 127.0.0.1:9;branch=z9hG4bK{number}\r\n" * many
    padding = f"X-Long: {'x' * dice.choice((1_000, 20_000))}\r\n"
    return (f"INVITE sip:demo@127.0.0.1 SIP/2.0\r\n{via}{padding}Content-Length: 0\r\n\r\n").encode()


def _response(dice: random.Random, way: str, number: int) -> bytes:
    """To nothing that was asked."""
    status = dice.choice(("100", "180", "200", "401", "487", "600", "000", "20x"))
    return (
        f"SIP/2.0 {status} Yes\r\nVia: SIP/2.0/{way} 127.0.0.1:9;branch=z9hG4bK{number}\r\nFrom: <sip:a@b>;tag=1\r\n"
        f"To: <sip:demo@127.0.0.1>;tag=2\r\nCall-ID: {number}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    ).encode()
