"""Texts by the caller's own words: when one is asked for, what it says, to which number, and what is said of it.

A text says what the agent knows: one of the company's facts, or what the caller was told last. It goes to the number
that calls or writes, and where there is none to one that the caller says, hears read back and agrees to. So nobody
learns by it what they were not told, and no document or model chooses whom it goes to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from domain.acting.action import ActionState, ActResult
from domain.answering import triggers
from domain.answering.dialogue import ANYTHING_ELSE, PERSON, RECORD_STATUS, TEXTING, Dialogue
from domain.answering.replies import Reply, yes_or_no
from domain.answering.spelling import fold, script_of
from domain.answering.wordlist import WordList
from domain.desk import hold_sentences
from domain.desk.contact import Given, NumberTaken, number_in
from domain.messaging import OPTED_OUT
from domain.moves import Act, Move, Say
from domain.speech import Language, TurnKind
from domain.tenant import TenantProfile, Words
from domain.texting.book import DO_NOT_CONTACT, SEND_SMS, TOO_MANY_TEXTS

ASK_WHAT = f"{TEXTING}what"
ASK_NUMBER = f"{TEXTING}number:"
READ_BACK = f"{TEXTING}read:"
KNOWN_TEXT = f"{TEXTING}known:"
"""Before the topic: intents of the questions for the number, whether it was heard right, and whether once more."""
SENT = f"{TEXTING}sent"
TOLD = "told"
"""The topic of what the caller was told last, beside the company's facts."""
LONGEST = 500
"""Characters: eight parts of an Arabic SMS. What is longer is a document and no text."""
SUBJECT_LENGTH = 16
"""Hexadecimal digits of a digest: two texts of one call don't meet by chance."""

EN, AR = Language.EN, Language.AR
HEADED: Words = {EN: "{name}: {text}", AR: "{name}: {text}"}
WHAT: Words = {
    EN: "Of course. What shall I text you?",
    AR: "أكيد. ماذا أرسل لك في الرسالة؟",
}
ONLY_KNOWN: Words = {
    EN: "I can text you what I know myself, such as the address or what I told you last. What shall it be?",
    AR: "أقدر أن أرسل لك ما أعرفه، مثل العنوان أو ما أخبرتك به قبل قليل. ماذا أرسل؟",
}
WHICH_NUMBER: Words = {
    EN: "Gladly. To which mobile number shall I send it?",
    AR: "بكل سرور. إلى أي رقم جوال أرسلها؟",
}
DROPPED: Words = {
    EN: "All right, I won't send anything. Is there anything else?",
    AR: "تمام، لن أرسل شيئاً. هل هناك شيء آخر؟",
}
SENDING: Words = {EN: "One moment, I am sending it.", AR: "لحظة من فضلك، أرسلها الآن."}
MADE: Words = {
    EN: "I have sent it to you as a text message. Is there anything else?",
    AR: "أرسلتها لك في رسالة نصية. هل هناك شيء آخر؟",
}
KNOWN: Words = {
    EN: "I have texted you that already. Shall I send it once more?",
    AR: "أرسلت لك هذا في رسالة من قبل. هل أرسلها مرة أخرى؟",
}
AS_IT_IS: Words = {
    EN: "All right, once is enough. Is there anything else?",
    AR: "تمام، مرة واحدة تكفي. هل هناك شيء آخر؟",
}
UNDER_WAY: Words = {
    EN: "The text message is on its way. If it doesn't arrive, please tell us.",
    AR: "الرسالة في الطريق. إن لم تصل فأخبرنا من فضلك.",
}
WAITS_FOR_APPROVAL: Words = {
    EN: "That would be a lot of messages, so a colleague has to approve it. I have passed it on.",
    AR: "هذه رسائل كثيرة، ويجب أن يوافق أحد الزملاء. لقد أحلت الطلب إليه.",
}
UNWANTED: Words = {
    EN: "This number has asked us for no messages, so I may not text it. Writing START to us allows it again.",
    AR: "هذا الرقم طلب ألا نرسل له رسائل، فلا يمكنني الإرسال إليه. يمكنك السماح بذلك من جديد بأن ترسل لنا كلمة ابدأ.",
}
MUST_NOT: Words = {
    EN: "We have noted that this number is not to be contacted, so I may not text it.",
    AR: "لدينا ملاحظة بعدم التواصل مع هذا الرقم، فلا يمكنني الإرسال إليه.",
}
ENOUGH: Words = {
    EN: "That number has had several messages today already, and I may not send any more.",
    AR: "وصلت إلى هذا الرقم عدة رسائل اليوم، ولا يمكنني إرسال المزيد.",
}
NOT_POSSIBLE: Words = {
    EN: "I'm sorry, I can't send text messages right now. Shall I connect you to a colleague?",
    AR: "أعتذر، لا أستطيع إرسال الرسائل الآن. هل أوصلك بأحد الزملاء؟",
}
NOT_CERTAIN: Words = {
    EN: "I'm not certain that the message went out, and I won't send it twice. A colleague will check.",
    AR: "لست متأكداً من أن الرسالة أُرسلت، ولن أرسلها مرتين. سيتحقق أحد الزملاء من ذلك.",
}

