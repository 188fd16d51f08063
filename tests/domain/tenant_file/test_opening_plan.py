"""The part of a tenant's file that says when it is open, read and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import SetupError
from domain.tenant import TenantProfile
from domain.tenant_file.opening_plan import PROFILE_FIELDS, opening_plan, with_opening
from domain.tenant_file.profile import parse_tenant

TENANTS = Path(__file__).resolve().parents[3] / "deploy" / "tenants"


@pytest.fixture(params=sorted(path.name for path in TENANTS.glob("*.toml")))
def profile(request: pytest.FixtureRequest) -> TenantProfile:
    return parse_tenant((TENANTS / request.param).read_text(encoding="utf-8"), request.param, lambda slug: slug)


def test_what_is_written_is_read_again(profile: TenantProfile):
    bare = replace(profile, time_zone="UTC", hours=(), weekend=(), holidays=(), ramadan_hours=(), announced_months=())
    again = with_opening(bare, opening_plan(profile), "hours")
    assert {name: set_of(getattr(again, name)) for name in PROFILE_FIELDS} == {
        name: set_of(getattr(profile, name)) for name in PROFILE_FIELDS
    }
    assert opening_plan(again) == opening_plan(profile)


def set_of(value: object) -> object:
    """Rows of a week may stand in another order."""
    return sorted(value, key=repr) if isinstance(value, tuple) else value


def test_only_the_plan_is_changed(profile: TenantProfile):
    changed = with_opening(profile, {"time_zone": "Asia/Muscat"}, "hours")
    assert replace(profile, **{name: getattr(changed, name) for name in PROFILE_FIELDS}) == changed
    assert (changed.time_zone, changed.hours, changed.holidays) == ("Asia/Muscat", (), ())


@pytest.mark.parametrize("plan", [{}, {"time_zone": "UTC", "slug": "x"}, {"time_zone": "UTC", "hours": "always"}])
def test_nonsense_is_refused(profile: TenantProfile, plan: dict[str, object]):
    with pytest.raises(SetupError, match=r"^hours: "):
        with_opening(profile, plan, "hours")
