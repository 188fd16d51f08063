"""How long the durable side waits for anything, and how often it tries again, each with its reason."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy

from domain.desk.handoffs import PHONE_RINGS_S
from domain.texting.book import SEND_SMS

# ---------------------------------------------------------------- the workflows' own worker

WORKFLOW_TASK = timedelta(seconds=4)
"""A step of a live workflow takes milliseconds, after a replay tenths of a second. What a killed worker had in its
hands is given to another after this (the server's own 10 s are longer than a caller waits)."""
WORKFLOW_STICKS = timedelta(seconds=2)
"""How long a step waits for the worker that has its workflow in memory; a successor replays it."""

# ---------------------------------------------------------------- opening a line

LINE_HEDGE = timedelta(seconds=0.6)
"""A media worker that has not opened the line by now is overtaken by the next lease: an answer takes 0.1-0.2 s, and a
frozen worker swallows the task without a word (measured: 4.5 s without hedging, 0.04-1.0 s with it)."""
LINE_OPEN_LAST = timedelta(seconds=5)
"""The last attempt may take as long as a caller listens to nothing before hanging up."""
LINE_PATIENCE = (LINE_HEDGE, LINE_HEDGE, LINE_OPEN_LAST)
"""Three leases for one offer: a frozen worker can swallow one task only, by the one poll that it has open."""
LINE_SCHEDULE_TO_START = timedelta(seconds=1)
"""No media worker polls for this long: they are all full, and the caller is told "busy". The server's floor is ~1 s."""
NOBODY_CONNECTED = timedelta(seconds=30)
"""`connect` arrives with the start of the workflow, so only a client that died in between gets here."""

# ---------------------------------------------------------------- holding a line

LINE_LONGEST = timedelta(hours=12)
"""No call is longer; Temporal asks for a bound."""
LINE_HEARTBEAT = timedelta(seconds=2)
"""A dead media worker is known after 1.4-2 s. With the adoption below the loss is certain within 5 s of its death.
Being wrong is cheap: a line whose worker only stumbled is adopted in 30-60 ms without a gap in speech."""
LINE_BEAT = timedelta(seconds=0.5)
"""How often `serve_line` heartbeats, and the worker's `max_heartbeat_throttle_interval`: three beats may be missed."""
LINE_ADOPTION = timedelta(seconds=1.5)
"""A living media worker polls its own queue and adopts in 30-60 ms, on a busy machine in half a second. After this the
call is adrift; the question stays, because after an outage of Temporal a worker polls again within 12 s."""
CALLER_RETURNS = timedelta(seconds=45)
"""How long a caller whose line is gone may stay away: a page asks back in within a second, a telephone's router and a
media worker that is started again take half a minute. Then the call is lost, and a callback is promised."""

# A retry of `serve_line` is a new lease, and leases are given out by the workflow alone.
LINE_ONCE = RetryPolicy(maximum_attempts=1)

HANG_UP = timedelta(seconds=2)
"""To tell the media worker to hang up; a worker that cannot be told in this time is gone, and its line with it."""
LINE_GOODBYE = timedelta(seconds=3)
"""From the command to hang up until `serve_line` returns: it waits for the last turns to be handed over."""

# ---------------------------------------------------------------- commands to a line

PHASE_ATTEMPT = timedelta(seconds=2)
"""A phase is taken over at once; a worker that has said nothing by now froze with the command in its hands."""
PHASE_IS_TOLD = timedelta(seconds=15)
"""A worker that cannot be told for this long has lost its lease meanwhile, and the next one is told with the line."""
PHASE_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=0.2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=2),
    maximum_attempts=6,
    non_retryable_error_types=["LineLost"],
)
PARTY_WAITS = timedelta(seconds=10)
"""A person who joins waits for the caller's line to be open again: after the death of a media worker the caller's page
and the person's ask at the same moment, and the caller's line takes 0.1 s to 1 s."""
COMMAND_WAITS = timedelta(seconds=4)
"""Parting, another mode and guidance: a person has clicked, and sees an error rather than nothing for longer."""
JOIN_ATTEMPT = timedelta(seconds=5)
"""An answer takes 0.1 s, the first of a process 0.9 s."""
COMMAND_ATTEMPT = timedelta(seconds=2)

