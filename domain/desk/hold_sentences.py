"""What a caller hears around the wait for a person: on hold, when it ends, about being recorded, and who listens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.calendar.counted import about_minutes, place_in_line
from domain.calendar.words import spoken_day, spoken_time
from domain.desk.calling import EMIRATES
from domain.hours import next_opening, zone_of
from domain.line import PHONE, HeldReason, Phase, PhaseKind, ResumeReason
from domain.speech import Language
from domain.tenant import TenantProfile, Words

EN, AR = Language.EN, Language.AR
HOME = f"+{EMIRATES}"

# ---------------------------------------------------------------- on hold

WAIT: Words = {
    EN: "Please hold on, I am looking for a colleague for you.",
    AR: "لحظات من فضلك، أبحث لك عن أحد الزملاء.",
}
WAYS_OUT: Words = {
    EN: "You can also say: call me back. Or: never mind.",
    AR: "ويمكنك أن تقول: اتصلوا بي لاحقاً. أو: نكمل معك.",
}
WAY_OUT: Words = {EN: "You can also say: never mind.", AR: "ويمكنك أن تقول: نكمل معك."}
"""Of a tenant that promises no callbacks."""
CHOOSE: Words = {
    EN: "Nobody is free right now. Shall somebody call you back, or shall we go on together? "
    "Press 1 for a call, or 2 to go on with me.",
    AR: "لا يوجد أحد متاح الآن. هل نتصل بك لاحقاً، أم نكمل معاً؟ اضغط 1 لنتصل بك، أو 2 لنكمل معاً.",
}
CHOOSE_AGAIN: Words = {
    EN: "Sorry, which one would you like: shall somebody call you back, or shall we go on together?",
    AR: "عفواً، ماذا تفضل: أن نتصل بك لاحقاً، أم نكمل معاً؟",
}
STAY_OR_GO_ON: Words = {
    EN: "Nobody is free right now. You can stay on the line, or press 2 to go on with me.",
    AR: "لا يوجد أحد متاح الآن. يمكنك البقاء على الخط، أو اضغط 2 لنكمل معاً.",
}
STAY_OR_GO_ON_AGAIN: Words = {
    EN: "Sorry, which one would you like: to stay on the line, or shall we go on together?",
    AR: "عفواً، ماذا تفضل: البقاء على الخط، أم نكمل معاً؟",
}
NO_CALLBACKS: Words = {
    EN: "I'm sorry, we don't call back.",
    AR: "أعتذر، نحن لا نعاود الاتصال.",
}
STILL_HERE: Words = {EN: "Yes, you are still on the line.", AR: "نعم، أنت ما زلت على الخط."}
UNKNOWN_WAIT: Words = {
    EN: "I can't say how long it will take.",
    AR: "لا أستطيع أن أحدد كم سيستغرق الأمر.",
}
KEEP_WAITING: Words = {EN: "All right, please stay on the line.", AR: "تمام، ابقَ معي على الخط."}
CHOSEN: Words = {EN: "All right, one moment.", AR: "تمام، لحظة من فضلك."}
CONNECTING: Words = {EN: "I'm connecting you to {name} now.", AR: "سأوصلك الآن مع {name}."}
CONNECTING_NOW: Words = {EN: "I'm connecting you now.", AR: "سأوصلك الآن."}
RETURNS: Words = {
    EN: "My colleague is coming back to you. Please hold on.",
    AR: "زميلي سيعود إليك حالاً. ابقَ معي من فضلك.",
}
RINGS: Words = {
    EN: "It is still ringing. Please hold on.",
    AR: "ما زال الهاتف يرن. ابقَ معي من فضلك.",
}
"""While the tenant's phone extension is rung."""
PHONE_UNANSWERED: Words = {
    EN: "I'm sorry, I couldn't reach a colleague on the phone.",
    AR: "أعتذر، لم أستطع الوصول إلى أحد الزملاء على الهاتف.",
}
ADVISOR_LOST: Words = {
    EN: "The connection to my colleague was lost. I'm looking for somebody else; please hold on.",
    AR: "انقطع الاتصال مع زميلي. أبحث لك عن شخص آخر، ابقَ معي من فضلك.",
}
REQUEUED: Words = {
    EN: "My colleague is passing you on to somebody who can help better. Please hold on.",
    AR: "زميلي سيحولك إلى من يقدر يساعدك أكثر. ابقَ معي من فضلك.",
}
TAKEN_OVER: Words = {
    EN: "A supervisor is taking over this call. One moment, please.",
    AR: "سيتولى أحد المشرفين هذه المكالمة. لحظة من فضلك.",
}


