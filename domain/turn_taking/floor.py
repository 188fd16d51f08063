"""Who has the floor: facts about sound go in, decisions about turns come out, and nothing here waits.

The machine is a table over four floors:

| floor | what is heard | goes to | decision |
|---|---|---|---|
| OPEN | speech for `onset_ms` | CALLER | TurnStarted |
| OPEN | silence for `prompt_ms` | OPEN | CallerSilent |
| CALLER | silence for `pause_ms` | CALLER | TurnPaused |
| CALLER | silence that is likely an end | CALLER | TurnLikelyOver |
| CALLER | speech for `onset_ms` after a pause | CALLER | TurnResumed |
| CALLER | silence that is an end, or `longest_turn_ms` of turn | OPEN | TurnEnded |
| CALLER | the agent starts | CONTESTED | - |
| OPEN | the agent starts | AGENT | - |
| AGENT | speech for `onset_ms` | CONTESTED | Contested |
| AGENT | the agent stops | OPEN | - |
| CONTESTED | speech for `yield_ms` | CONTESTED | Yielded |
| CONTESTED | speech for `barge_in_ms`; in the caller's own turn for `yield_ms` | CALLER | BargeIn |
| CONTESTED | silence for `overlap_pause_ms` | CONTESTED | TurnPaused |
| CONTESTED | it was short, and nobody knows what it was | CONTESTED | Reclaimed |
| CONTESTED | speech for `onset_ms` after that | CONTESTED | Yielded |
| CONTESTED | that sound was an interruption | CALLER | BargeIn |
| CONTESTED | it was something else | AGENT | Backchannel |
| CONTESTED | the agent stops | CALLER | TurnStarted |

A sound over the agent lowers its voice at once (Contested), silences it when it goes on (Yielded), and is then judged
from its words by `overlap.judge_overlap`: the agent goes on where it was (Backchannel), or stops for good (BargeIn).
Where a short sound's words are late, it goes on meanwhile, but lowered (Reclaimed), by `overlap.goes_on_unknown`.
What a silence of the caller's is, `end_of_turn.judge` decides, from what `sounded` and `understood` told about it.
Time is `at_ms`, the position in the caller's audio; a caller's time never runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.turn_taking.asked import Asked
from domain.turn_taking.end_of_turn import PATIENCE, Evidence, Habit, Patience, Verdict, judge
from domain.turn_taking.overlap import COMPOSURE, Composure, Contest, Overlap, Sound, goes_on_unknown, judge_overlap


class Floor(StrEnum):
    OPEN = "open"
    CALLER = "caller"
    AGENT = "agent"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTakingLimits:
    """The thresholds of the machine, each with the observation behind it."""

    speech_probability: float = 0.5
    """A sound counts as speech from here on: Silero's own operating point."""
    silence_probability: float = 0.35
    """Speech goes on until the probability falls below this: less flicker around one threshold."""
    onset_ms: int = 64
    """Two VAD chunks in a row: a click or a lip smack fills one at most."""
    pause_ms: int = 160
    """Pauses between words of fluent speech are nearly all shorter; recognition starts here."""
    overlap_pause_ms: int = 64
    """The same for a sound over the agent: recognition starts sooner, for the agent is silent until it has answered."""
    yield_ms: int = 250
    """For whoever speaks longer the agent falls silent; after an "okay" of 400 ms it goes on half a second later."""
    barge_in_ms: int = 1_000
    """No agreement and no cough lasts so long: it is an interruption, whatever its words are."""
    prompt_ms: int = 8_000
    """Silence after which the caller is asked whether they are still there."""
    longest_turn_ms: int = 60_000
    """A turn is ended here even in mid-speech: a television or an open line would never end it."""


@dataclass(frozen=True, slots=True)
class TurnStarted:
    at_ms: int
    """Where the speech began, earlier than the moment of the decision."""


@dataclass(frozen=True, slots=True)
class TurnPaused:
    """The turn may have ended: time to transcribe and to judge the sound, but not yet to answer."""

    started_ms: int
    at_ms: int
    """The last moment at which the caller was heard to speak."""


