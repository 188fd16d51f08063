"""Everyday sentences: the mean of their vectors is what a model's vectors of one language have in common.

multilingual-e5 puts all texts of one language into a narrow cone, so that an Arabic question is nearer to any Arabic
passage than to the English one that answers it. Without the mean it is not: docs/knowledge.md has the figures.
The passages and the questions say the same things in both languages, so that the two cones are compared fairly.
"""

from __future__ import annotations

from domain.speech import Language

PASSAGES: dict[Language, tuple[str, ...]] = {
    Language.EN: (
        "The train leaves at seven in the evening.",
        "Please bring a copy of your passport.",
        "The price includes taxes and service.",
        "Children must be accompanied by an adult.",
        "The meeting was moved to next Thursday.",
        "You can find the form on our website.",
        "The road is closed because of work on the bridge.",
        "He has lived in this city for twenty years.",
        "The museum is closed on Mondays.",
        "Water boils at one hundred degrees.",
        "Send us an e-mail with your address.",
        "The report will be published in spring.",
        "Keep the medicine away from sunlight.",
        "Tickets are cheaper before noon.",
        "The company was founded in 1990.",
        "Press the green button to begin.",
        "A deposit is needed for the key.",
        "The winner is chosen by lot.",
        "Smoking is not allowed inside.",
        "The course has ten lessons.",
    ),
    Language.AR: (
        "يغادر القطار الساعة السابعة مساءً.",
        "يرجى إحضار نسخة من جواز السفر.",
        "السعر يشمل الضرائب والخدمة.",
        "يجب أن يكون الأطفال بصحبة شخص بالغ.",
        "تم تأجيل الاجتماع إلى يوم الخميس القادم.",
        "تجد النموذج على موقعنا.",
        "الطريق مغلق بسبب أعمال الجسر.",
        "يعيش في هذه المدينة منذ عشرين عاماً.",
        "المتحف مغلق يوم الاثنين.",
        "يغلي الماء عند مئة درجة.",
        "أرسل لنا بريداً إلكترونياً بعنوانك.",
        "سيُنشر التقرير في الربيع.",
        "احفظ الدواء بعيداً عن ضوء الشمس.",
        "التذاكر أرخص قبل الظهر.",
        "تأسست الشركة عام 1990.",
        "اضغط الزر الأخضر للبدء.",
        "المفتاح يحتاج إلى عربون.",
        "يُختار الفائز بالقرعة.",
        "التدخين ممنوع في الداخل.",
        "الدورة فيها عشرة دروس.",
    ),
}

QUESTIONS: dict[Language, tuple[str, ...]] = {
    Language.EN: (
        "What time does the train leave?",
        "Do I need a passport?",
        "Is tax included in the price?",
        "Can children come alone?",
        "When is the meeting?",
        "Where do I find the form?",
        "Why is the road closed?",
        "How long have you been here?",
        "Are you open on Mondays?",
        "How hot is it?",
        "Where should I send it?",
        "When will it be ready?",
        "How do I store it?",
        "Are there cheaper tickets?",
        "Who founded the company?",
        "Which button do I press?",
        "Is there a deposit?",
        "How is the winner chosen?",
        "May I smoke here?",
        "How many lessons are there?",
    ),
    Language.AR: (
        "متى يغادر القطار؟",
        "هل أحتاج إلى جواز السفر؟",
        "هل السعر شامل الضريبة؟",
        "هل يمكن للأطفال الحضور وحدهم؟",
        "متى الاجتماع؟",
        "وين ألاقي النموذج؟",
        "ليش الطريق مسكر؟",
        "من متى وأنتم هنا؟",
        "هل تفتحون يوم الاثنين؟",
        "كم درجة الحرارة؟",
        "إلى أين أرسلها؟",
        "متى تكون جاهزة؟",
        "كيف أحفظها؟",
        "هل توجد تذاكر أرخص؟",
        "من أسس الشركة؟",
        "أي زر أضغط؟",
        "هل فيه عربون؟",
        "كيف يُختار الفائز؟",
        "ممكن أدخن هنا؟",
        "كم عدد الدروس؟",
    ),
}
