"""Counts ended calls for Prometheus; tenants and codes only."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from domain.call import Outcome
from domain.post_call import CallFigures

DURATION_BUCKETS_S = (5, 15, 30, 60, 120, 300, 600, 1800, 3600)
REPLY_BUCKETS_S = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Around the bar of 2 s from the caller's last word to the first sound."""


class PrometheusMeter:
    """Implements activities.analysis.CallMeter."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "hatif_calls", "Calls that ended", ["tenant", "outcome", "disposition"], registry=registry
        )
        self._turns = Counter("hatif_call_turns", "Turns of ended calls", ["tenant"], registry=registry)
        self._interruptions = Counter(
            "hatif_call_interruptions", "Turns that were interrupted", ["tenant"], registry=registry
        )
        self._seconds = Histogram(
            "hatif_call_seconds", "How long calls lasted", ["tenant"], buckets=DURATION_BUCKETS_S, registry=registry
        )
        self._reply_seconds = Histogram(
            "hatif_call_reply_seconds",
            "A call's median time from the caller's last sound to the agent's first",
            ["tenant"],
            buckets=REPLY_BUCKETS_S,
            registry=registry,
        )

    def ended(self, tenant_id: str, outcome: Outcome, disposition: str, call: CallFigures) -> None:
        self._calls.labels(tenant_id, outcome, disposition).inc()
        self._turns.labels(tenant_id).inc(call.turns)
        self._interruptions.labels(tenant_id).inc(call.interruptions)
        self._seconds.labels(tenant_id).observe(call.duration_ms / 1000)
        if call.reply_ms is not None:
            self._reply_seconds.labels(tenant_id).observe(call.reply_ms / 1000)
