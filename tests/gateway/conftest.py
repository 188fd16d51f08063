"""The gateway's servers: Temporal once a session, and a house with its own database for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from tests.conftest import DatabaseUrls, free_port
from tests.gateway.house import Backstage, House, open_house
from workers.settings import Settings
from workflows.search_attributes import ALL

TEMPORAL = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "temporal"
INDEX = "<!doctype html><title>Hatif</title>"
TRUNK = """
[[trunk]]
tenant = "shop"
registrar = "sip.example.com"
user = "trunk"
password_file = "password"
countries = ["AE"]
extensions = ["200"]
"""
"""Which no media worker of these tests has: nobody dials."""
ASSET = "assets/index-BfK3x9Qa.js"


@pytest.fixture(scope="session")
def backstage() -> Iterator[Backstage]:
    opened = Backstage()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def temporal(backstage: Backstage) -> Iterator[str]:
    """The address of a Temporal server that knows our search attributes."""
    starting = WorkflowEnvironment.start_local(dev_server_existing_path=str(TEMPORAL), search_attributes=ALL)
    server = backstage.run(starting)
    yield server.client.service_client.config.target_host
    backstage.run(server.shutdown())


@pytest.fixture(scope="module")
def pages_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built page as Vite leaves it."""
    root = tmp_path_factory.mktemp("web") / "dist"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text(INDEX)
    (root / "favicon.svg").write_text("<svg/>")
    (root / ASSET).write_text("export {}")
    (root.parent / "secret.txt").write_text("not for you")
    return root


@pytest.fixture(scope="module")
def settings(database: DatabaseUrls, temporal: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("data")
    (data / "trunks.toml").write_text(TRUNK)
    return Settings(
        data_dir=data,
        sip_trunks=data / "trunks.toml",
        database_url=SecretStr(database.app),
        temporal_address=temporal,
        gateway_port=free_port(),
        knowledge_url=f"http://127.0.0.1:{free_port()}",
        ice_servers='[{"urls": "stun:stun.example"}]',
    )


@pytest.fixture(scope="module")
def open_gateway(backstage: Backstage, settings: Settings, pages_dir: Path) -> Iterator[House]:
    opening = open_house(backstage, settings, pages_dir)
    yield backstage.run(opening.__aenter__())
    backstage.run(opening.__aexit__(None, None, None))


@pytest.fixture
def house(open_gateway: House) -> Iterator[House]:
    yield open_gateway
    open_gateway.close_clients()