_ASKED = WordList(
    """text me, text it to me, text that to me, text it, text this to me, text them to me, sms me, send me a text,
    send me an sms, send me sms, send me a message, send me the message, send a text, send an sms, send a message,
    send me a text message, send a text message, by sms, via sms, as an sms, by text, by text message, via text,
    as a text, as a text message, in a text, in a text message, in an sms, in a message, by message, as a message,
    to my phone, to my mobile, message me, message it to me, message that to me, send it to my number,
    ابعث لي رساله, ابعثي لي رساله, ابعثوا لي رساله, ابعثلي رساله, ابعثيلي رساله, ابعت لي رساله, ابعتلي رساله,
    ابعتيلي رساله, ابعتولي رساله, ارسل لي رساله, ارسلي لي رساله, ارسلوا لي رساله, ارسلي رساله, ارسللي رساله,
    ارسل رساله, ابعث رساله, ابعت رساله, ترسل لي رساله, ترسلي لي رساله, ترسلون لي رساله, تبعث لي رساله, تبعت لي رساله,
    تبعتلي رساله, تبعتيلي رساله, اريد رساله, ابغي رساله, ابي رساله, بدي رساله, عايز رساله, طرش لي رساله,
    طرشي لي رساله, طرش لي مسج, طرشي لي مسج, طرشلي مسج, دز لي مسج, دزلي مسج, دزي لي مسج, ارسل لي مسج, ابعت لي مسج,
    ابعتلي مسج, ابعث لي مسج, في رساله, برساله, رساله نصيه, برساله نصيه, في رساله نصيه, رساله قصيره, اس ام اس,
    بالاس ام اس, بال sms, sms, مسج, علي جوالي, علي موبايلي, علي تلفوني, الي جوالي, الي هاتفي, علي رقمي"""
)
_SENDS = WordList(
    """send, text, message, sms, ابعث, ابعثي, ابعثوا, ابعثلي, ابعثيلي, ابعت, ابعتي, ابعتلي, ابعتيلي, ابعتولي, ابعثها,
    ابعتها, ابعتهالي, ابعثهالي, ارسل, ارسلي, ارسلوا, ارسللي, ارسله, ارسلها, ارسلهالي, ارسلولي, ترسل, ترسلي, ترسلين,
    ترسلون, ترسله, ترسلها, تبعث, تبعثي, تبعت, تبعتي, تبعتلي, تبعتها, تبعتهالي, طرش, طرشي, طرشلي, طرشها, دز, دزي, دزلي,
    دزها, وصل, وصلي, اريد, ابغي, ابي, بدي, عايز, ممكن, اريدها, ابغاها"""
)
"""A wish in it: "did your message come" and "I got an SMS" have none."""
_NOT = WordList(
    """dont send, do not send, dont text, do not text, dont message, do not message, stop sending, stop texting,
    no more messages, no messages, did you send, have you sent, you sent, was sent, i got, i received, i have received,
    didnt get, did not get, didnt receive, did not receive, havent received, never got, got a, received a,
    لا ترسل, لا ترسلي, لا ترسلوا, لا ترسلون, لا تبعث, لا تبعت, ما ترسل, ما ترسلون, متبعتش, بدون رسايل, وصلتني, وصلني,
    جاتني, جاني, جتني, ما وصلتني, ما وصلني, ما جاتني, لم تصلني, لم تصل, استلمت, ارسلتم, ارسلتوا, بعتوا, بعثتم"""
)
_OF_ASKING = WordList(
    """send, text, texts, sms, message, messages, me, my, it, that, this, them, to, by, via, as, a, an, the, in, on,
    for, of, with, please, can, could, would, will, you, your, i, id, we, us, want, need, like, phone, mobile, cell,
    number, again, also, too, just, now, and, so, ok, okay, yes, yeah, hello, hi, hey, thanks, thank, short, written,
    writing, what, said, told, say, have, has, information, info, details, is, be, get, give, same, all, last, answer,
    ابعث, ابعثي, ابعثوا, ابعثلي, ابعثيلي, ابعت, ابعتي, ابعتلي, ابعتيلي, ابعتولي, ابعثها, ابعتها, ابعتهالي, ابعثهالي,
    ارسل, ارسلي, ارسلوا, ارسللي, ارسله, ارسلها, ارسلهالي, ارسلولي, ترسل, ترسلي, ترسلين, ترسلون, ترسله, ترسلها, تبعث,
    تبعثي, تبعت, تبعتي, تبعتلي, تبعتها, تبعتهالي, طرش, طرشي, طرشلي, طرشها, دز, دزي, دزلي, دزها, لي, لنا, الي, علي, في,
    عن, من, فيها, فيه, به, بها, رساله, رسايل, نصيه, قصيره, مسج, اس ام اس, جوالي, موبايلي, تلفوني, هاتفي, رقمي, رقم,
    جوال, موبايل, تلفون, هاتف, من فضلك, لو سمحت, لو سمحتي, ممكن, هل, اريد, ابغي, ابي, بدي, عايز, اريدها, ابغاها, هذا,
    هذه, هاي, ذلك, اللي, قلته, قلتيه, قلت, حكيته, المعلومات, معلومات, التفاصيل, تفاصيل, كلها, كل, نفس, ايضا, كمان,
    الان, الحين, هلا, نعم, ايوه, مرحبا, الو, السلام عليكم, طيب, تمام, شكرا, و, يا, ان, اخر, الجواب"""
)

