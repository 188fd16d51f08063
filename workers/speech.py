"""The speech process: the GPL voices behind a port of their own, apart from everything else of Hatif."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from domain.addresses import is_loopback
from domain.errors import SetupError
from domain.speech import Language
from engines.espeak import EspeakSpeech
from engines.model_files import located, verified
from engines.piper import PiperSpeech
from engines.remote.link import PLAIN, SECURE
from engines.synthesis import LocalVoice
from engines.whisper import WhisperRecogniser
from engines.xtts.voice import XttsSpeech
from workers.process import notify
from workers.process.lifeline import leave
from workers.process.main import run
from workers.process.serving import LOOPBACK, listening_socket, serve_inside
from workers.settings import Settings
from workers.speaking import http, service
from workers.speaking.speaker import Speaker

ENGLISH_MODEL = "piper-en-joe"
DEFAULT_PORT = 8092


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    scheme: str
    """http, grpc or grpcs."""
    host: str
    port: int


def listening(url: str) -> Listening:
    """Raises SetupError."""
    parts = urlsplit(url)
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        port = 0
    if parts.scheme not in ("http", PLAIN, SECURE) or not parts.hostname or not port:
        raise SetupError("The speech process listens at an address like http://127.0.0.1:8092 or grpcs://0.0.0.0:8092.")
    if parts.scheme != SECURE and not is_loopback(parts.hostname):
        raise SetupError("The speech process listens beyond this machine by grpcs:// only.")
    return Listening(scheme=parts.scheme, host=parts.hostname, port=port)


def neural(settings: Settings) -> Speaker | None:
    """XTTS for both languages, where the settings name it. Raises SetupError."""
    if settings.xtts_model is None:
        return None
    voice = XttsSpeech(settings.xtts_model, licence=settings.xtts_licence, device=settings.xtts_device)
    return Speaker(dict.fromkeys(Language, voice), {})


def loaded(models_dir: Path, threads: int) -> Speaker:
    """Load what can be loaded: one language without its voice does not silence the other."""
    voices: dict[Language, LocalVoice] = {}
    missing: dict[Language, str] = {}
    try:
        voices[Language.EN] = PiperSpeech(verified(ENGLISH_MODEL, models_dir), threads=threads)
    except SetupError as error:
        missing[Language.EN] = str(error)
    try:
        voices[Language.AR] = EspeakSpeech()
    except SetupError as error:
        missing[Language.AR] = str(error)
    return Speaker(voices, missing)


async def speaking(settings: Settings, models_dir: Path, threads: int) -> Speaker:
    """Warm. Raises SetupError where there is no voice at all."""
    speaker = neural(settings) or loaded(models_dir, threads)
    for reason in speaker.missing.values():
        print(reason, file=sys.stderr, flush=True)  # noqa: T201
    if not speaker.voices:
        raise SetupError("The speech process has no voice at all.")
    await speaker.warm_up()
    return speaker


async def hearing(settings: Settings, models_dir: Path) -> WhisperRecogniser | None:
    """Warm, where this process hears for the media workers. Raises SetupError."""
    if not settings.asr_remote:
        return None
    recogniser = WhisperRecogniser(
        located(settings.asr_model, models_dir),
        device=settings.asr_device,
        compute_type=settings.asr_compute_type,
        threads=settings.asr_threads,
        beam=settings.asr_beam,
        batch=settings.asr_batch,
    )
    await recogniser.warm_up()
    return recogniser


async def serve(where: Listening, settings: Settings, models_dir: Path, threads: int) -> None:
    """Load the voices, then listen until told to stop. Raises SetupError."""
    if where.scheme == "http":
        with listening_socket("The speech process", where.host, where.port) as listener:
            application = http.application(await speaking(settings, models_dir, threads))
            await serve_inside(application, listener, http.MOST_CONNECTIONS)
        return
    server = service.opened(_door(where, settings))
    speaker = await speaking(settings, models_dir, threads)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    answers = service.SpeechService(speaker, await hearing(settings, models_dir))
    await service.serve(server, answers, stop, notify.ready)


def _door(where: Listening, settings: Settings) -> service.Door:
    token = settings.speech_token.get_secret_value() if settings.speech_token else None
    door = service.Door(host=where.host, port=where.port, token=token)
    if where.scheme == PLAIN:
        return door
    if settings.tls_cert is None or settings.tls_key is None or not token:
        raise SetupError("grpcs:// needs HATIF_TLS_CERT, HATIF_TLS_KEY and HATIF_SPEECH_TOKEN.")
    return replace(door, certificate=(settings.tls_cert, settings.tls_key))


def main(argv: list[str] | None = None) -> int:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m workers.speech", description=__doc__)
    parser.add_argument("--listen", default=settings.speech_url, help="http://…, grpc://… or grpcs://…")
    parser.add_argument("--port", type=int, help=f"the same as --listen http://{LOOPBACK}:PORT")
    parser.add_argument("--models-dir", type=Path, default=settings.models_dir)
    parser.add_argument("--threads", type=int, default=min(4, len(os.sched_getaffinity(0))))
    arguments = parser.parse_args(argv)
    address = arguments.listen if arguments.port is None else f"http://{LOOPBACK}:{arguments.port}"
    return run(
        lambda: serve(listening(address), settings, arguments.models_dir, arguments.threads),
    )


if __name__ == "__main__":
    leave(main())
