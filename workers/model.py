"""The model process: the embedded language model behind an OpenAI-compatible port on loopback."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.errors import SetupError
from engines.model_files import located
from workers.process import notify
from workers.process.lifeline import leave, when_parent_dies
from workers.settings import Settings

HOST = "127.0.0.1"
SLOTS = 2
"""Prompts kept warm and answered at a time: on two cores a third would starve both."""
SLOT_TOKENS = 4096
"""Tokens of prompt and answer in one slot; a tenant's prefix takes about 1,500."""
OWN_PROMPT_SIMILARITY = 0.5
"""A slot is taken over only by a prompt that shares half of it.

With the library's 0.1 a short unrelated prompt was seen to evict a warmed prefix of 700 tokens, 6.5 s of work.
"""
CACHE_MIB = 1024
"""Prompts that lost their slot; the 0.5B model keeps a token in 12 KiB, the 1.5B one in 28 KiB."""
ERRORS_ONLY = 1
"""llama.cpp's log level; the higher ones may quote a prompt."""


def serve(model_file: Path, *, port: int, api_key: str | None, threads: int) -> Any:
    """Load the model and listen; the server lives as long as the returned object.

    Raises SetupError for a taken port or a file that is no model.
    """
    _refuse_taken(port)
    # 100 MB of shared library without type information; only this process loads it.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params: Any = xllamacpp.CommonParams()
    params.model.path = str(model_file)
    params.model_alias = {"embedded"}
    params.hostnames = [HOST]
    params.port = port
    params.offline = True
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * SLOT_TOKENS
    params.slot_prompt_similarity = OWN_PROMPT_SIMILARITY
    params.cache_ram_mib = CACHE_MIB
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.verbosity = ERRORS_ONLY
    # A web page on this machine must not be able to read answers or other callers' prompts.
    params.cors_origins = ""
    params.ui = False
    params.endpoint_slots = False
    if api_key:
        params.api_keys = [api_key]
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise SetupError(f"The model server can't load {model_file}: {error}") from error


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SetupError(f"The model server can't listen on {HOST}:{port}: {error.strerror}.") from error


def weights_in(folder: Path) -> Path:
    """The one GGUF file of a model's folder. Raises SetupError."""
    files = sorted(folder.glob("*.gguf"))
    if not files:
        raise SetupError(f"The model folder {folder} holds no GGUF file.")
    return files[0]


def sensible_threads() -> int:
    """All cores but one: the threads of a step wait for each other by spinning.

    On two cores with other work, two threads were seen at 2 tokens a second and one at 17; with nothing else, two
    make 30. A call always has other work: its audio, its recogniser, its voice.
    """
    return max(1, len(os.sched_getaffinity(0)) - 1)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m workers.model", description=__doc__)
    parser.add_argument("--port", type=int, default=urlsplit(settings.llm_url).port or 8091)
    parser.add_argument("--models-dir", type=Path, default=settings.models_dir)
    parser.add_argument("--model", default=settings.llm_file, help="a name in deploy/models.toml, or a folder")
    parser.add_argument("--threads", type=int, default=settings.llm_threads or sensible_threads())
    parsed = parser.parse_args(argv)
    parsed.api_key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    return parsed


def main(argv: list[str] | None = None) -> int:
    arguments = _arguments(argv)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    when_parent_dies(stop.set)
    try:
        folder = located(arguments.model, arguments.models_dir)
        server = serve(weights_in(folder), port=arguments.port, api_key=arguments.api_key, threads=arguments.threads)
    except SetupError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return os.EX_CONFIG
    notify.ready()
    print(f"The model server listens on {server.listening_address}", flush=True)  # noqa: T201
    stop.wait()
    return 0


if __name__ == "__main__":
    leave(main())
