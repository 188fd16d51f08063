from __future__ import annotations

import asyncio
import time

import pytest

from domain.accounts import Role, User, UserChange
from domain.desk.people import DEFAULT_QUEUE, Advisor, Queue
from domain.errors import NotFound, Refused, Rejected
from domain.speech import Language
from storage.accounts import SIGNED_OUT, USER_CHANGED, PostgresAccounts
from storage.feed import LISTENING, PostgresFeed
from storage.session import Database
from storage.team import PostgresTeam

pytestmark = pytest.mark.servers

BILLING = Queue(
    queue_id="billing",
    names={Language.EN: "Billing", Language.AR: "الفواتير"},
    languages=frozenset({Language.AR}),
    skills=frozenset({"billing"}),
    position=1,
)


@pytest.fixture
def team(db: Database) -> PostgresTeam:
    return PostgresTeam(db)


def a_user(tenant_id: str, user_id: str, role: Role = Role.ADVISOR, **more: object) -> User:
    email = f"{user_id}@example.com"
    return User(user_id=user_id, tenant_id=tenant_id, email=email, name=user_id, role=role, **more)  # type: ignore[arg-type]


async def test_a_tenant_without_queues_has_one(team: PostgresTeam, tenant: str):
    assert await team.queues(tenant) == [DEFAULT_QUEUE]
    await team.save_queue(tenant, BILLING)
    assert await team.queues(tenant) == [BILLING]
    assert await team.delete_queue(tenant, "billing")
    assert not await team.delete_queue(tenant, "billing")
    assert await team.queues(tenant) == [DEFAULT_QUEUE]


async def test_queues_stand_in_their_order_and_in_their_tenant(team: PostgresTeam, tenant: str, other_tenant: str):
    first = Queue(queue_id="vip", names=BILLING.names)
    await team.save_queue(tenant, BILLING)
    await team.save_queue(tenant, first)
    assert [queue.queue_id for queue in await team.queues(tenant)] == ["vip", "billing"]
    assert await team.queues(other_tenant) == [DEFAULT_QUEUE]
    with pytest.raises(Rejected):
        await team.save_queue(tenant, Queue(queue_id="never", names={}, offer_s=0))


async def test_advisors_are_those_who_may_take_calls(team: PostgresTeam, accounts: PostgresAccounts, tenant: str):
    await accounts.create_user(a_user(tenant, "anna", languages=(Language.AR,), skills=("vip",)), "hash")
    await accounts.create_user(a_user(tenant, "boss", Role.ADMIN), "hash")
    await accounts.create_user(a_user(tenant, "gone", disabled=True), "hash")
    await accounts.create_user(a_user(tenant, "view", Role.VIEWER), "hash")
    assert [advisor.user_id for advisor in await team.advisors(tenant)] == ["anna", "boss"]
    anna = Advisor(user_id="anna", name="anna", languages=frozenset({Language.AR}), skills=frozenset({"vip"}))
    assert await team.advisor(tenant, "anna") == anna
    assert [await team.advisor(tenant, each) for each in ("gone", "view", "nobody")] == [None, None, None]


async def test_what_an_advisor_can_is_replaced(team: PostgresTeam, accounts: PostgresAccounts, tenant: str):
    await accounts.create_user(a_user(tenant, "anna"), "hash")
    can = {"languages": frozenset({Language.EN}), "skills": frozenset({"a"}), "queue_ids": frozenset({"billing"})}
    await team.save_advisor(tenant, "anna", **can)
    assert await team.advisor(tenant, "anna") == Advisor(user_id="anna", name="anna", **can)
    with pytest.raises(Rejected):
        await team.save_advisor(tenant, "nobody", **can)
    await team.save_queue(tenant, BILLING)
    await team.delete_queue(tenant, "billing")
    assert (await accounts.user(tenant, "anna")).queues == ()


async def test_of_many_administrators_who_leave_at_once_one_stays(accounts: PostgresAccounts, tenant: str):
    names = [f"admin{number}" for number in range(5)]
    for name in names:
        await accounts.create_user(a_user(tenant, name, Role.ADMIN), "hash")
    changes = [UserChange(disabled=True), UserChange(role=Role.VIEWER)]
    left = await asyncio.gather(
        *(accounts.change_user(tenant, name, changes[n % 2]) for n, name in enumerate(names)), return_exceptions=True
    )
    assert [answer.code for answer in left if isinstance(answer, Refused)] == ["last_admin"]
    users = await accounts.users(tenant)
    assert sum(user.role is Role.ADMIN and not user.disabled for user in users) == 1


async def test_changes_at_once_to_different_fields_both_stay(accounts: PostgresAccounts, tenant: str):
    await accounts.create_user(a_user(tenant, "anna"), "hash")
    changes = [UserChange(name="Anna"), UserChange(skills=("vip",)), UserChange(languages=(Language.AR,))]
    await asyncio.gather(*(accounts.change_user(tenant, "anna", change) for change in changes))
    user = await accounts.user(tenant, "anna")
    assert (user.name, user.skills, user.languages) == ("Anna", ("vip",), (Language.AR,))
    with pytest.raises(NotFound):
        await accounts.change_user(tenant, "nobody", changes[0])


async def test_sockets_are_told_of_changes_and_of_the_end(db: Database, accounts: PostgresAccounts, tenant: str):
    feed = PostgresFeed(db)
    events = feed.subscribe(tenant)
    async with asyncio.timeout(20):
        assert await anext(events) == ("", LISTENING)
        await accounts.create_user(a_user(tenant, "anna"), "hash")
        await accounts.change_user(tenant, "anna", UserChange(name="Anna"))
        assert await anext(events) == ("anna", USER_CHANGED)
        await accounts.change_user(tenant, "anna", UserChange(disabled=True))
        assert await anext(events) == ("anna", SIGNED_OUT)
        await accounts.set_password(tenant, "anna", "own")
        assert await anext(events) == ("anna", SIGNED_OUT)
    await feed.close()


async def test_a_one_time_password_is_marked_until_it_is_replaced(accounts: PostgresAccounts, tenant: str):
    until = time.time() + 60
    await accounts.create_user(a_user(tenant, "anna", password_until=until), "hash")
    assert (await accounts.user(tenant, "anna")).password_until == until
    await accounts.set_password(tenant, "anna", "own")
    assert (await accounts.user(tenant, "anna")).password_until is None
