"""How this machine's trunks stand, for whoever operates it: as numbers for Prometheus, and for `hatif doctor`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from prometheus_client import REGISTRY, CollectorRegistry, Gauge
from pydantic import TypeAdapter, ValidationError

from realtime.sip.standing import Standing, TrunkState
from realtime.sip.trunks import Trunk

BOARD = "trunks.json"
_STATES = TypeAdapter(dict[str, TrunkState])


class TrunkBoard:
    """Of the media worker that has the SIP port."""

    def __init__(self, data_dir: Path, trunks: Sequence[Trunk], registry: CollectorRegistry = REGISTRY) -> None:
        self._file = data_dir / BOARD
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._registered = Gauge(
            "hatif_sip_trunk_registered",
            "1 where the trunk is registered, 0 where it is not; told by the worker that has the SIP port",
            ["tenant", "trunk"],
            registry=registry,
        )
        self._since = Gauge(
            "hatif_sip_trunk_since_seconds",
            "Since when, in Unix time, a trunk is in its state",
            ["tenant", "trunk", "state"],
            registry=registry,
        )

    def tell(self, states: Mapping[str, TrunkState]) -> None:
        """Nothing, once this worker registers no more."""
        self._registered.clear()
        self._since.clear()
        for name, state in states.items():
            tenant_id = self._trunks[name].tenant_id
            if state.standing is not Standing.BY_ADDRESS:
                self._registered.labels(tenant_id, name).set(state.standing is Standing.REGISTERED)
            self._since.labels(tenant_id, name, state.standing).set(state.since_s)
        draft = self._file.with_suffix(f".{os.getpid()}")
        document = {"pid": os.getpid(), "states": _STATES.dump_python(dict(states), mode="json")}
        # A full disk must not stop calls; doctor then shows an older state.
        with suppress(OSError):
            draft.write_text(json.dumps(document))
            draft.replace(self._file)


def read(data_dir: Path) -> Mapping[str, TrunkState]:
    """By the trunks' names; nothing where no living worker of this machine registers any."""
    try:
        document = json.loads((data_dir / BOARD).read_text())
        return _STATES.validate_python(document["states"]) if psutil.pid_exists(document["pid"]) else {}
    except (OSError, ValueError, TypeError, KeyError, ValidationError):
        return {}