TopicOf = Callable[[str], str | None]
"""Which of the company's facts words are about; RECORD_STATUS for the caller's own order."""


def asked_for(folded: str) -> bool:
    return _ASKED.found_in(folded) and _SENDS.found_in(folded) and not _NOT.found_in(folded)


def moves(
    text: str, heard: str, dialogue: Dialogue, profile: TenantProfile, language: Language, topic_of: TopicOf
) -> list[Move] | None:
    """What to do about a request for a text; None when this is none, or this tenant's agent sends none.

    `heard` is `text` with its numbers in digits.
    """
    if SEND_SMS not in profile.actions:
        return None
    folded = fold(text)
    if dialogue.last_intent == ASK_WHAT:
        # A further question is no answer to ours: it is answered as any other.
        topic = _topic(folded, dialogue, topic_of) if not text.rstrip().endswith(("?", "؟")) else None
    elif asked_for(folded):
        topic = _topic(folded, dialogue, topic_of)
        if topic is None and not dialogue.last_told and not _OF_ASKING.without(_ASKED.without(folded)):
            return [_ask(WHAT, ASK_WHAT, language)]
        if topic is None:
            return [_ask(ONLY_KNOWN, ASK_WHAT, language)]
    else:
        return None
    if topic is None or (topic == RECORD_STATUS and dialogue.last_fact != RECORD_STATUS):
        # An order is read out to whom it belongs, and after that it can be sent.
        return None
    topic = TOLD if topic == RECORD_STATUS else topic
    number = number_in(heard)
    return _read_back(number, topic, language) if number is not None else _send(topic, dialogue, profile, language)