# ---------------------------------------------------------------- after a line

RECORD_ATTEMPT = timedelta(seconds=5)
"""A transaction takes milliseconds; one that takes longer has lost its connection."""
RECORD_FOR_SURE = RetryPolicy(
    initial_interval=timedelta(seconds=0.2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=["NotFound", "Rejected"],
)
"""How a call ended is written however long the database is away; a call that was erased is not written any more."""
STATE_IS_STALE = timedelta(seconds=30)
"""A state that could not be written by now is not worth writing: the next one is near."""
HANDLERS_GRACE = timedelta(seconds=5)
"""Updates still in flight when the call ends get their answer; whoever waits for a line is refused at once."""
HANDOFF_HEARS = timedelta(seconds=5)
"""A handoff is told of the call's end by a signal of its own, which takes milliseconds while Temporal is there."""

TURNS_ARRIVE = timedelta(minutes=10)
"""Turns spooled to disk while the database was away reach it soon after it is back; later ones miss the summary."""
TURNS_LOOK = RetryPolicy(
    initial_interval=timedelta(seconds=0.5), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
)
SUMMARY_ATTEMPT = timedelta(seconds=90)
"""200 tokens at the 9-26 tokens/s of the embedded models, after a cold prompt and behind the living calls."""
SUMMARY_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=5), maximum_attempts=2, non_retryable_error_types=["NotFound", "Rejected"]
)
"""Twice; then the rule-made summary serves better than a queue of waiting ones."""

MESSAGE_ATTEMPT = timedelta(minutes=5)
"""Two minutes of speech in pieces of 12 s, each behind the words of living callers."""
MESSAGE_HEARD = timedelta(hours=24)
"""By the next working day somebody has called back, with the message's words or without."""
MESSAGE_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=30),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
    non_retryable_error_types=["NotFound", "Rejected"],
)
"""A recogniser that was away when the message was left needs a while; 30 s is how long it counts as down."""

# ---------------------------------------------------------------- handing a call off

WRITTEN_SOON = timedelta(seconds=3)
"""A write takes milliseconds; with a database that is away for longer, the people on the line go first."""
OPENED_SOON = timedelta(seconds=1)
"""A first search takes 0.1 s, and the caller then hears their place at once; who waits longer is held before it."""
BRIEF_ATTEMPT = timedelta(seconds=25)
"""What is known at once is written in milliseconds; the CRM and the model have 4 s and 12 s more, beside the search."""
BRIEF_HEARTBEAT = timedelta(seconds=8)
"""A durable process that died over a brief is noticed by then: it may have been about to write the first words."""
BRIEF_LOOK = RetryPolicy(
    initial_interval=timedelta(seconds=0.2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=["NotFound", "Rejected"],
)
SEEK = timedelta(seconds=10)
"""A search that takes longer has lost its database; the next one finds what this one may have claimed."""
SEEK_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=0.5),
    maximum_interval=timedelta(seconds=2),
    non_retryable_error_types=["NotFound", "Rejected"],
)
SEEK_AGAIN = timedelta(seconds=30)
"""A free advisor is told of at once; this is for a word that was lost, and for the place that the caller hears."""
NUMBER_GIVEN = timedelta(minutes=3)
"""For a caller to say, hear again and confirm their number while nobody works: it takes half a minute."""
ADVISOR_JOINS = timedelta(seconds=10)
"""From accepting until their audio flows: it takes half a second, and as long as a browser asks for a microphone."""
PHONE_RINGS = timedelta(seconds=PHONE_RINGS_S)
"""The media worker tells what became of it before that; without a word it is an old one, or died with the line."""
ADVISOR_RETURNS = timedelta(seconds=15)
"""A page notices a dead line within a second and asks back in; a reload takes five."""

