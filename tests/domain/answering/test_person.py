"""Who asks for a person and who only speaks of one, from the Gulf to the Maghreb and in English."""

from __future__ import annotations

import pytest

from domain.answering.person import wants_person
from domain.answering.spelling import fold


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "get me a human",
        "Can I speak to the manager?",
        "I need to talk to someone about my fridge",
        "can I have a human please",
        "Is there someone I can talk to?",
        "I don't want to talk to a machine",
        "I don't want to talk to a robot, give me a human",
        "put me through",
        "operator",
        "put someone on the line",
        "customer services please, I want to speak to customer services",
        "let me speak with your boss",
        "is it possible to speak to a real agent",
        "ابغى احد من خدمة العملاء",
        "دخلني على موظف",
        # Gulf
        "أبي أحد يكلمني",
        "ابغى اكلم موظف",
        "أبغى أتكلم مع موظف لو سمحت",
        "ودي اكلم احد من عندكم",
        "ابا ارمس ويا حد من الموظفين",
        "ابا حد يرمسني",
        "عطوني المدير",
        "خلني اكلم مسؤول",
        "ابي اكلم واحد فاهم",
        "حولني على موظف",
        "حولوني لخدمة العملاء الله يخليكم",
        "ما ابي اكلم روبوت",
        "ابغى انسان مو روبوت",
        # Egypt
        "عايز أكلم حد",
        "عايزة اتكلم مع خدمة العملاء",
        "ممكن حد يرد عليا",
        "ممكن تحولني لموظف",
        "محتاج حد يكلمني دلوقتي",
        "مش عايز اكلم روبوت",
        "وصلني بخدمة العملاء",
        # the Levant
        "بدي أحكي مع حدا",
        "بدي احكي مع موظف",
        "في حدا احكي معه؟",
        "بدنا نحكي مع المدير",
        "خلي حدا يحكي معي",
        # Iraq
        "اريد احجي ويا واحد",
        "اريد احجي ويه موظف",
        # the Maghreb
        "بغيت نهضر مع شي واحد",
        "حاب نهدر مع واحد",
        "نحب نحكي مع موظف",
        "بغيت نتكلم مع انسان",
        # standard
        "أريد التحدث مع موظف",
        "أود التحدث إلى شخص حقيقي",
        "هل يمكنني التحدث مع أحد الموظفين؟",
        "موظف لو سمحت",
        "خدمة العملاء",
        "إنسان",
    ],
)
def test_a_person_is_asked_for(text):
    assert wants_person(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "I need someone to fix my fridge",
        "Can a person collect my order?",
        "I don't want to talk to a person",
        "I do not need to speak with anyone, just the hours",
        "An agent called me yesterday",
        "Your manager promised me a refund",
        "How many people work there?",
        "my wife spoke to your manager",
        "I want to speak to my husband first",
        "هل الموظفين يتكلمون انجليزي",
        "ابي اعرف كم موظف عندكم",
        "واحد من الموظفين كلمني",
        # an employee is mentioned
        "حد كلمني امس عن الطلب",
        "موظف اتصل فيني امس وقال الطلب وصل",
        "كلمني موظف امبارح وما رجع",
        "ابي اعرف اسم المدير",
        "اريد رقم خدمة العملاء",
        "عطني رقم خدمة العملاء",
        "ما وصلني رد من خدمة العملاء",
        "وصلني رسالة من موظف عندكم",
        "ممكن اعرف دوام الموظفين",
        "الموظف غلطان",
        "الموظف ممتاز شكرا",
        "عندكم موظفين كفاية؟",
        "في موظف اسمه خالد",
        # somebody is to do something else
        "المكيف خرب وابغي حد يصلحه",
        "ابي احد يركب الغسالة",
        "بدي حدا يجي يصلح البراد",
        "عايز حد يجي ياخد الغسالة",
        "خلينا نتكلم عن واحد من الاجهزة",
        # nobody is wanted
        "ما ابي اكلم احد",
        "مش عايز اكلم حد",
        "ما بدي احكي مع حدا",
        "بديش احكي مع حدا",
        "لا أريد التحدث مع موظف",
        "ما ابي موظف",
        "محد كلمني",
        # nothing of the kind
        "متى تفتحون؟",
        "ممكن نتكلم انجليزي",
        "بكم التوصيل لشخص واحد",
    ],
)
def test_a_person_is_only_mentioned(text):
    assert not wants_person(fold(text))