def under_way(
    text: str, heard: str, dialogue: Dialogue, profile: TenantProfile, language: Language
) -> list[Move] | None:
    """The answer to a question of ours about a text; None when none was asked, or this is none."""
    last = dialogue.last_intent or ""
    folded = fold(text)
    if SEND_SMS not in profile.actions or triggers.emergency(folded):
        return None
    if last.startswith(KNOWN_TEXT):
        topic = last.removeprefix(KNOWN_TEXT)
        if triggers.says_no(folded):
            return [Say(text=AS_IT_IS[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
        return _send(topic, dialogue, profile, language, repeat="1") if triggers.says_yes(folded) else None
    if last.startswith(ASK_NUMBER):
        return _number_given(NumberTaken(), text, heard, last.removeprefix(ASK_NUMBER), dialogue, profile, language)
    if last.startswith(READ_BACK):
        taken = NumberTaken(number=_heard_back(dialogue))
        return _number_given(taken, text, heard, last.removeprefix(READ_BACK), dialogue, profile, language)
    return None


def _number_given(
    before: NumberTaken,
    text: str,
    heard: str,
    topic: str,
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
) -> list[Move] | None:
    taken = before.after(text, heard)
    match taken.given:
        case Given.HEARD if taken.number is not None:
            return _read_back(taken.number, topic, language)
        case Given.RIGHT if taken.number is not None:
            return _send(topic, dialogue, profile, language, number=taken.number)
        case Given.WRONG:
            return [_ask(hold_sentences.RIGHT_NUMBER, f"{ASK_NUMBER}{topic}", language)]
        case Given.PART:
            return [_ask(hold_sentences.PART_OF_NUMBER, f"{ASK_NUMBER}{topic}", language)]
        case Given.NONE:
            return [Say(text=DROPPED[language], language=language, kind=TurnKind.ANSWER, intent=ANYTHING_ELSE)]
        case _ if yes_or_no(text) is Reply.YES:
            # A yes to a read-back of which not everything was heard.
            return [_ask(WHICH_NUMBER, f"{ASK_NUMBER}{topic}", language)]
        case _:
            return None


def _heard_back(dialogue: Dialogue) -> str | None:
    """The number that the caller really heard: a read-back that was talked over ends before its number."""
    return number_in(dialogue.last_answer) if not dialogue.cut_short else None


def _topic(folded: str, dialogue: Dialogue, topic_of: TopicOf) -> str | None:
    rest = _OF_ASKING.without(folded)
    words = " ".join(word for word in rest.split() if not word.isdecimal())
    if not words:
        return TOLD if dialogue.last_told else None
    return topic_of(words)


def _send(
    topic: str,
    dialogue: Dialogue,
    profile: TenantProfile,
    language: Language,
    *,
    number: str | None = None,
    repeat: str | None = None,
) -> list[Move] | None:
    text = text_of(topic, dialogue, profile, language)
    if text is None:
        return [_ask(WHAT, ASK_WHAT, language)]
    slots = {"topic": topic, "text": text}
    if number is not None:
        slots["number"] = number
    if repeat is not None:
        slots["repeat"] = repeat
    return [Act(action=SEND_SMS, slots=slots)]


def text_of(topic: str, dialogue: Dialogue, profile: TenantProfile, language: Language) -> str | None:
    """What the message says, under the company's name; None where there is nothing to say any more."""
    facts = {fact.intent: fact.answer[language] for fact in profile.facts}
    words = dialogue.last_told if topic == TOLD else facts.get(topic, "")
    if not words.strip():
        return None
    written_in = script_of(words) or language
    return HEADED[written_in].format(name=profile.name[written_in], text=words.strip())[:LONGEST]


def addressed(act: Act, number: str) -> Act:
    """An action whose recipient is known: the same text to the same number is the same action."""
    slots = {name: value for name, value in act.slots.items() if name != "number"}
    about = f"{number}\n{slots.get('text', '')}"
    subject = hashlib.sha256(about.encode()).hexdigest()[:SUBJECT_LENGTH]
    return Act(action=act.action, slots={**slots, "to": number, "subject": subject})


def sending(language: Language) -> Say:
    """Said once it is certain to which number it goes."""
    return Say(text=SENDING[language], language=language, kind=TurnKind.FILLER)


def which_number(act: Act, language: Language) -> Say:
    return _ask(WHICH_NUMBER, f"{ASK_NUMBER}{act.slots.get('topic', TOLD)}", language)


def told(result: ActResult, slots: Mapping[str, str], language: Language) -> tuple[str, str]:
    """The sentence about what became of a text, and its intent."""
    match result.state:
        case ActionState.DONE if result.known:
            return KNOWN[language], f"{KNOWN_TEXT}{slots.get('topic', TOLD)}"
        case ActionState.DONE:
            return MADE[language], ANYTHING_ELSE
        case ActionState.RUNNING:
            return UNDER_WAY[language], SENT
        case ActionState.WAITING_APPROVAL:
            return WAITS_FOR_APPROVAL[language], SENT
        case ActionState.REJECTED:
            refused = {OPTED_OUT: UNWANTED, DO_NOT_CONTACT: MUST_NOT, TOO_MANY_TEXTS: ENOUGH}.get(result.reason or "")
            return (refused[language], SENT) if refused is not None else (NOT_POSSIBLE[language], PERSON)
        case ActionState.UNKNOWN:
            return NOT_CERTAIN[language], SENT


def _read_back(number: str, topic: str, language: Language) -> list[Move]:
    text = hold_sentences.number_in(hold_sentences.NUMBER_HEARD, number, language)
    return [Say(text=text, language=language, kind=TurnKind.CLARIFY, intent=f"{READ_BACK}{topic}")]


def _ask(words: Words, intent: str, language: Language) -> Say:
    return Say(text=words[language], language=language, kind=TurnKind.CLARIFY, intent=intent)
