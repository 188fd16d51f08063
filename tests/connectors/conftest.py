"""The running fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.connectors.services import SERVICES, Post, open_post
from tests.connectors.vendors import VENDORS, House, open_house


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with open_house(request.param) as opened:
        yield opened


@pytest.fixture(params=[vendor for vendor in VENDORS if vendor.token_path], ids=lambda vendor: vendor.name)
async def token_house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """Only the vendors with OAuth2 tokens."""
    async with open_house(request.param) as opened:
        yield opened


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Post]:
    async with open_post(request.param) as opened:
        yield opened
