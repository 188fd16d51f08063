"""The accounts at one telephony service: the installation's own, and those of tenants who have one themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.errors import Refused
from realtime.streams.tickets import Ticket
from realtime.streams.vendor import Arrival, Form, Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """At least one of them is there. Whoever knows one tenant's token can make no request for another."""

    ours: Vendor | None = None
    """For all tenants that have none."""
    tenants: Mapping[str, Vendor] = field(default_factory=dict[str, Vendor])

    @property
    def _all(self) -> list[Vendor]:
        return [*self.tenants.values(), *([self.ours] if self.ours is not None else [])]

    def of(self, tenant_id: str) -> Vendor | None:
        return self.tenants.get(tenant_id, self.ours)

    def arrival(self, form: Mapping[str, str]) -> Arrival:
        """See Vendor.arrival: the same by all of them."""
        return self._all[0].arrival(form)

    def signer(self, tenant_id: str | None, url: str, form: Form, headers: Mapping[str, str]) -> Vendor | None:
        """Who made a request for this tenant; for nobody's number, any of them. None: somebody else."""
        able = self._all if tenant_id is None else [self.of(tenant_id)]
        return next((vendor for vendor in able if vendor is not None and vendor.signed(url, form, headers)), None)

    def opened(self, sealed: str) -> tuple[Vendor, Ticket]:
        """A ticket that was sealed for the account of its tenant. Raises Refused("bad_ticket")."""
        for vendor in self._all:
            try:
                ticket = Ticket.opened(sealed, vendor.token)
            except Refused:
                continue
            if self.of(ticket.tenant_id) is vendor:
                return vendor, ticket
        raise Refused("bad_ticket", "This ticket was not made here, or is too old.")
