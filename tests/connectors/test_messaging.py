"""The contract of the Messaging port, the same for both services, over real sockets."""

import asyncio
import contextlib

import pytest

from domain.actions import action_key
from domain.errors import NotFound, OutcomeUnknown, Rejected, Unavailable
from domain.messaging import (
    BAD_NUMBER,
    OPTED_OUT,
    OUTSIDE_WINDOW,
    TEMPLATE_MISFIT,
    TEMPLATE_UNKNOWN,
    Channel,
    DeliveryState,
    FilledTemplate,
    MessageRefused,
    Text,
)
from tests.connectors.fakes.server import Fault
from tests.connectors.memory import FileAttempts

SAID = "Your fridge is repaired on Monday"
TO = "+966501234567"
KEY, OTHER_KEY = (action_key("call-1", "send_sms", {"n": n}) for n in (1, 2))
IMPATIENT_MS = 300


def text(post, **fields):
    return Text(**{"channel": min(post.service.channels), "to": TO, "body": SAID, **fields})


async def settled(post, key=KEY, most=6):
    """As a durable caller does: ask again when told to, each time from a new process."""
    for _ in range(most):
        try:
            return await post.messaging(timeout_ms=IMPATIENT_MS).send(text(post), key)
        except Unavailable as later:
            post.clock.advance((later.retry_after_ms or 1_000) / 1000)
    raise AssertionError("it never settled")


async def test_a_text_is_sent_as_it_is_on_every_channel(post):
    for number, channel in enumerate(sorted(post.service.channels)):
        key = action_key("call-1", "send", {"n": number})
        receipt = await post.messaging().send(text(post, channel=channel, body="مرحبا & 100 %"), key)
        assert receipt.state == DeliveryState.ACCEPTED
        assert post.fake.texts[receipt.message_id] == (channel, TO, "مرحبا & 100 %")


async def test_the_same_key_sends_one_text(post):
    first = await post.messaging().send(text(post), KEY)
    again = await post.messaging().send(text(post), KEY)
    other = await post.messaging().send(text(post), OTHER_KEY)
    assert first.message_id == again.message_id != other.message_id
    assert len(post.fake.texts) == 2


async def test_two_processes_at_the_same_moment_send_one_text(post):
    async def asked():
        try:
            return (await post.messaging().send(text(post), KEY)).message_id
        except (Unavailable, OutcomeUnknown):
            return None

    await asyncio.gather(*(asked() for _ in range(4)))
    assert len(post.fake.texts) == 1
    assert (await post.messaging().send(text(post), KEY)).message_id in post.fake.texts


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "0501234567"},
        {"to": "+0501234567"},
        {"to": ""},
        {"to": "+966501234567,+966501234568"},
        {"to": "whatsapp:+966501234567"},
        {"to": "+" + "9" * 16},
        {"body": ""},
        {"body": "  \n"},
        {"body": "x" * 5000},
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anybody_is_asked(post, fields):
    with pytest.raises(Rejected) as refused:
        await post.messaging().send(text(post, **fields), KEY)
    assert post.fake.requests == []
    assert TO not in str(refused.value)


async def test_a_channel_that_the_service_lacks_is_refused(post):
    for channel in set(Channel) - post.service.channels:
        with pytest.raises(Rejected):
            await post.messaging().send(text(post, channel=channel), KEY)


async def test_a_number_that_the_service_refuses_is_told_without_the_words(post):
    with pytest.raises(Rejected) as refused:
        await post.messaging().send(text(post, to=post.fake.unreachable), KEY)
    assert SAID not in str(refused.value)
    assert post.fake.unreachable not in str(refused.value)
    with pytest.raises(Rejected):
        await post.messaging().send(text(post, to=post.fake.unreachable), KEY)


async def test_a_refusal_that_somebody_can_act_on_has_its_code(post):
    """Twilio: the number isn't valid, and its owner wrote STOP. Meta: they have been silent for a day."""
    with pytest.raises(MessageRefused) as refused:
        await post.messaging().send(text(post, to=post.fake.unreachable), KEY)
    assert refused.value.code == (BAD_NUMBER if post.service.can_look else OUTSIDE_WINDOW)
    if post.service.can_look:
        post.fake.opted_out.add(TO)
        with pytest.raises(MessageRefused) as refused:
            await post.messaging().send(text(post), OTHER_KEY)
        assert refused.value.code == OPTED_OUT


