"""Faults at every step of every write, counted at the fake: nothing doubled, nothing lost.

`python -m tests.connectors.faults` prints a line for each CRM, and one for each service that texts.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.acting.action import ActionStart
from domain.acting.afterwards import LOG_CALL, START_WORKFLOW
from domain.acting.perform import Deed, perform
from domain.actions import action_key
from domain.call import CallRow, CallState, Channel
from domain.crm import Crm, Priority, Ticket, TicketChange, TicketDraft, TicketState
from domain.errors import OutcomeUnknown, Unavailable
from domain.messaging import Text
from tests.connectors.fakes.server import Fault
from tests.connectors.services import SERVICES, Post, Service, open_post
from tests.connectors.vendors import VENDORS, House, Vendor, open_house
from tests.domain.acting.books import Book, Promises
from tests.domain.profiles import SHOP

TIMEOUT_MS = 400
"""A connector's patience here: an answer that hangs costs a run this long."""
MOST_ASKINGS = 12
"""How often a caller of the port obeys "ask again" before the action counts as lost."""


@dataclass(frozen=True)
class Write:
    """One kind of write: what it does on a ticket that is there, and under which mark the fake counts it."""

    name: str
    do: Callable[[Crm, House, Ticket, str], Awaitable[object]]
    mark: Callable[[Ticket, str], str] = lambda ticket, key: key


def draft(house: House) -> TicketDraft:
    return TicketDraft(subject="leaking", description="the fridge", customer_id=house.vendor.customers[0])


CHANGE = TicketChange(comment="again", state=TicketState.PENDING, priority=Priority.HIGH)
WRITES = [
    Write("create_ticket", lambda crm, house, ticket, key: crm.create_ticket(draft(house), key)),
    Write("update_ticket", lambda crm, house, ticket, key: crm.update_ticket(ticket.ticket_id, CHANGE, key)),
    Write("withdraw_ticket", lambda crm, house, ticket, key: crm.withdraw_ticket(ticket.ticket_id, "no", key)),
]
"""The port's own, with all that they can be given."""

PHONE, EMAIL = "+966501234567", "mona@example.com"
"""Of both customers whom every vendor's stand-in knows, and of one of them."""
CALL = CallRow(
    call_id="call-1",
    tenant_id=SHOP.tenant_id,
    channel=Channel.PHONE,
    state=CallState.ENDED,
    lease=1,
    started_at=1_772_323_200,
    ended_at=1_772_323_260,
    disposition="callback_needed",
)


def _action(name: str, action: str, slots: Callable[[Ticket], Mapping[str, str]], **others: Any) -> Write:
    """What a call asks for, with all that is read for it on the way."""

    def do(crm: Crm, house: House, ticket: Ticket, key: str) -> Awaitable[object]:
        start = ActionStart(
            tenant_id=SHOP.tenant_id,
            call_id=CALL.call_id,
            key=key,
            action=action,
            slots=slots(ticket),
            lease=1,
            language=SHOP.default_language,
        )
        deed = Deed(start=start, profile=SHOP, vendor=crm, visits=Book(), callbacks=Promises(), call=CALL)
        return perform(deed)

    return Write(name, do, **others)


ACTIONS = [
    _action("open a ticket", "create_ticket", lambda ticket: {"trouble": "the fridge leaks", "phone": PHONE}),
    _action("add to a ticket", "update_ticket", lambda ticket: {"ticket": ticket.number, "comment": "it smells"}),
    _action("take a ticket back", "cancel", lambda ticket: {"what": "create_ticket", "reference": ticket.number}),
    _action("log the call on its ticket", LOG_CALL, lambda ticket: {"ticket": ticket.number, "phone": PHONE}),
    _action("log the call at its customer", LOG_CALL, lambda ticket: {"email": EMAIL, "summary": "a leak"}),
    _action("log the call under its number", LOG_CALL, lambda ticket: {"phone": PHONE, "summary": "a leak"}),
    _action(
        "start a workflow",
        START_WORKFLOW,
        lambda ticket: {"ticket": ticket.number, "workflow": "callback_needed"},
        mark=lambda ticket, key: f"{ticket.ticket_id}:hatif_callback_needed",
    ),
]
"""Each with its effect at a vendor."""


