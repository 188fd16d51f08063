"""Every sentence that the brain says of itself, in both languages; those of any line are in domain.sentences."""

from __future__ import annotations

from domain.speech import Language
from domain.tenant import TenantProfile, Words

EN, AR = Language.EN, Language.AR

# "number" and "الرقم" have it read digit by digit.
EMERGENCY: Words = {
    EN: "Please call the number {number} now, before anything else. If there is danger where you are, leave that "
    "place first.",
    AR: "من فضلك اتصل الآن على الرقم {number} قبل أي شيء. وإذا كان هناك خطر في مكانك فاخرج منه أولاً.",
}
EMERGENCY_PERSON: Words = {
    EN: "I'm getting a colleague for you as well, but please don't wait for us.",
    AR: "سأوصلك أيضاً بأحد الزملاء، لكن من فضلك لا تنتظرنا.",
}
PERSON: Words = {
    EN: "Of course, I'll connect you to a colleague.",
    AR: "حاضر، سأوصلك بأحد الزملاء.",
}
FAILED_PERSON: Words = {
    EN: "I'm sorry, I'm not able to help you well. Let me get a colleague for you.",
    AR: "أعتذر، لم أستطع مساعدتك كما يجب. سأوصلك بأحد الزملاء.",
}
OFFER_UPSET: Words = {
    EN: "I'm sorry that this has been so annoying. Would you like me to get a colleague for you?",
    AR: "أعتذر عن هذا الإزعاج. هل تحب أن أحولك إلى أحد الزملاء؟",
}
OFFER_DISTRESSED: Words = {
    EN: "I can hear that this is hard for you. Would you like me to get a colleague for you?",
    AR: "أحس أن الموقف صعب عليك. هل تحب أن أحولك إلى أحد الزملاء؟",
}
TOOL_DOWN: Words = {
    EN: "I'm sorry, the system that I need for this isn't answering. Let me get a colleague for you.",
    AR: "أعتذر، النظام الذي أحتاجه لا يستجيب الآن. سأحولك إلى أحد الزملاء.",
}
DOCUMENTS_AWAY: Words = {
    EN: "I'm sorry, I can't look into our documents right now. Would you like me to get a colleague for you?",
    AR: "أعتذر، لا أستطيع البحث في مستنداتنا الآن. هل تحب أن أوصلك بأحد الزملاء؟",
}
DOCUMENTS_AWAY_ALONE: Words = {
    EN: "I'm sorry, I can't look into our documents right now. Please ask me again in a few minutes.",
    AR: "أعتذر، لا أستطيع البحث في مستنداتنا الآن. من فضلك اسألني مرة أخرى بعد دقائق.",
}
"""Of a tenant whose callers are handed to nobody."""
ABOVE_LIMIT: Words = {
    EN: "For an amount like this a colleague has to decide. Let me get one for you.",
    AR: "مبلغ كهذا يحتاج إلى موافقة أحد الزملاء. سأحولك إليه.",
}
IDENTITY: Words = {
    EN: "I'm the automated assistant of {name}, not a human being. How can I help you?",
    AR: "أنا المساعد الآلي في {name}، ولست إنساناً. كيف أقدر أساعدك؟",
}
OPT_OUT: Words = {
    EN: "I understand. What we say is kept as text so that we can help you. I have marked your request in this call "
    "for a colleague. You can hang up at any time.",
    AR: "فهمت عليك. كلامنا يُحفظ كنص حتى نستطيع مساعدتك. سجلت طلبك في هذه المكالمة ليتابعه أحد الزملاء، "
    "ويمكنك إنهاء المكالمة متى شئت.",
}
NEVER_CALLED: Words = {
    EN: "I understand. We won't call you on this number any more. You can hang up at any time.",
    AR: "فهمت. لن نتصل بك على هذا الرقم بعد الآن. ويمكنك إنهاء المكالمة متى شئت.",
}
LANGUAGE_CHANGED: Words = {
    EN: "Of course, let's speak English. How can I help you?",
    AR: "أكيد، نتكلم بالعربية. كيف أقدر أساعدك؟",
}
NOTHING_SAID_YET: Words = {
    EN: "I haven't told you anything yet. What would you like to know?",
    AR: "لم أخبرك بشيء بعد. ماذا تحب أن تعرف؟",
}
GOODBYE: Words = {EN: "Thank you for calling. Goodbye!", AR: "شكراً لاتصالك. مع السلامة!"}
WELCOME: Words = {EN: "You're welcome. Is there anything else?", AR: "العفو. هل هناك شيء آخر؟"}
LEFT: Words = {EN: "All right. Is there anything else?", AR: "تمام. هل هناك شيء آخر؟"}
GREETING: Words = {EN: "Hello! How can I help you?", AR: "أهلاً بك! كيف أقدر أساعدك؟"}
WELL: Words = {EN: "I'm well, thank you. How can I help you?", AR: "بخير الحمد لله، شكراً لك. كيف أقدر أساعدك؟"}
HAPPY_TO_TALK: Words = {
    EN: "That is kind of you. What can I do for you?",
    AR: "هذا لطف منك. بماذا أقدر أخدمك؟",
}

NOT_UNDERSTOOD: Words = {
    EN: "I'm not sure that I understood you. Could you ask it in other words?",
    AR: "لست متأكداً أنني فهمتك. هل يمكنك أن تسأل بكلمات أخرى؟",
}
NOT_KNOWN: Words = {
    EN: "I'm not sure that I can help with that. I know about {topics}. Could you ask it in other words?",
    AR: "لست متأكداً أنني فهمتك. أقدر أساعدك في {topics}. هل يمكنك أن تسأل بكلمات أخرى؟",
}
NOT_ALLOWED: Words = {
    EN: "I can't do that myself, but I can note it for a colleague. Would you like that?",
    AR: "لا أستطيع فعل ذلك بنفسي، لكن يمكنني تسجيله لأحد الزملاء. هل تريد ذلك؟",
}
IN_OTHER_LANGUAGE: Words = {
    EN: "I have this in Arabic only.",
    AR: "الجواب عندي بالإنجليزية فقط.",
}
FILLER: Words = {EN: "One moment, please.", AR: "لحظة من فضلك."}

ASK_NUMBER: Words = {
    EN: "Sure. What is your {record} number, please?",
    AR: "أكيد. ما هو رقم ال{record} من فضلك؟",
}
TOPICS: Words = {
    EN: "opening hours, prices, and your {record}",
    AR: "أوقات العمل والأسعار وال{record}",
}


def emergency(profile: TenantProfile, language: Language) -> str:
    return EMERGENCY[language].format(number=profile.emergency_number)


def identity(profile: TenantProfile, language: Language) -> str:
    return IDENTITY[language].format(name=profile.name[language])


def ask_number(profile: TenantProfile, language: Language) -> str:
    return ASK_NUMBER[language].format(record=profile.record_word[language])


def not_known(profile: TenantProfile, language: Language) -> str:
    """Needs a topic to offer: a tenant without records is asked to put it in other words."""
    if not profile.record_word:
        return NOT_UNDERSTOOD[language]
    topics = TOPICS[language].format(record=profile.record_word[language])
    return NOT_KNOWN[language].format(topics=topics)
