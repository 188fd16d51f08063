"""The contract of the Crm port, the same for every connector, over real sockets."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.actions import action_key
from domain.crm import HistoryKind, Interaction, Priority, Ticket, TicketChange, TicketDraft, TicketState, same_number
from domain.errors import NotFound, Rejected, Unavailable
from tests.connectors.memory import FileAttempts

SAID = "my fridge is leaking all over"
KEY, OTHER_KEY, THIRD_KEY = (action_key("call-1", "create_ticket", {"item": item}) for item in ("a", "b", "c"))


def draft(house, **fields):
    customer = {"customer_id": house.vendor.customers[0]}
    return TicketDraft(**{"subject": SAID, "description": f"{SAID}, since Monday", **customer, **fields})


def interaction(**fields):
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    return Interaction(**{"summary": SAID, "started_at": at, "duration_s": 75, "channel": "phone", **fields})


# ---------------------------------------------------------------- the account


async def test_the_account_says_its_name(house):
    assert "hatif" in (await house.crm().check()).lower()


async def test_credentials_that_are_refused_are_told(house):
    house.fake.credentials.clear()
    if house.vendor.token_path:
        house.fake.refresh_tokens.clear()
    with pytest.raises(Rejected):
        await house.crm().check()
    with pytest.raises(Rejected):
        await house.crm().customers_by_email("mona@example.com")


async def test_an_expired_token_is_renewed_once_and_kept(token_house):
    house = token_house
    house.fake.credentials.clear()
    crm = house.crm()
    found = await asyncio.gather(*(crm.customers_by_email("mona@example.com") for _ in range(3)))
    assert all(len(one) == 1 for one in found)
    renewals = [one for one in house.fake.requests if one.path == house.vendor.token_path]
    assert len(renewals) == 1
    assert house.secrets.held["account"].access != "first"
    await house.crm().customers_by_email("mona@example.com")
    assert [one for one in house.fake.requests if one.path == house.vendor.token_path] == renewals


async def test_processes_that_renew_at_the_same_moment_share_the_tokens(token_house):
    house = token_house
    house.fake.credentials.clear()
    asked = (house.crm().customers_by_email("mona@example.com") for _ in range(4))
    assert all(len(found) == 1 for found in await asyncio.gather(*asked))


async def test_a_token_about_to_end_is_renewed_before_it_is_used(token_house):
    house = token_house
    house.secrets.held["account"] = replace(house.secrets.held["account"], expires_at_s=house.clock() + 30)
    await house.crm().customers_by_email("mona@example.com")
    assert house.fake.requests[0].path == house.vendor.token_path


async def test_an_account_that_was_never_connected_is_told(token_house):
    token_house.secrets.held.clear()
    with pytest.raises(Rejected):
        await token_house.crm().check()
    assert token_house.fake.requests == []


async def test_a_token_is_never_shown(token_house):
    crm = token_house.crm()
    assert "first" not in f"{token_house.secrets.held['account']!r} {crm!r}"


# ---------------------------------------------------------------- people


@pytest.mark.parametrize("phone", ["+966501234567", "00966501234567", "+966 50 123 4567"])
async def test_everyone_with_the_number_is_found(house, phone):
    found = await house.crm().customers_by_phone(phone)
    assert {customer.name for customer in found} == {"Mona Saleh", "Omar Saleh"}


@pytest.mark.parametrize("phone", ["+966509999999", "", "anonymous", "'; DROP", '" OR 1=1', "+", "1"])
async def test_an_unknown_number_finds_nobody(house, phone):
    assert await house.crm().customers_by_phone(phone) == []


async def test_one_is_found_by_the_address(house):
    (found,) = await house.crm().customers_by_email("Mona@Example.com")
    assert (found.customer_id, found.email) == (house.vendor.customers[0], "mona@example.com")


@pytest.mark.parametrize("email", ["nobody@example.com", "", "x", 'a"b@example.com', "a' OR 'x'='x", "a@b@c"])
async def test_an_unknown_address_finds_nobody(house, email):
    assert await house.crm().customers_by_email(email) == []


async def test_the_customer_of_a_ticket_is_read_by_its_id(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house), KEY)
    assert made.customer_id is not None
    found = await crm.customer(made.customer_id)
    assert (found.name, found.email) == ("Mona Saleh", "mona@example.com")
    assert same_number(found.phone or "", "+966501234567")
    for unknown in ("", "../x", house.vendor.unknown_ticket):
        with pytest.raises(NotFound):
            await crm.customer(unknown)


# ---------------------------------------------------------------- tickets


async def test_a_ticket_is_what_was_drafted(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house, priority=Priority.HIGH), KEY)
    assert (made.subject, made.state, made.priority) == (SAID, TicketState.OPEN, Priority.HIGH)
    assert made.customer_id == house.vendor.customers[0]
    assert await crm.ticket(made.ticket_id) == made
    assert await crm.ticket(made.number) == made


async def test_a_ticket_without_a_customer_is_nobodys_to_prove(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house, customer_id=None, name="Sara", phone="+966500000001"), KEY)
    try:
        phone = (await crm.customer(made.customer_id)).phone if made.customer_id else None
    except NotFound:
        phone = None
    # Freshdesk makes a contact of the number that called; nowhere is it the company's own.
    assert phone == ("+966500000001" if house.vendor.name == "freshdesk" else None)


async def test_a_ticket_that_is_due_at_a_time_says_so_where_the_vendor_can(house):
    at = datetime.fromtimestamp(house.clock() + 86_400, UTC).replace(microsecond=0)
    made = await house.crm().create_ticket(draft(house, due_at=at, description=f"due {at}"), KEY)
    (write,) = [one for one in house.fake.requests if str(at).encode() in one.body]
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    assert (stamp in write.body) is (house.vendor.name in ("zendesk", "freshdesk"))
    assert made.state is TicketState.OPEN


async def test_a_ticket_of_somebody_unknown_says_who_called(house):
    stranger = draft(house, customer_id=None, name="Sara", phone="+966500000001", subject="  two\n lines  " + "x" * 300)
    made = await house.crm().create_ticket(stranger, KEY)
    assert made.subject.startswith("two lines xxx")
    assert any(b"+966500000001" in one.body for one in house.fake.requests)


async def test_the_same_key_makes_one_ticket_and_another_key_another(house):
    crm = house.crm()
    first = await crm.create_ticket(draft(house), KEY)
    again = await house.crm().create_ticket(draft(house), KEY)
    other = await crm.create_ticket(draft(house), OTHER_KEY)
    assert first.ticket_id == again.ticket_id != other.ticket_id
    assert house.fake.effects[KEY] == house.fake.effects[OTHER_KEY] == 1


async def test_the_vendor_keeps_a_key_even_when_our_memory_is_lost(house):
    first = await house.crm().create_ticket(draft(house), KEY)
    if not house.vendor.enforces_creation:
        house.clock.advance(house.fake.lag_s)
    again = await house.crm(attempts=FileAttempts()).create_ticket(draft(house), KEY)
    assert first.ticket_id == again.ticket_id
    house.clock.advance(3 * 3600)
    late = await house.crm(attempts=FileAttempts()).create_ticket(draft(house), KEY)
    assert (late.ticket_id, house.fake.effects[KEY]) == (first.ticket_id, 1)


async def test_two_processes_at_the_same_moment_make_one_ticket(house):
    asked = (house.crm().create_ticket(draft(house), KEY) for _ in range(4))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, Ticket | Unavailable) for answer in answers)
    house.clock.advance(max(later.retry_after_ms for later in answers if isinstance(later, Unavailable)) / 1000)
    settled = {(await house.crm().create_ticket(draft(house), KEY)).ticket_id for _ in range(4)}
    assert len(settled) == house.fake.effects[KEY] == 1


async def test_a_change_is_made_once(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house), KEY)
    change = TicketChange(comment=f"called again: {SAID}", state=TicketState.PENDING, priority=Priority.URGENT)
    changed = await crm.update_ticket(made.ticket_id, change, OTHER_KEY)
    again = await house.crm().update_ticket(made.ticket_id, change, OTHER_KEY)
    forgotten = await house.crm(attempts=FileAttempts()).update_ticket(made.ticket_id, change, OTHER_KEY)
    assert changed.state == again.state == forgotten.state == TicketState.PENDING
    assert changed.priority == again.priority
    assert house.fake.effects[OTHER_KEY] == 1


async def test_a_ticket_is_taken_back(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house), KEY)
    taken = await crm.withdraw_ticket(made.ticket_id, "opened by mistake", OTHER_KEY)
    assert taken.state in (TicketState.SOLVED, TicketState.CLOSED)
    assert house.fake.effects[OTHER_KEY] == 1


@pytest.mark.parametrize("ticket_id", ["", "../users/9001", "1/../../x", "٤", "1 or 1=1", "a'b", "9" * 40])
async def test_an_id_that_cannot_be_one_is_not_even_asked_for(house, ticket_id):
    crm = house.crm()
    before = len(house.fake.requests)
    for attempt in (
        crm.ticket(ticket_id),
        crm.update_ticket(ticket_id, TicketChange(comment="x"), KEY),
        crm.trigger_workflow(ticket_id, "callback", THIRD_KEY),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert len(house.fake.requests) == before


async def test_an_unknown_ticket_is_not_found(house):
    crm = house.crm()
    with pytest.raises(NotFound):
        await crm.ticket(house.vendor.unknown_ticket)
    with pytest.raises(NotFound):
        await crm.update_ticket(house.vendor.unknown_ticket, TicketChange(comment="x"), KEY)
    assert house.fake.effects[KEY] == 0


async def test_what_changed_since_is_read_page_by_page(house):
    crm = house.crm()
    for key in (KEY, OTHER_KEY, THIRD_KEY):
        await crm.create_ticket(draft(house, subject=key), key)
    house.clock.advance(120 + house.fake.lag_s)
    since = datetime.fromtimestamp(house.clock() - 600 - house.fake.lag_s, UTC)
    changed = await crm.tickets_changed(since)
    assert [one.subject for one in changed] == [KEY, OTHER_KEY, THIRD_KEY]
    assert [one.subject for one in await crm.tickets_changed(since, limit=2)] == [KEY, OTHER_KEY]
    house.clock.advance(3600)
    assert await crm.tickets_changed(datetime.fromtimestamp(house.clock() - 600, UTC)) == []


# ---------------------------------------------------------------- interactions, workflows, orders


async def test_a_call_is_logged_on_its_ticket_once(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house), KEY)
    logged = interaction(ticket_id=made.ticket_id, customer_id=house.vendor.customers[0])
    first = await crm.log_interaction(logged, OTHER_KEY)
    assert await house.crm().log_interaction(logged, OTHER_KEY) == first
    assert house.fake.effects[OTHER_KEY] == 1


async def test_a_call_without_a_ticket_is_logged_too(house):
    crm = house.crm()
    logged = interaction(customer_id=house.vendor.customers[0], phone="+966501234567")
    first = await crm.log_interaction(logged, KEY)
    assert await house.crm().log_interaction(logged, KEY) == first
    house.clock.advance(house.fake.lag_s)
    history = await crm.history(house.vendor.customers[0])
    assert [entry.reference for entry in history] == [first]
    assert house.fake.effects[KEY] == 1


async def test_the_history_is_newest_first_and_another_customers_own(house):
    crm = house.crm()
    await crm.create_ticket(draft(house, subject="old"), KEY)
    house.clock.advance(60)
    await crm.create_ticket(draft(house, subject="new"), OTHER_KEY)
    await crm.create_ticket(draft(house, subject="his", customer_id=house.vendor.customers[1]), THIRD_KEY)
    house.clock.advance(house.fake.lag_s)
    history = await crm.history(house.vendor.customers[0])
    assert [(entry.kind, entry.summary) for entry in history] == [
        (HistoryKind.TICKET, "new"),
        (HistoryKind.TICKET, "old"),
    ]
    assert [entry.summary for entry in await crm.history(house.vendor.customers[0], limit=1)] == ["new"]


async def test_a_workflow_is_started_once(house):
    crm = house.crm()
    made = await crm.create_ticket(draft(house), KEY)
    await crm.trigger_workflow(made.ticket_id, "callback", OTHER_KEY)
    await house.crm().trigger_workflow(made.ticket_id, "callback", OTHER_KEY)
    await house.crm(attempts=FileAttempts()).trigger_workflow(made.ticket_id, "callback", OTHER_KEY)
    assert house.fake.effects[f"{made.ticket_id}:hatif_callback"] == 1


@pytest.mark.parametrize("name", ["", "Callback", "a b", "x" * 41, "a'b", "../x"])
async def test_a_workflow_with_a_name_of_nonsense_is_refused(house, name):
    made = await house.crm().create_ticket(draft(house), KEY)
    with pytest.raises(Rejected):
        await house.crm().trigger_workflow(made.ticket_id, name, OTHER_KEY)


async def test_an_order_is_read_where_the_vendor_has_orders(house):
    if not house.vendor.has_orders:
        with pytest.raises(Rejected):
            await house.crm().order("4572")
        return
    order = await house.crm().order("4572")
    assert (order.number, order.customer_id, order.phone) == ("4572", house.vendor.customers[0], "+966501234567")
    assert order.state
    for unknown in ("9999", "", "4572' OR 'x'='x"):
        with pytest.raises(NotFound):
            await house.crm().order(unknown)


# ---------------------------------------------------------------- what goes wrong


async def test_a_rate_limit_says_when_to_ask_again(house):
    house.fake.limit = 0
    with pytest.raises(Unavailable) as refused:
        await house.crm().customers_by_email("mona@example.com")
    assert refused.value.retry_after_ms == house.fake.documented_wait_ms


async def test_a_write_refused_by_the_rate_limit_may_be_asked_again_at_once(house):
    house.fake.limit = 1
    with pytest.raises(Unavailable):
        await house.crm().create_ticket(draft(house), KEY)
    house.fake.limit = None
    await house.crm().create_ticket(draft(house), KEY)
    assert house.fake.effects[KEY] == 1


@pytest.mark.parametrize("bad", [{"customer_id": "424242424242"}, {"customer_id": "../x"}])
async def test_what_the_vendor_does_not_take_is_told_without_the_callers_words(house, bad):
    with pytest.raises((Rejected, NotFound)) as refused:
        await house.crm().create_ticket(draft(house, **bad), KEY)
    assert SAID not in str(refused.value)
    assert house.fake.effects[KEY] == 0


async def test_a_key_that_is_none_is_a_programmers_error(house):
    with pytest.raises(ValueError, match="action key"):
        await house.crm().create_ticket(draft(house), "call-1/create_ticket")
    assert house.fake.requests == []


async def test_nobody_there_is_unavailable(house):
    house.url = "https://127.0.0.1:9" if house.url.startswith("https") else "http://127.0.0.1:9"
    with pytest.raises(Unavailable):
        await house.crm().ticket("500000000000001")
    with pytest.raises(Unavailable):
        await house.crm().create_ticket(draft(house), KEY)
