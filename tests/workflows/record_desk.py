"""Records the histories of handoffs and callbacks: python -m tests.workflows.record_desk [scene …]

When to: see record.py. Time is skipped, so a scene of two weeks takes a second.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.call import Outcome
from domain.desk.acts import GiveBack, Requeue, Reschedule, WrapUp
from domain.desk.callbacks import CallbackReason, CallbackState
from domain.desk.handoffs import HandoffState
from domain.desk.people import PresenceState
from domain.handoff import HandoffAsked
from domain.line import PHONE, HeldChoice, PhaseKind, PhoneMissed
from domain.outbound.dialling import DialState
from storage.migrate import migrate
from tests.conftest import run_apart, running_postgres
from tests.workflows.desk_side import Desk, Handed
from tests.workflows.far_side import open_house, running_skipping_temporal
from tests.workflows.promises import NUMBER, SARA, Skipping, a_shop_at_noon, promise, until
from tests.workflows.record import save
from workflows import timeouts
from workflows.codec import EncryptionCodec

Recorded = WorkflowHandle[Any, Any]


async def _form(handed: Handed, advisor_id: str) -> None:
    await handed.desk.until_stands(advisor_id, PresenceState.WRAP_UP)
    await handed.desk.requests.wrap_up(
        handed.desk.tenant_id, handed.id, WrapUp(advisor_id=advisor_id, disposition="resolved", notes="-")
    )


async def handoff_finished(desk: Desk, skipping: Skipping) -> Recorded:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    await handed.left(sara, lost=True)
    await handed.joined(sara)
    await desk.requests.finish(desk.tenant_id, handed.id, sara)
    await _form(handed, sara)
    return handed.handle


async def handoff_given_back(desk: Desk, skipping: Skipping) -> Recorded:
    """Declined by the first, taken by the second, who gives it back."""
    sara, omar = await desk.advisor("sara"), await desk.advisor("omar")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.decline(sara)
    await handed.talks_with(omar, 2)
    await desk.requests.give_back(desk.tenant_id, handed.id, GiveBack(advisor_id=omar, note="-"))
    await _form(handed, omar)
    return handed.handle


async def handoff_requeued(desk: Desk, skipping: Skipping) -> Recorded:
    """Requeued, and then taken over by somebody in particular; the caller hangs up; nobody fills in a form."""
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.talks_with(sara)
    omar = await desk.advisor("omar")
    await desk.requests.requeue(desk.tenant_id, handed.id, Requeue(advisor_id=sara, note="-"))
    await handed.talks_with(omar, 2)
    noor = await desk.advisor("noor")
    await handed.raised(HandoffAsked(reason="taken_over", by=noor, advisor_id=noor, urgent=True))
    await handed.talks_with(noor, 3)
    await handed.hangs_up()
    await skipping.passes(timedelta(minutes=20))
    return handed.handle


async def handoff_passed_over(desk: Desk, skipping: Skipping) -> Recorded:
    """Missed by the first, never joined by the second, lost by the third; the caller never minds at last."""
    sara, omar, noor = [await desk.advisor(name) for name in ("sara", "omar", "noor")]
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await skipping.passes(timedelta(seconds=21))
    await handed.rings_at(omar, 2)
    await handed.accept(omar, 2)
    await skipping.passes(timeouts.ADVISOR_JOINS + timedelta(seconds=1))
    await handed.talks_with(noor, 3)
    await handed.left(noor, lost=True)
    await skipping.passes(timeouts.ADVISOR_RETURNS + timedelta(seconds=1))
    await handed.is_in(PhaseKind.HELD)
    await handed.chooses(HeldChoice.NEVER_MIND)
    await skipping.passes(timedelta(minutes=20))
    return handed.handle


async def handoff_adrift(desk: Desk, skipping: Skipping) -> Recorded:
    """The caller is away while it rings, comes back, is away while an advisor has the call, and is lost."""
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.handle.signal("caller_away")
    await handed.until_row(lambda row: row.state is HandoffState.ADRIFT)
    await handed.handle.signal("caller_back")
    await handed.talks_with(sara, 2)
    await handed.handle.signal("caller_away")
    await handed.left(sara, lost=True)
    await skipping.passes(timedelta(seconds=40))
    await handed.hangs_up(Outcome.LOST)
    await _form(handed, sara)
    return handed.handle


async def handoff_waited(desk: Desk, skipping: Skipping) -> Recorded:
    """Held for long, given the choice, and called back."""
    sara = await desk.advisor("sara")
    first = await desk.handoff()
    await first.talks_with(sara)
    handed = await desk.handoff()
    await handed.is_in(PhaseKind.HELD)
    await skipping.passes(timedelta(minutes=3))
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    await handed.result()
    await first.hangs_up()
    return handed.handle


async def handoff_nobody(desk: Desk, skipping: Skipping) -> Recorded:
    handed = await desk.handoff()
    await handed.told(lambda wanted: wanted.choose)
    await desk.wake()
    await handed.chooses(HeldChoice.NEVER_MIND)
    return handed.handle


async def handoff_hung_up(desk: Desk, skipping: Skipping) -> Recorded:
    sara = await desk.advisor("sara")
    handed = await desk.handoff()
    await handed.rings_at(sara, 1)
    await handed.hangs_up()
    return handed.handle


async def handoff_closed(desk: Desk, skipping: Skipping) -> Recorded:
    await until(skipping, weekday=4, hour=12)
    return (await desk.handoff()).handle


async def handoff_nobody_without_callbacks(desk: Desk, skipping: Skipping) -> Recorded:
    """Wants to be called back by a shop that calls nobody back."""
    await desk.calls_nobody_back()
    handed = await desk.handoff()
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.CALL_BACK)
    return handed.handle


async def handoff_closed_without_callbacks(desk: Desk, skipping: Skipping) -> Recorded:
    await desk.calls_nobody_back()
    return await handoff_closed(desk, skipping)


async def _phone_rings(desk: Desk) -> Handed:
    await desk.has_a_phone()
    handed = await desk.handoff()
    await handed.rings_at(PHONE, 1)
    await handed.is_in(PhaseKind.BRIDGED)
    return handed


async def handoff_by_phone(desk: Desk, skipping: Skipping) -> Recorded:
    handed = await _phone_rings(desk)
    await handed.joined(PHONE)
    await handed.left(PHONE, lost=False)
    return handed.handle


async def handoff_phone_busy(desk: Desk, skipping: Skipping) -> Recorded:
    handed = await _phone_rings(desk)
    await handed.handle.signal("phone_missed", PhoneMissed(lease=1, phase_number=1, state=DialState.BUSY))
    await handed.told(lambda wanted: wanted.choose)
    await handed.chooses(HeldChoice.NEVER_MIND)
    return handed.handle


async def handoff_transferred(desk: Desk, skipping: Skipping) -> Recorded:
    """The caller's exchange took the caller to the phone."""
    handed = await _phone_rings(desk)
    await handed.hangs_up(Outcome.HANDED_OFF)
    return handed.handle


