"""Who may bring phone legs, and how many: decided before anything is read from them or made for them."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address

from domain.errors import Refused

Network = IPv4Network | IPv6Network
MINUTE_S = 60.0
REMEMBERED_SOURCES = 1_024
"""Far more exchanges than anybody names; the one heard of longest ago is forgotten beyond it."""


@dataclass(slots=True, kw_only=True)
class Door:
    sources: Sequence[Network]
    most_legs: int
    """That one source may have here at a time."""
    most_a_minute: int
    """New legs of one source."""
    most_of_tenant: int
    """That one tenant may have here at a time, wherever they come from."""
    _here: Counter[str] = field(default_factory=Counter[str])
    _of_tenant: Counter[str] = field(default_factory=Counter[str])
    _came: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict[str, deque[float]])

    def enter(self, source: str, tenant_id: str, now_s: float) -> None:
        """Count a leg in. Raises Refused("unknown_source" | "too_many_legs" | "tenant_full")."""
        address = ip_address(source)
        if not any(address in network for network in self.sources):
            raise Refused("unknown_source", "No phone calls are taken from this address; see HATIF_PHONE_SOURCES.")
        came = self._came.setdefault(source, deque())
        self._came.move_to_end(source)
        if len(self._came) > REMEMBERED_SOURCES:
            self._came.popitem(last=False)
        while came and now_s - came[0] >= MINUTE_S:
            came.popleft()
        if self._here[source] >= self.most_legs or len(came) >= self.most_a_minute:
            raise Refused("too_many_legs", "This address has too many phone calls here, or brings them too fast.")
        if self._of_tenant[tenant_id] >= self.most_of_tenant:
            raise Refused("tenant_full", "The tenant has too many phone calls here.")
        came.append(now_s)
        self._here[source] += 1
        self._of_tenant[tenant_id] += 1

    def leave(self, source: str, tenant_id: str) -> None:
        """A leg that was counted in is gone."""
        for counted, key in ((self._here, source), (self._of_tenant, tenant_id)):
            counted[key] -= 1
            if counted[key] <= 0:
                del counted[key]