@dataclass(frozen=True, slots=True)
class TurnLikelyOver:
    """Sound and words say so, but it is not decided: only work that nobody hears of may begin."""

    started_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class TurnResumed:
    """The caller goes on: what was begun since the pause is worth nothing."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    started_ms: int
    ended_ms: int
    """The last moment at which the caller was heard to speak."""


@dataclass(frozen=True, slots=True)
class Contested:
    """A sound over the agent, an interruption or only an "uh-huh": the agent is lower until it is known."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Yielded:
    """The sound goes on: the agent is silent until it is known what it was."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """The sound was a short one and its words are not known yet: the agent goes on from the same word, but lowered."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class BargeIn:
    """The caller has taken the floor: the agent stops for good."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Backchannel:
    """The sound asked for nothing: the agent goes on from the same word."""

    started_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class CallerSilent:
    at_ms: int
    times: int
    """How often in a row, 1 for the first."""


Decision = (
    TurnStarted
    | TurnPaused
    | TurnLikelyOver
    | TurnResumed
    | TurnEnded
    | Contested
    | Yielded
    | Reclaimed
    | BargeIn
    | Backchannel
    | CallerSilent
)


@dataclass(slots=True)
class TurnTaking:
    """The machine for one call. Feed it in the order of `at_ms`; each call returns what was decided."""

    limits: TurnTakingLimits = field(default_factory=TurnTakingLimits)
    patience: Patience = PATIENCE
    composure: Composure = COMPOSURE
    floor: Floor = Floor.OPEN
    _speaking: bool = False
    _sound_since_ms: int | None = None
    """Start of the present run of speech, None in silence."""
    _turn_started_ms: int = 0
    _last_voice_ms: int = 0
    _paused: bool = False
    _told_likely: bool = False
    _overlap_since_ms: int = 0
    """Start of the present run of speech over the agent."""
    _yielded_ms: int | None = None
    """When the agent fell silent for the present sound; None while it is heard."""
    _reclaimed: bool = False
    """It is heard again all the same: whoever speaks again now is yielded to at once."""
    _own_turn: bool = False
    """The agent began in the caller's turn, rather than the caller in the agent's."""
    _sounds_ended: float | None = None
    _words: str | None = None
    """Of the present pause, by the audio model and the recogniser; None until they have answered."""
    _confidence: float = 1.0
    _asked: Asked = Asked.ANYTHING
    _habit: Habit = field(default_factory=Habit)
    _quiet_since_ms: int = 0
    """Since when nobody has spoken; only meaningful on an open floor."""
    _prompts: int = 0

    def sound(self, at_ms: int, probability: float) -> list[Decision]:
        """A stretch of caller audio that begins at `at_ms` is speech with this probability."""
        threshold = self.limits.silence_probability if self._speaking else self.limits.speech_probability
        self._speaking = probability >= threshold
        if self._speaking:
            if self._sound_since_ms is None:
                self._sound_since_ms = at_ms
            return self._voiced(at_ms, self._sound_since_ms)
        self._sound_since_ms = None
        return self._silent(at_ms)

    def sounded(self, ended_ms: int, probability: float) -> None:
        """The audio model's judgement of the pause after `ended_ms`; of a pause that is over it is ignored."""
        if self._paused and ended_ms == self._last_voice_ms:
            self._sounds_ended = probability

    def understood(self, ended_ms: int, words: str, confidence: float = 1.0) -> None:
        """The words of the turn up to the pause after `ended_ms`, empty where there were none; 0..1."""
        if self._paused and ended_ms == self._last_voice_ms:
            self._words, self._confidence = words, confidence

    def asked(self, asked: Asked) -> None:
        """What the agent's sentence asks for that begins to be heard now."""
        self._asked = asked

    def agent_started(self, at_ms: int) -> list[Decision]:
        """The first sound of the agent's turn leaves now."""
        match self.floor:
            case Floor.OPEN:
                self.floor = Floor.AGENT
            case Floor.CALLER:
                self.floor = Floor.CONTESTED
                self._own_turn, self._yielded_ms, self._reclaimed = True, None, False
                self._overlap_since_ms = self._turn_started_ms
            case Floor.AGENT | Floor.CONTESTED:
                pass
        self._quiet_since_ms = at_ms
        return []

    def agent_stopped(self, at_ms: int) -> list[Decision]:
        """The agent's turn has been played to its end, or was stopped."""
        self._quiet_since_ms = at_ms
        match self.floor:
            case Floor.AGENT:
                self.floor = Floor.OPEN
            case Floor.CONTESTED:
                self.floor = Floor.CALLER
                return [TurnStarted(self._turn_started_ms)]
            case Floor.OPEN | Floor.CALLER:
                pass
        return []

    def caller_acted(self, at_ms: int) -> list[Decision]:
        """The caller typed or pressed a key, which breaks a silence like speech does."""
        self._prompts = 0
        self._quiet_since_ms = at_ms
        return []

    def _voiced(self, at_ms: int, since_ms: int) -> list[Decision]:
        established = at_ms - since_ms >= self.limits.onset_ms
        match self.floor:
            case Floor.OPEN:
                if established:
                    self._begin(Floor.CALLER, since_ms, at_ms)
                    return [TurnStarted(since_ms)]
            case Floor.AGENT:
                if established:
                    self._begin(Floor.CONTESTED, since_ms, at_ms)
                    return [Contested(since_ms), *self._contest(at_ms)]
            case Floor.CALLER:
                return self._go_on(at_ms, since_ms, established)
            case Floor.CONTESTED:
                return self._overlap(at_ms, since_ms, established)
        return []

    def _silent(self, at_ms: int) -> list[Decision]:
        match self.floor:
            case Floor.OPEN:
                if at_ms - self._quiet_since_ms >= self.limits.prompt_ms:
                    self._quiet_since_ms = at_ms
                    self._prompts += 1
                    return [CallerSilent(at_ms, self._prompts)]
            case Floor.CALLER:
                return self._hold_back(at_ms)
            case Floor.CONTESTED:
                return self._judge_overlap(at_ms)
            case Floor.AGENT:
                pass
        return []

    def _go_on(self, at_ms: int, since_ms: int, established: bool) -> list[Decision]:
        """Speech in the caller's own turn; after a pause, a click or a lip smack goes on with nothing."""
        if self._paused and not established:
            return []
        silent_ms, self._last_voice_ms = since_ms - self._last_voice_ms, at_ms
        if at_ms - self._turn_started_ms >= self.limits.longest_turn_ms:
            return self._end_turn(at_ms)
        if self._paused:
            self._habit.paused(silent_ms)
            self._unpause()
            return [TurnResumed(since_ms)]
        return []

    def _hold_back(self, at_ms: int) -> list[Decision]:
        """A silence of the caller's, in their own turn."""
        silent_ms = at_ms - self._last_voice_ms
        if silent_ms >= self.limits.pause_ms and not self._paused:
            self._paused = True
            return [TurnPaused(self._turn_started_ms, self._last_voice_ms)]
        evidence = Evidence(
            silent_ms=silent_ms,
            sounds_ended=self._sounds_ended,
            words=self._words,
            asked=self._asked,
            pauses_ms=self._habit.pauses_ms,
        )
        match judge(evidence, self.patience):
            case Verdict.ENDED:
                return self._end_turn(at_ms)
            case Verdict.LIKELY if not self._told_likely:
                self._told_likely = True
                return [TurnLikelyOver(self._turn_started_ms, self._last_voice_ms)]
            case Verdict.LIKELY | Verdict.WAIT:
                return []

    def _unpause(self) -> None:
        self._paused = self._told_likely = False
        self._sounds_ended = self._words = None

    def _begin(self, floor: Floor, since_ms: int, at_ms: int) -> None:
        self.floor = floor
        self._turn_started_ms = since_ms
        self._last_voice_ms = at_ms
        self._overlap_since_ms = since_ms
        self._yielded_ms = None
        self._reclaimed = self._own_turn = False
        self._unpause()
        self._prompts = 0

    def _overlap(self, at_ms: int, since_ms: int, established: bool) -> list[Decision]:
        """Speech over the agent, after a pause only when it is more than a click."""
        if self._paused:
            if not established:
                return []
            self._overlap_since_ms = since_ms
            self._unpause()
        self._last_voice_ms = at_ms
        return self._contest(at_ms)

    def _contest(self, at_ms: int) -> list[Decision]:
        spoken_ms = at_ms - self._overlap_since_ms
        if spoken_ms >= (self.limits.yield_ms if self._own_turn else self.limits.barge_in_ms):
            self.floor = Floor.CALLER
            return [BargeIn(at_ms)]
        if self._yielded_ms is None and (self._reclaimed or spoken_ms >= self.limits.yield_ms):
            self._yielded_ms, self._reclaimed = at_ms, False
            return [Yielded(at_ms)]
        return []

    def _judge_overlap(self, at_ms: int) -> list[Decision]:
        """The sound over the agent has come to a silence: what was it?"""
        silent_ms = at_ms - self._last_voice_ms
        pause_ms = self.limits.pause_ms if self._own_turn else self.limits.overlap_pause_ms
        if silent_ms >= pause_ms and not self._paused:
            self._paused = True
            return [TurnPaused(self._turn_started_ms, self._last_voice_ms)]
        if self._words is not None:
            sound_ms = self._last_voice_ms - self._turn_started_ms
            sound = Sound(words=self._words, confidence=self._confidence, lasted_ms=sound_ms)
            interrupts = judge_overlap(sound, self._asked, self.composure) is Overlap.INTERRUPTION
        elif silent_ms >= self.patience.open_ms and not self._reclaimed:
            interrupts = self._yielded_ms is not None  # nobody knows: what was long enough for a word was one
        else:
            return self._reclaim(at_ms, silent_ms)
        if interrupts:
            self.floor = Floor.CALLER  # still in the pause, with its words: the turn may be over already
            return [BargeIn(at_ms)]
        self.floor = Floor.AGENT
        self._unpause()
        return [Backchannel(self._turn_started_ms, self._last_voice_ms)]

    def _reclaim(self, at_ms: int, silent_ms: int) -> list[Decision]:
        """The agent may be silent for a murmur whose words are late."""
        if self._yielded_ms is None:
            return []
        sound_ms, held_ms = self._last_voice_ms - self._turn_started_ms, at_ms - self._yielded_ms
        if not goes_on_unknown(Contest(sound_ms=sound_ms, silent_ms=silent_ms, held_ms=held_ms), self.composure):
            return []
        self._yielded_ms, self._reclaimed = None, True
        return [Reclaimed(at_ms)]

    def _end_turn(self, at_ms: int) -> list[Decision]:
        self.floor = Floor.OPEN
        self._quiet_since_ms = at_ms
        self._unpause()
        self._sound_since_ms = None  # sound that goes on is the beginning of something else
        return [TurnEnded(self._turn_started_ms, self._last_voice_ms)]
