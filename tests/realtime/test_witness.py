"""Audit lines of a call: written beside it, and again while the store is away."""

from realtime import witness
from realtime.witness import Witness
from tests.realtime.plain import KeptAudit


async def test_a_line_is_written_again_until_it_is_stored(monkeypatch) -> None:
    monkeypatch.setattr(witness, "RETRY_S", (0.0, 0.0))
    audit = KeptAudit(away=3)
    noting = Witness(audit)
    noting.note("t", "c1", "handoff_requested", {"reason": "emergency"})
    await noting.close(10)
    assert audit.lines == [("agent", "handoff_requested", "c1", {"reason": "emergency"})]


async def test_what_was_refused_before_a_call_is_the_systems_word() -> None:
    audit = KeptAudit()
    noting = Witness(audit)
    noting.refused("t", "phone:192.0.2.1", "phone_call_refused", {"reason": "tenant_full"})
    await noting.close(10)
    assert audit.lines == [("system", "phone_call_refused", "phone:192.0.2.1", {"reason": "tenant_full"})]


async def test_a_store_that_stays_away_ends_the_tries(monkeypatch) -> None:
    monkeypatch.setattr(witness, "RETRY_S", (0.0, 0.0))
    audit = KeptAudit(away=10_000)
    noting = Witness(audit)
    noting.note("t", "c1", "handoff_requested", {})
    await noting.close(10)
    assert audit.lines == []
    assert audit.away == 10_000 - witness.TRIES