async def callback_kept(desk: Desk, skipping: Skipping) -> Recorded:
    """Promised on Friday night, moved to Sunday, not reached, reached at the second try."""
    await until(skipping, weekday=4, hour=22)
    promised = await promise(desk)
    await promised.becomes(CallbackState.PROMISED)
    sunday = (await skipping.now() + timedelta(days=2)).replace(hour=8)
    await desk.requests.reschedule_callback(desk.tenant_id, promised.id, Reschedule(by=SARA, at=sunday.timestamp()))
    await skipping.passes(sunday - await skipping.now() + timedelta(minutes=1))
    await promised.becomes(CallbackState.DUE)
    await promised.claim()
    await promised.fails()
    await promised.becomes(CallbackState.PROMISED, 1)
    await skipping.passes(timedelta(minutes=6))
    await promised.becomes(CallbackState.DUE, 1)
    await promised.claim()
    await promised.done()
    return promised.handle


async def callback_in_vain(desk: Desk, skipping: Skipping) -> Recorded:
    """One claim is forgotten, and then nobody claims it any more."""
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    await promised.claim()
    await skipping.passes(timedelta(days=14))
    return promised.handle


async def callback_cancelled(desk: Desk, skipping: Skipping) -> Recorded:
    promised = await promise(desk)
    await promised.becomes(CallbackState.DUE)
    await promised.cancel()
    return promised.handle


async def callback_not_promised(desk: Desk, skipping: Skipping) -> Recorded:
    return (await promise(desk, number=None, reason=CallbackReason.LOST)).handle


async def callback_forbidden(desk: Desk, skipping: Skipping) -> Recorded:
    await until(skipping, weekday=4, hour=22)
    promised = await promise(desk)
    await promised.becomes(CallbackState.PROMISED)
    await desk.callbacks.forbid(desk.tenant_id, NUMBER, "admin")
    await skipping.passes(timedelta(days=1))
    return promised.handle


DESK_SCENES: dict[str, Callable[[Desk, Skipping], Awaitable[Recorded]]] = {
    scene.__name__: scene
    for scene in (
        handoff_finished,
        handoff_given_back,
        handoff_requeued,
        handoff_passed_over,
        handoff_adrift,
        handoff_waited,
        handoff_nobody,
        handoff_hung_up,
        handoff_closed,
        handoff_nobody_without_callbacks,
        handoff_closed_without_callbacks,
        handoff_by_phone,
        handoff_phone_busy,
        handoff_transferred,
        callback_kept,
        callback_in_vain,
        callback_cancelled,
        callback_not_promised,
        callback_forbidden,
    )
}


async def record(database_url: str, names: Sequence[str]) -> None:
    for name in names or DESK_SCENES:
        async with (
            running_skipping_temporal() as server,
            open_house(server.client.service_client.config.target_host, database_url) as house,
        ):
            skipping = Skipping(house, server)
            desk = await a_shop_at_noon(skipping)
            handle = await DESK_SCENES[name](desk, skipping)
            await handle.result()
            await save(name, await handle.fetch_history(), EncryptionCodec(house.keys))


if __name__ == "__main__":
    with running_postgres() as postgres:
        run_apart(migrate(postgres.plan.owner_url, postgres.plan.app_password))
        asyncio.run(record(postgres.plan.app_url, sys.argv[1:]))