def comfort(phase: Phase, language: Language, *, callbacks: bool = True) -> str:
    """What is said over the music, again and again: the place, the estimated wait, and the ways out.

    Without `callbacks` the tenant promises none, and none is offered.
    """
    if phase.kind is PhaseKind.BRIDGED:
        return RINGS[language] if phase.advisor_id == PHONE else RETURNS[language]
    if phase.choose:
        return CHOOSE[language] if callbacks else STAY_OR_GO_ON[language]
    if phase.position is None:
        return WAIT[language]
    return f"{place_and_wait(phase, language)} {WAYS_OUT[language] if callbacks else WAY_OUT[language]}"


def choose_again(language: Language, *, callbacks: bool = True) -> str:
    """To a caller who was given the choice and said something else."""
    return CHOOSE_AGAIN[language] if callbacks else STAY_OR_GO_ON_AGAIN[language]


def held_again(phase: Phase, language: Language) -> str | None:
    """Why the caller waits for somebody else; None for the first wait."""
    match phase.because:
        case HeldReason.ADVISOR_LOST:
            return ADVISOR_LOST[language]
        case HeldReason.REQUEUED:
            return REQUEUED[language]
        case HeldReason.TAKEN_OVER:
            return TAKEN_OVER[language]
        case HeldReason.PHONE_UNANSWERED:
            return PHONE_UNANSWERED[language]
        case None:
            return None


def how_long(phase: Phase, language: Language) -> str:
    """The reply to "how long will it take?"."""
    if phase.position is None:
        return f"{UNKNOWN_WAIT[language]} {WAIT[language]}"
    place = place_and_wait(phase, language)
    return place if phase.wait_s is not None else f"{place} {UNKNOWN_WAIT[language]}"


def place_and_wait(phase: Phase, language: Language) -> str:
    """ "You are second in line, about two minutes."; `phase.position` is known."""
    place = place_in_line(phase.position or 1, language)
    if phase.wait_s is None:
        return f"{place}."
    comma = "," if language is EN else "،"
    return f"{place}{comma} {about_minutes(phase.wait_s, language)}."


def connecting(name: str | None, language: Language) -> str:
    return CONNECTING_NOW[language] if not name else CONNECTING[language].format(name=name)


# ---------------------------------------------------------------- the number to call

NO_NUMBER_KNOWN: Words = {
    EN: "I have no number on which we could call you back.",
    AR: "ليس عندي رقم لنتصل بك عليه.",
}
CLOSED_BUT: Words = {
    EN: "We are closed right now, but somebody can call you {day} from {time}.",
    AR: "نحن مغلقون الآن، لكن يمكننا أن نتصل بك {day} ابتداءً من الساعة {time}.",
}
WHICH_NUMBER: Words = {
    EN: "Which number shall we call? Please say it digit by digit, or type it.",
    AR: "على أي رقم نتصل بك؟ قل الرقم خانة خانة، أو اكتبه.",
}
NUMBER_HEARD: Words = {
    EN: "I have the number {number}. Is that right?",
    AR: "الرقم الذي عندي هو {number}. هل هذا صحيح؟",
}
RIGHT_OR_WRONG: Words = {
    EN: "Is the number {number} right? Please say yes or no.",
    AR: "هل الرقم {number} صحيح؟ قل نعم أو لا.",
}
RIGHT_NUMBER: Words = {
    EN: "Sorry about that. What is the right number, please?",
    AR: "عفواً. ما هو الرقم الصحيح من فضلك؟",
}
PART_OF_NUMBER: Words = {
    EN: "Sorry, that isn't a whole number. Please give me all its digits, one after another.",
    AR: "عفواً، الرقم غير كامل. أعطني كل أرقامه من فضلك، واحداً بعد الآخر.",
}
NUMBER_NOTED: Words = {
    EN: "Thank you, I have noted it. One moment.",
    AR: "شكراً لك، سجلت الرقم. لحظة من فضلك.",
}
NUMBER_NOT_NOTED: Words = {
    EN: "I'm sorry, I couldn't note it just now. Please give me the number once more.",
    AR: "أعتذر، لم أستطع تسجيل الرقم الآن. أعطني الرقم مرة أخرى من فضلك.",
}
WITHOUT_NUMBER: Words = {
    EN: "All right. Without a number nobody can call you back, I'm sorry.",
    AR: "تمام. أعتذر، لا نستطيع أن نتصل بك بدون رقم.",
}


