"""What becomes of a promised callback when its time has come, and after a try: pure, by the rules of calling."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from domain.desk.callbacks import CallbackReason, CallbackResult, CallbackRow, CallbackState, Contact, NewCallback
from domain.desk.calling import NeverCalled, Try, Wish, next_try
from domain.speech import Language
from domain.tenant import TenantProfile

SOON_S = 60.0
"""A try this near is "as soon as somebody can"."""
_LINE = "+00000000"
"""Stands for the number of a caller who needs none, because their call still lives."""


def first_promise(
    callback_id: str,
    call_id: str,
    reason: CallbackReason,
    language: Language,
    profile: TenantProfile,
    contact: Contact,
    *,
    now: float,
    due_at: float | None,
) -> NewCallback | None:
    """None where there is nobody to call: on the list of those not to be called, or lost without a number.

    Others are promised a time without a number too: there may be one by then.
    """
    if contact.number is None and reason is CallbackReason.LOST:
        return None
    wish = None if due_at is None else Wish(begins=_moment(due_at))
    when = next_try(
        profile, now=_moment(now), number=contact.number or _LINE, forbidden=contact.is_forbidden, wish=wish
    )
    if isinstance(when, NeverCalled):
        return None
    return NewCallback(
        callback_id=callback_id,
        call_id=call_id,
        reason=reason,
        language=language,
        next_try_at=when.at.timestamp(),
        window_ends_at=when.window_ends.timestamp(),
    )


def come_due(row: CallbackRow, profile: TenantProfile, contact: Contact, *, now: float) -> CallbackRow:
    """Due now, or later where nobody may be called at this time, or never."""
    when = next_try(
        profile,
        now=_moment(now),
        number=_LINE if contact.call_lives else contact.number,
        forbidden=contact.is_forbidden,
    )
    if isinstance(when, NeverCalled):
        return _given_up(row, when, now)
    if when.at.timestamp() > now:
        return _promised(row, when)
    return replace(row, state=CallbackState.DUE, window_ends_at=when.window_ends.timestamp(), claimed_by=None)


def put_off(row: CallbackRow, profile: TenantProfile, contact: Contact, *, now: float) -> CallbackRow:
    """After a try at which nobody was reached, or nobody called: the next one, or the end."""
    tried = replace(row, tries=row.tries + 1)
    when = next_try(
        profile,
        now=_moment(now),
        number=contact.number or _LINE,
        forbidden=contact.is_forbidden,
        tries=tried.tries,
        last_try_at=_moment(now),
    )
    return _given_up(tried, when, now) if isinstance(when, NeverCalled) else _promised(tried, when)


def moved(row: CallbackRow, profile: TenantProfile, *, at: float) -> CallbackRow:
    """To the first time from `at` on when calling is allowed; unchanged where there is none."""
    when = next_try(profile, now=_moment(at), number=_LINE)
    return row if isinstance(when, NeverCalled) else _promised(row, when)


def settled(row: CallbackRow, state: CallbackState, result: CallbackResult, now: float) -> CallbackRow:
    return replace(row, state=state, result=result, ended_at=now)


def _promised(row: CallbackRow, when: Try) -> CallbackRow:
    return replace(
        row,
        state=CallbackState.PROMISED,
        next_try_at=when.at.timestamp(),
        window_ends_at=when.window_ends.timestamp(),
        claimed_by=None,
    )


def _given_up(row: CallbackRow, why: NeverCalled, now: float) -> CallbackRow:
    match why:
        case NeverCalled.DO_NOT_CALL:
            result = CallbackResult.DO_NOT_CALL
        case NeverCalled.NO_NUMBER:
            result = CallbackResult.NO_CONTACT
        case NeverCalled.NO_WINDOW:
            result = CallbackResult.NOBODY_CLAIMED
        case NeverCalled.TRIES_USED:
            nobody = row.state is CallbackState.DUE
            result = CallbackResult.NOBODY_CLAIMED if nobody else CallbackResult.NOT_REACHED
    return settled(row, CallbackState.FAILED, result, now)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
