"""Which profile fits a machine, by what was measured on it, and why."""

from __future__ import annotations

from dataclasses import dataclass

from domain.pace.profiles import KNOBS, Profile

HIDDEN_MS = 430
"""The silence after which a turn is usually seen to have ended: a recognition that fits in it makes nobody wait."""
LEAST_PREFILL_PER_S = 150.0
"""What a turn adds to the kept prefix is 60-100 tokens: more than half a second below this."""
LEAST_TOKENS_PER_S = 12.0
"""A decision is 6-10 tokens; the 0.5B model makes 17 a second on one of two cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpeed:
    prefill_per_s: float
    """Tokens of a prompt that are read in a second."""
    tokens_per_s: float
    """Tokens that are written in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of one machine. None: not measured, because it took too long or its model is not here."""

    recognition_ms: int | None = None
    """Of a sentence of about three seconds, by the beam of the balanced profile."""
    wide_recognition_ms: int | None = None
    """Of the same by the beam of the accurate one."""
    judgement_ms: int | None = None
    """Whether one pause ends the turn, by its sound."""
    retrieval_ms: int | None = None
    """One question embedded, and as many passages judged as a turn may have judged."""
    voice_s_per_s: float | None = None
    """Seconds of speech that are made in a second."""
    model: ModelSpeed | None = None
    larger_model: ModelSpeed | None = None
    """The accurate profile's, where its file is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that a profile asks of the machine."""

    profile: Profile
    about: str
    figure: str
    wanted: str
    met: bool


def checks(measured: Measured) -> tuple[Check, ...]:
    """What each profile asks, the accurate one's first. What was not measured is not met."""
    speed = measured.larger_model
    return (
        _at_most(Profile.ACCURATE, "recognition, beam 5", measured.wide_recognition_ms, HIDDEN_MS),
        _at_least("larger model, reading", speed and speed.prefill_per_s, LEAST_PREFILL_PER_S),
        _at_least("larger model, writing", speed and speed.tokens_per_s, LEAST_TOKENS_PER_S),
        _at_most(
            Profile.BALANCED,
            "documents found and judged",
            measured.retrieval_ms,
            KNOBS[Profile.BALANCED].knowledge_ms,
        ),
    )


def _at_most(profile: Profile, about: str, ms: int | None, most_ms: int) -> Check:
    return Check(
        profile=profile,
        about=about,
        figure="not measured" if ms is None else f"{ms} ms",
        wanted=f"at most {most_ms} ms",
        met=ms is not None and ms <= most_ms,
    )


def _at_least(about: str, rate: float | None, least: float) -> Check:
    """Of the accurate profile's model, in tokens a second."""
    return Check(
        profile=Profile.ACCURATE,
        about=about,
        figure="not measured" if rate is None else f"{rate:.0f} tokens/s",
        wanted=f"at least {least:.0f} tokens/s",
        met=rate is not None and rate >= least,
    )


def chosen(measured: Measured) -> Profile:
    """The most accurate profile whose own checks, and those of the ones below it, are met; else the fast one."""
    asked = checks(measured)
    best = Profile.FAST
    for profile in (Profile.BALANCED, Profile.ACCURATE):
        if not all(check.met for check in asked if check.profile is profile):
            break
        best = profile
    return best
