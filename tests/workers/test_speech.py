"""The speech process at its entrance: what it refuses, and how it starts, degrades and ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from domain.errors import SetupError
from domain.speech import Language
from engines.remote.recogniser import GrpcRecogniser
from engines.remote.voice import GrpcVoice
from workers.launch.certificate import self_signed
from workers.settings import Settings
from workers.speaking.link import speech_link
from workers.speech import listening, serve

READY_WITHIN_S = 90


@contextmanager
def speech_process(
    folder: Path, *arguments: str, scheme: str = "http", settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A real process, from its word that it is ready until it has ended in good order."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(folder / "notify"))
        notified.settimeout(READY_WITHIN_S)
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.speech", "--listen", f"{scheme}://127.0.0.1:{port}", *arguments],
            env={**os.environ, **(settings or {}), "NOTIFY_SOCKET": str(folder / "notify")},
        )
        try:
            assert notified.recv(100) == b"READY=1"
            yield f"{scheme}://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with speech_process(tmp_path_factory.mktemp("speech")) as address:
        yield address


pytestmark = pytest.mark.models

JSON = {"content-type": "application/json"}


def test_it_says_which_languages_it_speaks(url: str):
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok", "languages": ["ar", "en"], "missing": {}}


@pytest.mark.parametrize(("text", "language"), [("Hello, and welcome.", "en"), ("مرحبا بك.", "ar")])
def test_it_streams_pcm(url: str, text: str, language: str):
    with httpx.stream("POST", f"{url}/v1/speech", json={"text": text, "language": language}, timeout=60) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "audio/pcm;rate=16000;channels=1;encoding=s16le"
        assert answer.headers["transfer-encoding"] == "chunked"
        assert sum(len(chunk) for chunk in answer.iter_raw()) > 16_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{bad", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b"[" * 30_000, 400, "bad_json"),
        ({"language": "en"}, 422, "bad_text"),
        ({"text": "", "language": "en"}, 422, "bad_text"),
        ({"text": " \n ", "language": "en"}, 422, "bad_text"),
        ({"text": 5, "language": "en"}, 422, "bad_text"),
        ({"text": "a\x07b", "language": "en"}, 422, "bad_text"),
        ({"text": "a\ud800b", "language": "en"}, 422, "bad_text"),
        ({"text": "a" * 2001, "language": "en"}, 422, "text_too_long"),
        ({"text": "hello"}, 422, "bad_language"),
        ({"text": "hello", "language": "fr"}, 422, "bad_language"),
        ({"text": "hello", "language": ["en"]}, 422, "bad_language"),
        ({"text": "hello", "language": "en", "voice": 5}, 422, "bad_voice"),
        ({"text": "hello", "language": "en", "voice": "../../etc"}, 422, "bad_voice"),
        ({"text": "hello", "language": "en", "speed": 2}, 422, "bad_field"),
        (b"a" * 40_000, 413, "too_large"),
    ],
)
def test_nonsense_is_a_clear_problem(url: str, body: bytes | dict[str, object], status: int, code: str):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = httpx.post(f"{url}/v1/speech", content=content, headers=JSON)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"].endswith(".")


def test_a_foreign_web_page_can_neither_ask_nor_read(url: str):
    plain = httpx.post(f"{url}/v1/speech", content=b'{"text":"hello","language":"en"}')
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported_media_type")
    rebound = httpx.get(f"{url}/healthz", headers={"Host": "elsewhere.example"})
    assert rebound.status_code == 400


def test_a_client_who_leaves_costs_no_more(url: str):
    long = {"text": "One more sentence that nobody waits for. " * 45, "language": "en"}
    for _ in range(3):
        with httpx.stream("POST", f"{url}/v1/speech", json=long, timeout=60) as answer:
            next(answer.iter_raw())
    # Were the three minutes of speech that nobody hears still made, this answer would wait for them.
    short = httpx.post(f"{url}/v1/speech", json={"text": "Hello.", "language": "en"}, timeout=30)
    assert short.status_code == 200


def test_without_the_english_voice_arabic_still_speaks(tmp_path: Path):
    with speech_process(tmp_path, "--models-dir", str(tmp_path)) as address:
        health = httpx.get(f"{address}/healthz").json()
        assert health["languages"] == ["ar"]
        assert "make models" in health["missing"]["en"]
        arabic = httpx.post(f"{address}/v1/speech", json={"text": "مرحبا", "language": "ar"}, timeout=30)
        assert len(arabic.content) > 8_000
        english = httpx.post(f"{address}/v1/speech", json={"text": "Hello.", "language": "en"}, timeout=30)
        assert (english.status_code, english.json()["code"]) == (501, "no_voice")


async def test_another_machine_speaks_and_hears_for_a_media_worker(tmp_path: Path):
    certificate, key, _ = self_signed(tmp_path, "127.0.0.1")
    shared = {"HATIF_SPEECH_TOKEN": "of two machines", "HATIF_ASR_REMOTE": "1"}
    own = {"HATIF_TLS_CERT": str(certificate), "HATIF_TLS_KEY": str(key)}
    with speech_process(tmp_path, scheme="grpcs", settings=shared | own) as address:
        link = speech_link(
            Settings(speech_url=address, speech_token=SecretStr("of two machines"), speech_ca=certificate)
        )
        assert link is not None
        told = await link.describe(10_000)
        assert (list(told.languages), told.hears) == (["ar", "en"], True)
        voice = GrpcVoice(link, first_byte_ms=60_000, next_bytes_ms=60_000)
        pcm = b"".join([piece async for piece in voice.speak("Your order arrives tomorrow morning.", Language.EN)])
        heard = await GrpcRecogniser(link, deadline_ms=60_000).transcribe(pcm)
        assert "tomorrow morning" in heard.text.lower()
        await link.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://127.0.0.1:8092", "listens at an address like"),
        ("http://127.0.0.1:99999", "listens at an address like"),
        ("speech", "listens at an address like"),
        ("http://0.0.0.0:8092", "by grpcs:// only"),
        ("grpc://0.0.0.0:8092", "by grpcs:// only"),
        ("grpc://speech.example:8092", "by grpcs:// only"),
    ],
)
def test_an_address_that_will_not_do_is_one_sentence(address: str, said: str):
    with pytest.raises(SetupError, match=said):
        listening(address)


async def test_nobody_beyond_this_machine_gets_in_without_a_certificate_and_a_token(tmp_path: Path):
    with pytest.raises(SetupError, match="HATIF_TLS_CERT, HATIF_TLS_KEY and HATIF_SPEECH_TOKEN"):
        await serve(listening("grpcs://0.0.0.0:8092"), Settings(), tmp_path, 1)


def test_ears_elsewhere_need_grpc():
    with pytest.raises(SetupError, match="HATIF_ASR_REMOTE needs"):
        speech_link(Settings(asr_remote=True))


def test_a_taken_port_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "-m", "workers.speech", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert refused.returncode == os.EX_CONFIG
    assert refused.stderr == f"The speech process can't listen on 127.0.0.1:{port}: Address already in use.\n"
