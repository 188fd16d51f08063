import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

pytestmark = pytest.mark.servers


async def test_x(database):
    e = create_async_engine(database.app)
    async with e.begin() as c:
        print((await c.execute(text("select * from hatif.listed_site_keys()"))).all())
    await e.dispose()
