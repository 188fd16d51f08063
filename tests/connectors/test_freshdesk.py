"""What only a vendor without idempotency has: nothing is proven before the search has had its time."""

import pytest

from connectors.freshdesk import SEARCH_LAG_MS
from connectors.once import IN_FLIGHT_MS
from domain.crm import TicketDraft
from domain.errors import OutcomeUnknown, Unavailable
from tests.connectors.fakes.server import Fault
from tests.connectors.vendors import VENDORS, House, open_house

KEY = "3" * 40
DRAFT = TicketDraft(subject="leaking", description='<b>now</b> & "here"', phone="+966500000001", name="Sara")
SEND = 3
"""The request that creates, after the search and the latest tickets."""
BLIND_MS = IN_FLIGHT_MS + SEARCH_LAG_MS


@pytest.fixture
async def house():
    (freshdesk,) = (vendor for vendor in VENDORS if vendor.name == "freshdesk")
    async with open_house(freshdesk) as opened:
        yield opened


def creations(house: House) -> int:
    return sum(one.method == "POST" for one in house.fake.requests)


async def refused(house: House) -> int:
    with pytest.raises(Unavailable) as later:
        await house.crm().create_ticket(DRAFT, KEY)
    return later.value.retry_after_ms


async def test_a_ticket_that_the_search_does_not_see_yet_is_waited_for(house):
    house.fake.fail(Fault.DROP_AFTER, at=SEND)
    assert await refused(house) == BLIND_MS
    for _ in range(3):
        house.clock.advance(60)
        assert 0 < await refused(house) < BLIND_MS
    house.clock.advance(house.fake.lag_s)
    assert (await house.crm().create_ticket(DRAFT, KEY)).subject == "leaking"
    assert creations(house) == house.fake.effects[KEY] == 1


async def test_a_request_that_left_no_trace_is_sent_once_more_and_no_more(house):
    house.fake.fail(Fault.DROP_BEFORE, at=SEND)
    house.clock.advance(await refused(house) / 1000)
    house.fake.fail(Fault.DROP_BEFORE, at=SEND)
    house.clock.advance(await refused(house) / 1000)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await house.crm().create_ticket(DRAFT, KEY)
    assert creations(house) == 2


async def test_what_is_unknown_is_found_when_it_appears_after_all(house):
    house.fake.fail(Fault.DROP_BEFORE, at=SEND)
    house.clock.advance(await refused(house) / 1000)
    house.fake.lag_s = 3600
    house.fake.fail(Fault.DROP_AFTER, at=SEND)
    house.clock.advance(await refused(house) / 1000)
    with pytest.raises(OutcomeUnknown):
        await house.crm().create_ticket(DRAFT, KEY)
    house.clock.advance(3600)
    await house.crm().create_ticket(DRAFT, KEY)
    assert (creations(house), house.fake.effects[KEY]) == (2, 1)


async def test_words_that_look_like_html_stay_words(house):
    await house.crm().create_ticket(DRAFT, KEY)
    (sent,) = (one.json() for one in house.fake.requests if one.method == "POST")
    assert sent["description"].startswith("&lt;b&gt;now&lt;/b&gt; &amp; &quot;here&quot;<br><br>(Sara, ")
