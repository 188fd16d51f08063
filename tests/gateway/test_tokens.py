"""Tokens: what they say, and every way in which one is not ours."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.accounts import Role, SiteKey, User
from domain.errors import SetupError
from gateway import tokens as subject
from gateway.problems import Problem
from gateway.tokens import ACCESS_S, CALL_FIRST_USE_S, CALL_LIFE_S, CODEC, Tokens, new_key_pem, signing_key

USER = User(user_id="u-1", tenant_id="t-1", email="a@b.ae", name="A", role=Role.SUPERVISOR)
SITE = SiteKey(site_key_id="s-1", tenant_id="t-1", key="site-key-1", allowed_origins=(), max_concurrent_calls=3)


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def key():
    return signing_key(new_key_pem())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tokens(key, clock):
    return Tokens(key, clock)


def refusal(read, *arguments) -> Problem:
    with pytest.raises(Problem) as refused:
        read(*arguments)
    assert refused.value.status == 401
    return refused.value


def test_access_token_tells_who_and_what(tokens):
    claims = tokens.read_access(tokens.access(USER))
    assert (claims.user_id, claims.tenant_id, claims.role) == ("u-1", "t-1", Role.SUPERVISOR)


def test_access_token_lives_ten_minutes(tokens, clock):
    token = tokens.access(USER)
    clock.now += ACCESS_S - 1
    tokens.read_access(token)
    clock.now += 1
    assert "expired" in refusal(tokens.read_access, token).detail


def test_call_token_is_fresh_for_its_first_use_and_then_serves_its_call(tokens, clock):
    token = tokens.call(SITE, "https://shop.example")
    claims = tokens.read_call(token)
    assert (claims.fresh, claims.origin, claims.max_calls) == (True, "https://shop.example", 3)
    clock.now += CALL_FIRST_USE_S
    assert not tokens.read_call(token).fresh
    assert not tokens.read_call(token).over
    clock.now += CALL_LIFE_S
    assert tokens.read_call(token).over


def test_two_call_tokens_are_never_the_same_token(tokens):
    first, second = (tokens.read_call(tokens.call(SITE, "https://a.example")).token_id for _ in range(2))
    assert first != second


def test_each_kind_of_token_opens_its_own_doors_only(tokens):
    refusal(tokens.read_access, tokens.call(SITE, "https://a.example"))
    refusal(tokens.read_call, tokens.access(USER))
    refusal(tokens.read_access, tokens.access(USER, CODEC))
    assert tokens.read_access(tokens.access(USER, CODEC), CODEC).user_id == "u-1"


def test_a_token_of_another_installation_is_refused(tokens, clock):
    foreign = Tokens(signing_key(new_key_pem()), clock)
    assert "another key" in refusal(tokens.read_access, foreign.access(USER)).detail


def test_a_token_that_claims_our_key_but_was_signed_by_another_is_refused(tokens, key, clock):
    impostor = subject.SigningKey(signing_key(new_key_pem()).private, key.kid)
    refusal(tokens.read_access, Tokens(impostor, clock).access(USER))


def altered(token: str, header: dict | None = None, body: dict | None = None) -> str:
    def change(part: str, changes: dict | None) -> str:
        told = json.loads(base64.urlsafe_b64decode(part + "=="))
        return base64.urlsafe_b64encode(json.dumps({**told, **(changes or {})}).encode()).decode().rstrip("=")

    head, middle, signature = token.split(".")
    return ".".join((change(head, header), change(middle, body), signature))


def test_an_altered_token_is_refused(tokens):
    token = tokens.access(USER)
    refusal(tokens.read_access, altered(token, body={"role": "admin"}))
    refusal(tokens.read_access, altered(token, body={"tenant": "t-2"}))


def test_no_algorithm_but_rs256_is_taken(tokens, key):
    claims = jwt.decode(tokens.access(USER), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": key.kid})
    refusal(tokens.read_access, unsigned)
    refusal(tokens.read_access, altered(tokens.access(USER), header={"alg": "none"}))
    # The public key as an HMAC secret: the classic confusion.
    secret = base64.b64encode(
        key.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).decode()
    refusal(tokens.read_access, jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.kid}))


@pytest.mark.parametrize("nonsense", ["", "a", "a.b.c", "....", "é.é.é", "Bearer x", "A" * 20_000])
def test_nonsense_is_refused(tokens, nonsense):
    refusal(tokens.read_access, nonsense)
    refusal(tokens.read_call, nonsense)


def test_a_broken_or_foreign_key_is_one_sentence():
    with pytest.raises(SetupError, match="not a private key"):
        signing_key(b"not a key")
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(SetupError, match="not an RSA key"):
        signing_key(elliptic)


def test_the_same_key_has_the_same_id():
    pem = new_key_pem()
    assert signing_key(pem).kid == signing_key(pem).kid != signing_key(new_key_pem()).kid
