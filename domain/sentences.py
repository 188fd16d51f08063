"""The fixed sentences of a line, in both languages: each thing that any part of it says has one wording, here."""

from __future__ import annotations

from domain.speech import Language

Sentence = dict[Language, str]

STILL_THERE: Sentence = {
    Language.EN: "Are you still there?",
    Language.AR: "هل ما زلت معي؟",
}
SILENT_GOODBYE: Sentence = {
    Language.EN: "I can't hear you, so I will hang up now. Please call again any time. Goodbye.",
    Language.AR: "لا أسمعك، لذلك سأنهي المكالمة الآن. اتصل بنا في أي وقت. مع السلامة.",
}
MISSED: Sentence = {
    Language.EN: "Sorry, I missed that. Could you say it again?",
    Language.AR: "عذرًا، لم أسمعك جيدًا. هل يمكنك أن تعيد ما قلت؟",
}
TROUBLE: Sentence = {
    Language.EN: "I'm sorry, something went wrong on my side. Could you say that again?",
    Language.AR: "أعتذر، حدث خطأ من جهتي. هل يمكنك أن تعيد ما قلت؟",
}
VOICE_FAILED: Sentence = {
    Language.EN: "I'm sorry, I have trouble speaking right now. Please try again in a moment.",
    Language.AR: "أعتذر، لدي مشكلة في الصوت الآن. من فضلك حاول بعد لحظات.",
}
CUT_OFF: Sentence = {
    Language.EN: "Sorry, we were cut off.",
    Language.AR: "عذرًا، انقطع الاتصال.",
}
GO_ON: Sentence = {
    Language.EN: "Please go on.",
    Language.AR: "تفضل، أكمل من فضلك.",
}
KEY_ZERO: Sentence = {
    Language.EN: "0: I want to speak to a person.",
    Language.AR: "0: أريد التحدث مع موظف.",
}
"""What pressing 0 says for the caller; with the key, because nobody said the words."""

RECORDED: tuple[Sentence, ...] = (STILL_THERE, SILENT_GOODBYE, MISSED, TROUBLE, VOICE_FAILED, CUT_OFF, GO_ON)
"""Sentences that are synthesised ahead, so that they can be heard while the voice is down."""