# ---------------------------------------------------------------- calling out

DIALLER_FREE = timedelta(seconds=5)
"""Nobody has a trunk, or is free to dial, for so long: then nothing is dialled, rather than later by surprise."""
DIAL_LONGEST = timedelta(seconds=60)
"""It rings for 40 s at most, whoever answers is listened to for 10 s at most, and is in their call a second later."""
DIAL_HEARTBEAT = timedelta(seconds=5)
"""A worker that died while it dialled is known by then; the number is not dialled again."""

DIALLED_OUT = timedelta(seconds=150)
"""A whole try, its steps before and after included; it is asked for again then, as the same one."""

CAMPAIGN_LOOK = timedelta(seconds=20)
"""A look at a list of thousands takes tenths of a second."""

# ---------------------------------------------------------------- calling back

CALLBACK_CLAIM = timedelta(minutes=30)
"""An advisor who has claimed a callback and says nothing for so long has forgotten it."""
CALLBACK_LOOK = timedelta(minutes=2)
"""Between two looks whether an advisor is ready, or a line free, for a callback that is dialled by itself: its window
is hours long."""
POLICY_FOR_SURE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=["NotFound", "Rejected"],
)
"""A promise waits for hours and days: it waits for the database too."""

# ---------------------------------------------------------------- actions in other systems

ACTION_ATTEMPT = timedelta(seconds=45)
"""One look, one write and another look at a vendor that takes its longest 10 s each, and the records between them."""
ACTION_GIVEN_UP = timedelta(hours=24)
"""A vendor that is away for a day is a matter for a person; until then the action is tried for whoever asked for it."""
TEXT_GIVEN_UP = timedelta(minutes=20)
"""A text that comes later surprises somebody who has hung up long ago; a person can write to them instead."""
ACTION_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=60),
    non_retryable_error_types=["NotFound", "Rejected", "OutcomeUnknown"],
)
"""A vendor that says when to be asked again is asked then."""


def given_up(action: str) -> timedelta:
    """After which an action is a matter for a person."""
    return TEXT_GIVEN_UP if action == SEND_SMS else ACTION_GIVEN_UP


ACTION_APPROVAL = timedelta(minutes=30)
"""Longer, and the caller has gone and thinks that it was done."""
ACTION_ANSWER = timedelta(seconds=8)
"""How long the agent's update waits for the outcome: callers are told "it is under way" after a filler and this."""

# ---------------------------------------------------------------- threads of messages

THREAD_GATHERS = timedelta(seconds=1.5)
"""People write one thought in several messages; who has been quiet for this long has finished it."""
THREAD_GATHERED = timedelta(seconds=8)
"""Somebody who writes on and on is answered in between."""
THREAD_ANSWER = timedelta(seconds=90)
"""An answer takes seconds, and queues behind two others for the model."""
THREAD_IDLE = timedelta(hours=2)
"""Whoever comes back later begins another thread, which remembers this one; until then it is the same subject."""
THREAD_WAITS = timedelta(hours=24)
"""With a person, or in the queue for one: as long as WhatsApp lets that person answer."""

# ---------------------------------------------------------------- documents

READ_ATTEMPT = timedelta(minutes=15)
"""The reader's own limit is ten minutes (workers/knowledge/reading.py); then the text is cut and stored."""
INGEST_BEAT = timedelta(seconds=5)
INGEST_HEARTBEAT = timedelta(seconds=30)
"""A durable process that died in the middle of a step is noticed by then, and the step begins again elsewhere."""
INDEX_ATTEMPT = timedelta(minutes=5)
"""A batch takes two seconds on one idle core, and runs behind everything else."""
INGEST_STEP = timedelta(hours=6)
"""One step with all its tries: the knowledge process or the database may be away for a night's maintenance."""
INGEST_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=0.5),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=["NotFound", "Rejected"],
)
"""NotFound and Rejected say that the document was replaced or removed meanwhile."""