def which_number(phase: Phase, profile: TenantProfile, language: Language, now: datetime) -> str:
    """What is asked first; `phase.callback_at` says that nobody works now, and when somebody could call."""
    if phase.callback_at is None:
        return f"{NO_NUMBER_KNOWN[language]} {WHICH_NUMBER[language]}"
    return f"{_at(CLOSED_BUT, phase.callback_at, profile, language, now)} {WHICH_NUMBER[language]}"


def number_in(words: Words, number: str, language: Language) -> str:
    """A sentence with a number in it, as people in the country say it; the voice reads it in groups."""
    return words[language].format(number=f"0{number.removeprefix(HOME)}" if number.startswith(HOME) else number)


# ---------------------------------------------------------------- the wait is over

GIVEN_BACK: Words = {
    EN: "You are back with me. Is there anything else I can do for you?",
    AR: "أنا معك من جديد. هل هناك شيء آخر أقدر أساعدك فيه؟",
}
NEVER_MIND: Words = {
    EN: "All right, you are back with me. What can I do for you?",
    AR: "تمام، أنا معك من جديد. كيف أقدر أساعدك؟",
}
NO_ADVISOR: Words = {
    EN: "I'm sorry, nobody was free. You are back with me. What can I do for you?",
    AR: "أعتذر، لم يكن أحد متاحاً. أنا معك من جديد. كيف أقدر أساعدك؟",
}
REFUSED: Words = {
    EN: "I'm sorry, I can't reach a colleague right now. You are back with me. What can I do for you?",
    AR: "أعتذر، لا أستطيع الوصول إلى أحد الزملاء الآن. أنا معك من جديد. كيف أقدر أساعدك؟",
}
PROMISED: Words = {
    EN: "Somebody will call you back as soon as possible.",
    AR: "سيتصل بك أحد الزملاء في أقرب وقت.",
}
PROMISED_SOON: Words = {
    EN: "Somebody will call you back in a few minutes.",
    AR: "سيتصل بك أحد الزملاء خلال دقائق.",
}
PROMISED_AT: Words = {
    EN: "Somebody will call you back {day} from {time}.",
    AR: "سيتصل بك أحد الزملاء {day} ابتداءً من الساعة {time}.",
}
CLOSED: Words = {EN: "We are closed right now, I'm sorry.", AR: "أعتذر، نحن مغلقون الآن."}
OPENS_AGAIN: Words = {EN: "We open again {day} at {time}.", AR: "نفتح من جديد {day} الساعة {time}."}
CLOSED_UNTIL: Words = {
    EN: "We are closed right now. We'll call you back when we open {day} at {time}.",
    AR: "نحن مغلقون الآن. سنتصل بك عندما نفتح {day} الساعة {time}.",
}
NOT_CALLED: Words = {
    EN: "This number is on our list of numbers that we don't call, so please call us again.",
    AR: "هذا الرقم في قائمة الأرقام التي لا نتصل بها، فمن فضلك اتصل بنا مرة أخرى.",
}
ANYTHING_ELSE: Words = {EN: "Is there anything else?", AR: "هل هناك شيء آخر؟"}

