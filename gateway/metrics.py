"""What the gateway counts and times: requests by route, and the two hops in front of an answer."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

HOP_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
"""Around the measured connect: 0.15 s at the median, near a second when a worker opens its first call."""


class Metrics:
    """One registry per app, so that two apps in a process never share a number."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hatif_gateway_requests", "HTTP requests", ("method", "route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "hatif_gateway_request_seconds", "Time to the end of an answer", ("route",), registry=self.registry
        )
        self.hop_seconds = Histogram(
            "hatif_gateway_hop_seconds",
            "Time of one hop of POST /v1/calls: gateway is our own share, durable the wait for the line",
            ("hop",),
            buckets=HOP_BUCKETS_S,
            registry=self.registry,
        )

        self.sockets = Gauge("hatif_gateway_sockets", "Open sockets of people's pages", registry=self.registry)

    def render(self) -> bytes:
        return generate_latest(self.registry)
