"""How a call's updates are refused: the types of the ApplicationErrors that callers of them count on."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

LINE_LOST = "LineLost"
"""A media worker's answer: the call is not here, or lives here under a higher lease."""
LINE_BUSY = "LineBusy"
"""No media worker has a free slot; of a person who would join, the call has no room for another."""
BAD_OFFER = "bad_offer"
CALL_ENDED = "call_ended"
OVERTAKEN = "overtaken"
ALREADY_CONNECTED = "already_connected"
LINE_AWAY = "line_away"
"""Nobody holds the caller's line at the moment; asking again may help."""
NOT_IN_CALL = "not_in_call"
BAD_GUIDANCE = "bad_guidance"


def refusal(code: str, message: str) -> ApplicationError:
    return ApplicationError(message, type=code, non_retryable=True)
