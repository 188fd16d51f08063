"""A few of the fault runs; `python -m tests.connectors.faults` does them all."""

from dataclasses import replace

import pytest

from tests.connectors.fakes.server import Fault
from tests.connectors.faults import TIMEOUT_MS, WRITES, End, Run, Tally, draft, faults, one, settle, steps, texts
from tests.connectors.services import SERVICES
from tests.connectors.vendors import VENDORS, open_house

vendors = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)


@vendors
async def test_nothing_is_doubled_and_nothing_is_lost(vendor):
    tally = await faults(vendor, runs=24, seed=7)
    assert (tally.doubled, tally.lost) == (0, 0), tally.bad
    assert tally.done + tally.unknown == 24


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_a_text_is_not_doubled_and_not_lost(service):
    tally = await texts(service, runs=24, seed=7)
    assert (tally.doubled, tally.lost) == (0, 0), tally.bad
    assert tally.done + tally.unknown == 24


@vendors
@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.CRASH_AFTER, Fault.LIMIT])
async def test_a_creation_is_settled_whatever_happens_to_its_answer(vendor, fault):
    create = WRITES[0]
    tally = Tally()
    for step in range(1, await steps(vendor, create) + 1):
        await one(Run(vendor, create, fault, step, repeated=True, duplicated=False), tally)
    assert tally.done == tally.runs > 1


@vendors
async def test_an_unclear_creation_that_is_asked_again_in_other_words_is_the_same(vendor):
    """The customer is looked up before each try, and may be found by a later one only."""
    create, tally, key = WRITES[0], Tally(), "1" * 40
    sent = await steps(vendor, create) - 1
    async with open_house(vendor) as house:
        house.fake.fail(Fault.DROP_AFTER, at=sent)

        def work():
            words = replace(draft(house), subject=f"leaking, try {tally.askings}")
            return house.crm(timeout_ms=TIMEOUT_MS).create_ticket(words, key)

        assert await settle(house, work, tally) is End.DONE
        assert house.fake.effects[key] == 1


@vendors
async def test_the_counting_would_see_a_double(vendor):
    """The same action under two keys is two effects at the fake: the counts are of real effects."""
    async with open_house(vendor) as house:
        for key in ("1" * 40, "2" * 40):
            await house.crm().create_ticket(draft(house), key)
            house.clock.advance(house.fake.lag_s)
        assert sum(house.fake.effects.values()) == 2