@dataclass(frozen=True)
class Run:
    """One run: which write, which fault at which of its requests, and what is asked besides."""

    vendor: Vendor
    write: Write
    fault: Fault
    step: int
    repeated: bool
    """The caller asks again afterwards."""
    duplicated: bool
    """The action is delivered twice at the same time."""

    def __str__(self) -> str:
        return f"{self.write.name}, request {self.step}: {self.fault.value}{', twice at once' * self.duplicated}"


@dataclass(frozen=True)
class Sms:
    """One run of a text that a caller asked for."""

    service: Service
    fault: Fault
    step: int
    repeated: bool
    duplicated: bool

    def __str__(self) -> str:
        return f"send_sms, request {self.step}: {self.fault.value}{', twice at once' * self.duplicated}"


@dataclass
class Tally:
    runs: int = 0
    done: int = 0
    unknown: int = 0
    doubled: int = 0
    lost: int = 0
    askings: int = 0
    bad: list[Run | Sms] = field(default_factory=list)
    """The runs to look at."""

    def figures(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


class End(Enum):
    DONE = "done"
    UNKNOWN = "unknown"
    GAVE_UP = "gave up"


Work = Callable[[], Awaitable[object]]
"""One asking, from a process of its own."""


async def ask(house: House | Post, work: Work, tally: Tally) -> End | int:
    """Ask once; how many milliseconds to wait where the answer is "ask again"."""
    tally.askings += 1
    house.fake.crashed.clear()
    asking = asyncio.ensure_future(work())
    crash = asyncio.ensure_future(house.fake.crashed.wait())
    await asyncio.wait((asking, crash), return_when=asyncio.FIRST_COMPLETED)
    crash.cancel()
    if not asking.done():
        asking.cancel()
        await asyncio.wait((asking,))
        return 0
    match asking.exception():
        case None:
            return End.DONE
        case Unavailable() as later:
            return later.retry_after_ms or 1_000
        case OutcomeUnknown():
            return End.UNKNOWN
        case other:
            raise other


async def settle(house: House | Post, work: Work, tally: Tally, *, at_once: int = 1) -> End:
    """Do as a durable caller does, which obeys "ask again"; first `at_once` of them at the same moment.

    The clock stands still while one of them is at work: a request that takes no time must not seem to take minutes.
    """
    for _ in range(MOST_ASKINGS):
        answers = await asyncio.gather(*(ask(house, work, tally) for _ in range(at_once)))
        at_once = 1
        waits_ms = [answer for answer in answers if isinstance(answer, int)]
        if not waits_ms:
            return End.UNKNOWN if End.UNKNOWN in answers else End.DONE
        house.clock.advance(max(waits_ms) / 1000)
    return End.GAVE_UP


async def one(run: Run, tally: Tally) -> None:
    async with open_house(run.vendor) as house:
        ticket = await house.crm().create_ticket(draft(house), action_key("call-0", "create_ticket", {}))
        house.clock.advance(house.fake.lag_s + 1)
        key = action_key("call-1", run.write.name, {"step": run.step})
        house.fake.fail(run.fault, at=run.step)

        def work() -> Awaitable[object]:
            return run.write.do(house.crm(timeout_ms=TIMEOUT_MS), house, ticket, key)

        await _settled(house, work, run, run.write.mark(ticket, key), tally)


async def _settled(house: House | Post, work: Work, run: Run | Sms, mark: str, tally: Tally) -> None:
    ends = [await settle(house, work, tally, at_once=2 if run.duplicated else 1)]
    if run.repeated:
        ends.append(await settle(house, work, tally))
    house.fake.catch_up(all_of_it=True)
    effects = house.fake.effects[mark]
    lost = End.GAVE_UP in ends or (effects == 0 and End.UNKNOWN not in ends)
    tally.runs += 1
    tally.doubled += effects > 1
    tally.lost += lost
    if effects > 1 or lost:
        tally.bad.append(run)
    tally.unknown += End.UNKNOWN in ends
    tally.done += effects == 1 and set(ends) == {End.DONE}


async def steps(vendor: Vendor, write: Write) -> int:
    """How many requests a write makes when nothing goes wrong."""
    async with open_house(vendor) as house:
        ticket = await house.crm().create_ticket(draft(house), action_key("call-0", "create_ticket", {}))
        house.clock.advance(house.fake.lag_s + 1)
        before = len(house.fake.requests)
        await write.do(house.crm(), house, ticket, action_key("call-1", write.name, {}))
        return len(house.fake.requests) - before


async def every_run(vendor: Vendor) -> list[Run]:
    """Every fault at every step of every write; every second one is asked again, every third delivered twice."""
    found: list[Run] = []
    number = itertools.count()
    for write in (*WRITES, *ACTIONS):
        for step in range(1, await steps(vendor, write) + 1):
            for fault in Fault:
                if fault is Fault.EXPIRED and vendor.token_path is None:
                    continue  # a key does not expire: its refusal is an answer
                at = next(number)
                crash = fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
                found.append(Run(vendor, write, fault, step, at % 2 == 0, at % 3 == 0 and not crash))
    return found


async def faults(vendor: Vendor, runs: int | None, seed: int) -> Tally:
    """`runs` of them, evenly drawn, and again from the start where there are fewer; None: each of them once."""
    every = await every_run(vendor)
    random.Random(seed).shuffle(every)
    tally = Tally()
    for run in itertools.islice(itertools.cycle(every), runs or len(every)):
        await one(run, tally)
    return tally


# ---------------------------------------------------------------- texts

STEPS_OF_A_TEXT = 3
"""Requests of a text whose first answer is lost: the send, the look for it, and the send again or a second look."""


async def one_text(run: Sms, tally: Tally) -> None:
    async with open_post(run.service) as post:
        channel = min(post.service.channels)
        text = Text(channel=channel, to="+966501234567", body="We are in Al Quoz.")
        key = action_key("call-1", "send_sms", {"step": run.step})
        post.fake.fail(run.fault, at=run.step)
        if run.step > 1:
            # The later requests come only after an earlier one went unanswered.
            post.fake.fail(Fault.DROP_BEFORE if run.step % 2 else Fault.DROP_AFTER, at=1)

        def work() -> Awaitable[object]:
            return post.messaging(timeout_ms=TIMEOUT_MS).send(text, key)

        await _settled(post, work, run, key, tally)


def every_text(service: Service) -> list[Sms]:
    number = itertools.count()
    found: list[Sms] = []
    for step in range(1, (STEPS_OF_A_TEXT if service.can_look else 1) + 1):
        for fault in Fault:
            if fault is Fault.EXPIRED:
                continue  # a key does not expire: its refusal is an answer
            for repeated in (True, False):
                crash = fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
                found.append(Sms(service, fault, step, repeated, next(number) % 3 == 0 and not crash))
    return found


async def texts(service: Service, runs: int | None, seed: int) -> Tally:
    """Like `faults`, for a service that sends texts."""
    every = every_text(service)
    random.Random(seed).shuffle(every)
    tally = Tally()
    for run in itertools.islice(itertools.cycle(every), runs or len(every)):
        await one_text(run, tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, help="of all vendors together; by default every fault at every step once")
    parser.add_argument("--vendor", action="append", help="only this one; may be given more than once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = [each for each in (*VENDORS, *SERVICES) if not options.vendor or each.name in options.vendor]
    print(f"{'vendor':12}" + "".join(f"{name:>9}" for name in Tally().figures()))
    total: Counter[str] = Counter()
    for each in chosen:
        runs = -(-options.runs // len(chosen)) if options.runs else None
        work = faults(each, runs, options.seed) if isinstance(each, Vendor) else texts(each, runs, options.seed)
        tally = asyncio.run(work)
        print(f"{each.name:12}" + "".join(f"{value:9}" for value in tally.figures().values()), flush=True)
        for run in tally.bad:
            print(f"  {run}")
        total.update(tally.figures())
    print(f"{'all':12}" + "".join(f"{total[name]:9}" for name in Tally().figures()))
    return 1 if total["doubled"] or total["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
