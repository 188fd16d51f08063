"""When a caller who waits for a model hears a comfort phrase first.

Nothing here steps down with a stage that falls behind: the later a model is, the more a phrase is worth, and one that
is in time is never preceded by any.
"""

from __future__ import annotations

PHRASE_MS = 1_100
"""How long "One moment, please." is heard (its Arabic 1.6 s): what becomes ready meanwhile waits for its end."""


def opener_due_ms(patience_ms: int, *, writes: bool) -> int:
    """After the model was asked, while nothing of its answer can be said yet.

    `patience_ms` is for a model that is silent. One that `writes` already is probably ready before a phrase would be
    over, and gets that much longer.
    """
    return patience_ms + PHRASE_MS if writes else patience_ms