async def test_an_approved_template_reaches_whom_words_do_not_reach(post):
    template = FilledTemplate(name="ready", language="ar", values=("منى", "4572"))
    asked = text(
        post, to=post.fake.unreachable, channel=Channel.WHATSAPP, body="مرحبا منى، 4572 جاهز", template=template
    )
    if post.service.can_look:
        with pytest.raises(MessageRefused) as refused:
            await post.messaging().send(asked, KEY)
        assert (refused.value.code, post.fake.requests) == (TEMPLATE_UNKNOWN, [])
        return
    with pytest.raises(MessageRefused) as refused:
        await post.messaging().send(asked, KEY)
    assert refused.value.code == TEMPLATE_UNKNOWN
    post.fake.templates["ready", "ar"] = "مرحبا {{1}}، {{2}} جاهز"
    short = text(post, channel=Channel.WHATSAPP, template=FilledTemplate(name="ready", language="ar", values=("x",)))
    with pytest.raises(MessageRefused) as refused:
        await post.messaging().send(short, KEY)
    assert refused.value.code == TEMPLATE_MISFIT
    sent = await post.messaging().send(asked, KEY)
    assert (await post.messaging().send(asked, KEY)).message_id == sent.message_id
    assert list(post.fake.texts.values()) == [(Channel.WHATSAPP, post.fake.unreachable, asked.body)]
    post.fake.paused.add("ready")
    with pytest.raises(MessageRefused) as refused:
        await post.messaging().send(asked, OTHER_KEY)
    assert refused.value.code == TEMPLATE_UNKNOWN


async def test_a_rate_limit_says_when_and_then_the_text_is_sent_once(post):
    post.fake.limit = 0
    with pytest.raises(Unavailable) as refused:
        await post.messaging().send(text(post), KEY)
    assert refused.value.retry_after_ms == post.fake.documented_wait_ms
    post.fake.limit = None
    await post.messaging().send(text(post), KEY)
    assert len(post.fake.texts) == 1


async def test_refused_credentials_are_told(post):
    post.fake.credentials.clear()
    with pytest.raises(Rejected):
        await post.messaging().send(text(post), KEY)


@pytest.mark.parametrize(
    "fault", [Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.HANG_AFTER, Fault.GARBAGE, Fault.EMPTY, Fault.LATE]
)
async def test_a_text_whose_answer_is_lost_is_never_sent_twice(post, fault):
    post.fake.fail(fault, at=1)
    if post.service.can_look:
        receipt = await settled(post)
        assert receipt.message_id in post.fake.texts
    else:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await settled(post)
            post.clock.advance(3600)
    post.fake.catch_up(all_of_it=True)
    assert len(post.fake.texts) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.ERROR_BEFORE])
async def test_a_text_that_was_not_sent_is_sent_later_or_is_unknown(post, fault):
    post.fake.fail(fault, at=1)
    if post.service.can_look:
        await settled(post)
        assert len(post.fake.texts) == 1
    else:
        with pytest.raises(OutcomeUnknown):
            await settled(post)
        assert len(post.fake.texts) == 0


async def test_what_twice_left_no_trace_is_for_a_person(post):
    post.fake.fail(Fault.DROP_BEFORE, at=1)
    if post.service.can_look:
        post.fake.fail(Fault.DROP_BEFORE, at=4)
    with pytest.raises(OutcomeUnknown):
        await settled(post)
    with pytest.raises(OutcomeUnknown):
        await settled(post)
    assert len(post.fake.texts) == 0


async def test_a_report_settles_what_was_unknown(post):
    """The webhook hands over the key; whoever takes it in puts the message on record."""
    post.fake.fail(Fault.DROP_AFTER, at=1)
    with contextlib.suppress(OutcomeUnknown):
        await post.messaging().send(text(post), KEY)
    (message_id,) = post.fake.texts
    await post.attempts.finish(post.service.name, KEY, message_id, post.clock())
    assert (await post.messaging().send(text(post), KEY)).message_id == message_id
    assert len(post.fake.texts) == 1


async def test_a_memory_that_is_away_sends_nothing(post):
    class Away(FileAttempts):
        async def begin(self, *args, **options):
            raise Unavailable("postgres", "away")

    with pytest.raises(Unavailable):
        await post.messaging(attempts=Away()).send(text(post), KEY)
    assert len(post.fake.texts) == 0


async def test_how_a_delivery_went(post):
    receipt = await post.messaging().send(text(post), KEY)
    if not post.service.can_look:
        assert await post.messaging().delivery(receipt.message_id) is None
        return
    assert await post.messaging().delivery(receipt.message_id) == DeliveryState.ACCEPTED
    post.fake.deliver(receipt.message_id, "delivered")
    assert await post.messaging().delivery(receipt.message_id) == DeliveryState.DELIVERED
    for nonsense in ("", "../Calls", "SM" + "0" * 32, "SM1"):
        with pytest.raises(NotFound):
            await post.messaging().delivery(nonsense)
