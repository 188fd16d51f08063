"""What `hatif call` refuses before it calls, and what it says when nobody is there."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import uvicorn
from typer.testing import CliRunner, Result

from tests.workers.conftest import Wav
from workers import call_cli
from workers.launch import data_dir
from workers.launch.certificate import self_signed


@pytest.fixture
def nobody() -> str:
    """An address of this machine at which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


@pytest.fixture
def spoken(wav_of: Wav) -> Path:
    return wav_of(bytes(3200))


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    call_cli.register(app)
    return CliRunner().invoke(app, ["call", *arguments])


def refused(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == call_cli.BAD_INPUT
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_nothing_to_say() -> None:
    assert "at least one" in refused()


def test_a_file_that_is_no_sound(spoken: Path, tmp_path: Path, nobody: str) -> None:
    """It is refused before the call, although the file before it is good."""
    (tmp_path / "a.wav").write_bytes(b"no sound")
    assert "not an audio file" in refused(str(spoken), str(tmp_path / "a.wav"), "--url", nobody)
    assert "no such file" in refused(str(spoken), str(tmp_path / "b.wav"), "--url", nobody)


def test_a_text_that_the_protocol_does_not_allow(nobody: str) -> None:
    assert "1001 characters" in refused("--text", "م" * 1001, "--url", nobody)
    assert "empty" in refused("--text", "  ", "--url", nobody)


def test_a_recording_that_cannot_be_written(tmp_path: Path, nobody: str) -> None:
    assert "no such folder" in refused("--text", "x", "--record", str(tmp_path / "none" / "a.wav"), "--url", nobody)


@pytest.mark.parametrize("url", ["here", "ftp://127.0.0.1", "http://", "127.0.0.1:8080"])
def test_an_address_that_is_none(url: str) -> None:
    assert "looks like http://" in refused("--text", "x", "--url", url)


def test_a_language_that_is_not_spoken() -> None:
    assert "'fr' is not one of 'en', 'ar'" in refused("--text", "x", "--language", "fr")


def test_a_gateway_that_is_not_running(nobody: str) -> None:
    result = run("--text", "x", "--url", nobody)
    assert result.exit_code == call_cli.NO_CALL
    assert result.stderr == f"hatif call: Hatif is not running at {nobody} — start it with `make up`\n"
    assert json.loads(run("--text", "x", "--url", nobody, "--json").stdout or "null") is None


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[str]:
    """Somebody else's web server, with a certificate of its own making."""

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>It works!</h1>"})

    certificate, key, _ = self_signed(tmp_path / "tls", "127.0.0.1")
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        server = uvicorn.Server(
            uvicorn.Config(page, log_level="critical", lifespan="off", ssl_certfile=certificate, ssl_keyfile=key)
        )
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([sock])))
        thread.start()
        yield f"https://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def test_an_untrusted_certificate_is_taken_only_when_told_so(stranger: str) -> None:
    result = run("--text", "x", "--url", stranger)
    assert (result.exit_code, "not trusted" in result.stderr) == (call_cli.NO_CALL, True)
    result = run("--text", "x", "--url", stranger, "--insecure")
    assert (result.exit_code, "not as Hatif's gateway does" in result.stderr) == (call_cli.NO_CALL, True)


def test_help_comes_without_loading_the_media_stack() -> None:
    assert run("--help").exit_code == 0
    assert "two-channel" in run("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "order"),
    [
        (["a.wav", "--text", "one", "b.wav"], ["a.wav", "one", "b.wav"]),
        (["--text=one", "--json", "a.wav", "--text", "two"], ["one", "a.wav", "two"]),
        (["--record", "r.wav", "a.wav", "--url", "http://x", "b.wav"], ["a.wav", "b.wav"]),
        (["--text", "--json", "a.wav"], ["--json", "a.wav"]),
        (["a.wav", "--", "--text", "b.wav"], ["a.wav", "--text", "b.wav"]),
    ],
)
def test_the_order_of_files_and_texts(arguments: list[str], order: list[str]) -> None:
    items = call_cli.items_in_order(arguments, {"--text", "--record", "--url"})
    assert [item.text if item.file is None else str(item.file) for item in items] == order


def test_the_command_is_light_to_import() -> None:
    """`hatif --help` must not wait for FFmpeg and aiortc."""
    code = "import sys, workers.call_cli; sys.exit(any(m in sys.modules for m in ('aiortc', 'av', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_an_address_the_product_that_runs_here_is_called(tmp_path: Path, nobody: str) -> None:
    with data_dir.held(tmp_path, "hatif up"):
        data_dir.write_status(tmp_path, {}, {"softphone": f"{nobody}/"})
        result = run("--text", "hello", "--data-dir", str(tmp_path))
    assert result.exit_code == call_cli.NO_CALL
    assert f"not running at {nobody} " in result.stderr