_SOON = timedelta(minutes=15)


def resumed(phase: Phase, profile: TenantProfile, language: Language, now: datetime) -> str:
    """The agent's first sentence when it answers again; `now` is aware."""
    match phase.resumed:
        case ResumeReason.NEVER_MIND:
            return NEVER_MIND[language]
        case ResumeReason.NO_ADVISOR:
            return NO_ADVISOR[language]
        case ResumeReason.CALLBACK_PROMISED:
            return f"{callback_promised(phase.callback_at, profile, language, now)} {ANYTHING_ELSE[language]}"
        case ResumeReason.CLOSED:
            return f"{closed(phase.callback_at, profile, language, now)} {ANYTHING_ELSE[language]}"
        case ResumeReason.NOT_CALLED:
            return f"{NOT_CALLED[language]} {ANYTHING_ELSE[language]}"
        case ResumeReason.REFUSED:
            return REFUSED[language]
        case ResumeReason.GIVEN_BACK | None:
            return GIVEN_BACK[language]


def callback_promised(callback_at: float | None, profile: TenantProfile, language: Language, now: datetime) -> str:
    """The promise, by the day and the time of `callback_at` (Unix seconds)."""
    if callback_at is None:
        return PROMISED[language]
    if callback_at < (now + _SOON).timestamp():
        return PROMISED_SOON[language]
    return _at(PROMISED_AT, callback_at, profile, language, now)


def closed(callback_at: float | None, profile: TenantProfile, language: Language, now: datetime) -> str:
    """That nobody is at work, and the promise to call back at the opening (Unix seconds); without one, the opening."""
    if callback_at is None:
        opening = next_opening(profile, now)
        if opening is None:
            return CLOSED[language]
        return f"{CLOSED[language]} {_at(OPENS_AGAIN, opening.opens.timestamp(), profile, language, now)}"
    return _at(CLOSED_UNTIL, callback_at, profile, language, now)


def _at(words: Words, at_s: float, profile: TenantProfile, language: Language, now: datetime) -> str:
    zone = zone_of(profile)
    at, today = datetime.fromtimestamp(at_s, UTC).astimezone(zone), now.astimezone(zone).date()
    return words[language].format(day=spoken_day(at.date(), today, language), time=spoken_time(at, language))


# ---------------------------------------------------------------- being recorded

ASK_CONSENT: Words = {
    EN: "May we record this call, so that we can look into it later? Please say yes or no.",
    AR: "هل تسمح لنا بتسجيل هذه المكالمة لنرجع إليها لاحقاً؟ قل نعم أو لا.",
}
ASK_CONSENT_AGAIN: Words = {
    EN: "Sorry, I didn't catch that. May we record this call: yes or no?",
    AR: "عفواً، لم أسمعك جيداً. هل تسمح بتسجيل المكالمة: نعم أم لا؟",
}
RECORDING_ON: Words = {
    EN: "Thank you. The recording is on now. Say stop recording at any time.",
    AR: "شكراً لك. بدأ التسجيل الآن. ويمكنك أن تقول: أوقفوا التسجيل، في أي وقت.",
}
RECORDING_DECLINED: Words = {
    EN: "All right, this call is not recorded.",
    AR: "تمام، هذه المكالمة لا تُسجل.",
}
RECORDING_STOPPED: Words = {
    EN: "I have stopped the recording.",
    AR: "أوقفت التسجيل.",
}
STILL_RECORDED: Words = {
    EN: "This call is being recorded.",
    AR: "هذه المكالمة مسجلة.",
}
"""To somebody who joins, and to a caller whose line comes back."""

# ---------------------------------------------------------------- who else is there

SUPERVISOR_JOINED: Words = {
    EN: "A supervisor has joined the call.",
    AR: "انضم أحد المشرفين إلى المكالمة.",
}
SUPERVISOR_LEFT: Words = {
    EN: "The supervisor has left the call.",
    AR: "غادر المشرف المكالمة.",
}
