"""The running fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.connectors.vendors import VENDORS, House, open_house


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with open_house(request.param) as opened:
        yield opened
