"""What is begun when a turn is likely over: the first sentence of the answer that will probably be given."""

from __future__ import annotations

import structlog

from domain.ports import Brain
from domain.speech import Utterance
from realtime.mouth import Mouth

log = structlog.get_logger()


def prepare(brain: Brain, mouth: Mouth, utterance: Utterance, call_id: str) -> None:
    """Have the mouth make what the brain expects to say; a guess that breaks costs nothing but the head start."""
    try:
        say = brain.expect(utterance)
    except Exception as error:
        log.error("expectation_failed", call_id=call_id, error=type(error).__name__)
        return
    if say is not None:
        mouth.prepare(say)


def forget(brain: Brain, mouth: Mouth) -> None:
    """The caller goes on: what was begun is for nobody."""
    brain.forget()
    mouth.forget()
