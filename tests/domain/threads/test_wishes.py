"""A wish to have no messages is one word, and no word in a sentence."""

import pytest

from domain.threads.wishes import Wish, wish_in


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", " Unsubscribe ", "إيقاف", "ايقاف!", "إلغاء الاشتراك", "أوقفوا الرسائل"]
)
def test_who_wants_out(text):
    assert wish_in(text) is Wish.OUT


@pytest.mark.parametrize("text", ["START", "unstop", "ابدأ", "تفعيل"])
def test_who_wants_in_again(text):
    assert wish_in(text) is Wish.IN


@pytest.mark.parametrize(
    "text",
    ["", "Where does the bus stop?", "don't stop", "إيقاف الجهاز لا يعمل", "when do you start", "cancel my order"],
)
def test_what_says_something_else(text):
    assert wish_in(text) is None
