"""What the keypad menu says: all of it is kept as audio, for it is heard when no voice may be there to say it."""

from __future__ import annotations

from domain.desk import hold_sentences
from domain.speech import Language
from domain.tenant import Words

EN, AR = Language.EN, Language.AR

DOWN: Words = {
    EN: "I'm sorry, I can't talk with you as usual right now. Please use the keys.",
    AR: "أعتذر، لا أستطيع التحدث معك كالمعتاد الآن. من فضلك استخدم الأزرار.",
}
PRESS_FOR_LANGUAGE: Words = {EN: "For English, press 1.", AR: "للعربية، اضغط 2."}
"""Each is said in its own language."""
PRESS_FOR_HOURS: Words = {EN: "For our opening hours, press 1.", AR: "لأوقات العمل، اضغط 1."}
PRESS_FOR_MESSAGE: Words = {EN: "To leave a message, press 2.", AR: "لتترك رسالة صوتية، اضغط 2."}
PRESS_FOR_PERSON: Words = {EN: "For a person, press 0.", AR: "للتحدث مع موظف، اضغط 0."}
PRESS_FOR_AGAIN: Words = {EN: "To hear this again, press 9.", AR: "لسماع هذا مرة أخرى، اضغط 9."}
WRONG_KEY: Words = {EN: "That's not on the menu.", AR: "هذا الاختيار غير موجود في القائمة."}
NO_HOURS: Words = {
    EN: "I'm sorry, I can't tell you our opening hours right now.",
    AR: "أعتذر، لا أستطيع أن أخبرك بأوقات العمل الآن.",
}
TO_PERSON: Words = {EN: "One moment, please.", AR: "لحظة من فضلك."}
ENTER_NUMBER: Words = {
    EN: "Please enter the number that we should call, and press the hash key.",
    AR: "من فضلك أدخل الرقم الذي نتصل بك عليه، ثم اضغط مربع.",
}
WRONG_NUMBER: Words = {EN: "Sorry, that isn't a whole number.", AR: "عذرًا، الرقم غير كامل."}
AFTER_THE_TONE: Words = {
    EN: "Please leave your message after the tone. Press the hash key when you have finished.",
    AR: "من فضلك اترك رسالتك بعد النغمة، واضغط مربع عندما تنتهي.",
}
NO_MESSAGE: Words = {EN: "Sorry, no message was recorded.", AR: "عذرًا، لم تُسجل أي رسالة."}
THANKS: Words = {
    EN: "Thank you, your message is with us. Goodbye.",
    AR: "شكرًا لك، وصلتنا رسالتك. مع السلامة.",
}
THANKS_WE_CALL: Words = {
    EN: "Thank you, your message is with us. We will call you back. Goodbye.",
    AR: "شكرًا لك، وصلتنا رسالتك. سنتصل بك. مع السلامة.",
}
GOODBYE: Words = {
    EN: "I'm sorry that I couldn't help you. Please call us again later. Goodbye.",
    AR: "أعتذر لأنني لم أستطع مساعدتك. من فضلك اتصل بنا لاحقًا. مع السلامة.",
}
GOODBYE_WE_CALL: Words = {
    EN: "I'm sorry that I couldn't help you. Somebody will call you back. Goodbye.",
    AR: "أعتذر لأنني لم أستطع مساعدتك. سيتصل بك أحد الزملاء. مع السلامة.",
}
TONE: Words = {EN: "(tone)", AR: "(نغمة)"}
"""Stands for a sound, in the transcript too."""
VOICE_MESSAGE: Words = {EN: "(voice message)", AR: "(رسالة صوتية)"}
"""Stands in the transcript for what the caller said after the tone."""

SPOKEN: tuple[Words, ...] = (
    DOWN,
    PRESS_FOR_LANGUAGE,
    PRESS_FOR_HOURS,
    PRESS_FOR_MESSAGE,
    PRESS_FOR_PERSON,
    PRESS_FOR_AGAIN,
    WRONG_KEY,
    NO_HOURS,
    TO_PERSON,
    ENTER_NUMBER,
    WRONG_NUMBER,
    AFTER_THE_TONE,
    NO_MESSAGE,
    THANKS,
    THANKS_WE_CALL,
    GOODBYE,
    GOODBYE_WE_CALL,
)
"""Every sentence of the menu; what else a caller hears on its ways follows."""
AROUND_A_PERSON: tuple[Words, ...] = (
    hold_sentences.WAIT,
    hold_sentences.CHOOSE,
    hold_sentences.STAY_OR_GO_ON,
    hold_sentences.CONNECTING_NOW,
    hold_sentences.RETURNS,
    hold_sentences.ADVISOR_LOST,
    hold_sentences.REQUEUED,
    hold_sentences.TAKEN_OVER,
    hold_sentences.CHOSEN,
    hold_sentences.NO_ADVISOR,
    hold_sentences.REFUSED,
    hold_sentences.PROMISED,
    hold_sentences.CLOSED,
    hold_sentences.NOT_CALLED,
    hold_sentences.NEVER_MIND,
    hold_sentences.GIVEN_BACK,
)
"""What is said around the wait for a person, and holds no name, number or time."""
