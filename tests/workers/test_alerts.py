"""The example rules for Prometheus are rules, and ask for numbers that the product tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY, CollectorRegistry

from domain.pace.profiles import KNOBS, Profile
from gateway.metrics import Metrics
from tests.test_architecture import ROOT
from workers.call_meter import PrometheusMeter
from workers.phone import certificates
from workers.phone.trunk_board import TrunkBoard
from workers.tuning.stepping import LivePace

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
SERIES = re.compile(r"\bhatif_\w+?(?=_total\b|_bucket\b|_count\b|_sum\b|\b)")


def told(folder: Path) -> set[str]:
    """The names of all numbers, without the endings that their kinds add."""
    registry = CollectorRegistry()
    PrometheusMeter(registry)
    TrunkBoard(folder, [], registry)
    LivePace(Profile.BALANCED, KNOBS[Profile.BALANCED], registry, lambda profile: None)
    assert certificates.ENDS is not None
    return {family.name for known in (registry, Metrics().registry, REGISTRY) for family in known.collect()}


def test_the_example_rules_ask_for_numbers_that_there_are(tmp_path: Path) -> None:
    written: dict[str, Any] = yaml.safe_load(RULES.read_text())
    rules: list[dict[str, Any]] = [rule for group in written["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 3
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)
    asked = {name for rule in rules for name in SERIES.findall(rule["expr"])}
    assert len(asked) > 3
    assert asked - told(tmp_path) == set()
