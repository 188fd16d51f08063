"""The model process: what it serves, and how it starts, refuses and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.errors import SetupError
from engines.model_files import read_catalogue, verified
from workers.model import weights_in
from workers.settings import Settings

MODEL = "qwen2.5-coder-0.5b"
STARTED_WITHIN_S = 90
SCHEMA = {
    "type": "object",
    "properties": {"intent": {"enum": ["opening_hours", "delivery"]}, "say": {"type": "string", "maxLength": 60}},
    "required": ["intent", "say"],
    "additionalProperties": False,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workers.model", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    verified(MODEL, Settings().models_dir)
    process = started("--port", str(free_port()))
    assert process.stdout and process.stderr
    try:
        line = process.stdout.readline()
        assert "listens on" in line, process.stderr.read()
        yield line.split()[-1]
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
        process.stderr.close()


def ask(**extra: Any) -> dict[str, Any]:
    system = "You answer for a shop that is open from nine to nine. Answer by JSON with intent and say."
    messages = [{"role": "system", "content": system}, {"role": "user", "content": "When are you open?"}]
    return {"model": "embedded", "messages": messages, "max_tokens": 60, "temperature": 0, **extra}


FORMAT = {"type": "json_schema", "json_schema": {"name": "move", "schema": SCHEMA, "strict": True}}


@pytest.mark.models
def test_an_answer_has_the_shape_it_was_asked_for(server: str):
    answer = httpx.post(f"{server}/v1/chat/completions", json=ask(response_format=FORMAT), timeout=60).json()
    move = json.loads(answer["choices"][0]["message"]["content"])
    assert move.keys() == {"intent", "say"}
    assert move["intent"] == "opening_hours"


@pytest.mark.models
def test_an_answer_streams_and_its_prompt_is_kept_warm(server: str):
    pieces: list[str] = []
    timings: dict[str, int] = {}
    for _ in range(2):
        request = ask(response_format=FORMAT, stream=True)
        with httpx.stream("POST", f"{server}/v1/chat/completions", json=request, timeout=60) as response:
            for line in response.iter_lines():
                if line.startswith("data: {"):
                    event = json.loads(line[6:])
                    pieces.append(event["choices"][0]["delta"].get("content") or "")
                    timings = event.get("timings") or timings
    assert len([piece for piece in pieces if piece]) > 10
    assert timings["cache_n"] > 0.9 * (timings["cache_n"] + timings["prompt_n"])


@pytest.mark.models
@pytest.mark.parametrize("body", [b"", b"{bad", b"[]", b'{"messages": 5}'])
def test_nonsense_is_refused_and_the_server_lives_on(server: str, body: bytes):
    answer = httpx.post(
        f"{server}/v1/chat/completions", content=body, headers={"content-type": "application/json"}, timeout=60
    )
    assert answer.status_code >= 400
    assert httpx.get(f"{server}/health", timeout=10).json() == {"status": "ok"}


@pytest.mark.models
def test_a_prompt_that_is_too_long_is_refused(server: str):
    request = ask(messages=[{"role": "user", "content": "word " * 6000}])
    answer = httpx.post(f"{server}/v1/chat/completions", json=request, timeout=60)
    assert answer.status_code == 400
    assert "context" in answer.json()["error"]["message"]


@pytest.mark.models
def test_a_foreign_web_page_may_not_read_answers_nor_anybody_the_prompts(server: str):
    page = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    assert httpx.options(f"{server}/v1/chat/completions", headers=page).headers["access-control-allow-origin"] == ""
    assert httpx.get(f"{server}/slots").status_code >= 400


@pytest.mark.models
def test_a_taken_port_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = started("--port", str(port))
        out, err = process.communicate(timeout=STARTED_WITHIN_S)
    assert (process.returncode, out) == (os.EX_CONFIG, "")
    assert err == f"The model server can't listen on 127.0.0.1:{port}: Address already in use.\n"


def test_a_missing_file_is_one_sentence(tmp_path: Path):
    process = started("--port", str(free_port()), "--models-dir", str(tmp_path))
    out, err = process.communicate(timeout=STARTED_WITHIN_S)
    assert (process.returncode, out) == (os.EX_CONFIG, "")
    assert "is missing" in err and "make models" in err and err.count("\n") == 1


def test_an_altered_file_is_one_sentence(tmp_path: Path):
    (file,) = read_catalogue()[MODEL].files
    (tmp_path / MODEL).mkdir()
    with (tmp_path / MODEL / file.path).open("wb") as sparse:
        sparse.truncate(file.size_bytes)
    process = started("--port", str(free_port()), "--models-dir", str(tmp_path))
    _, err = process.communicate(timeout=STARTED_WITHIN_S)
    assert process.returncode == os.EX_CONFIG
    assert "is not the one in models.toml" in err and err.count("\n") == 1


def test_an_own_folder_that_holds_no_model_is_told_so(tmp_path: Path):
    with pytest.raises(SetupError, match="holds no GGUF file"):
        weights_in(tmp_path)
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but not really")
    process = started("--port", str(free_port()), "--model", str(tmp_path))
    _, err = process.communicate(timeout=STARTED_WITHIN_S)
    assert process.returncode == os.EX_CONFIG
    assert f"can't load {tmp_path / 'broken.gguf'}" in err


@pytest.mark.models
def test_it_ends_with_its_parent():
    port = free_port()
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; "
            "child = subprocess.Popen([sys.executable, '-m', 'workers.model', *sys.argv[1:]]); "
            "child.wait()",
            "--port",
            str(port),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    assert "listens on" in parent.stdout.readline()
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    # The child holds the other end of the pipe: it closes when the child is gone.
    assert parent.stdout.read() == ""
    parent.stdout.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
