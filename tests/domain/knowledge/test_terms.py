from __future__ import annotations

import pytest

from domain.knowledge.terms import coverage, document_vector, question_vector, terms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("المُدَّةُ", "المدة"),
        ("إلغاء", "الغاء"),
        ("مدرسة", "مدرسه"),
        ("مستشفى", "مستشفي"),
        ("٢٤ ساعة", "24 ساعه"),
        ("الثلاجة", "ثلاجة"),
        ("Returned appliances", "return appliance"),
    ],
)
def test_spellings_of_the_same_word_meet(one: str, other: str):
    assert terms_of(one) == terms_of(other)


def test_little_words_do_not_count_unless_there_are_no_others():
    assert terms_of("where is the filter") == terms_of("filter")
    assert terms_of("وين الفلتر") == terms_of("فلتر")
    assert terms_of("who is it") != []


def test_a_rarer_document_term_weighs_the_same_and_a_repeated_one_more():
    once, twice = document_vector("filter water"), document_vector("filter filter water")
    assert set(once.indices) == set(twice.indices)
    assert max(twice.values) > max(once.values)


def test_a_longer_document_counts_each_word_less():
    short, long = document_vector("filter"), document_vector("filter " + " ".join(f"word{n}" for n in range(100)))
    index = short.indices[0]
    assert dict(zip(long.indices, long.values, strict=True))[index] < short.values[0]


def test_a_misspelt_word_still_shares_trigrams():
    asked, written = question_vector("refrigirator"), document_vector("refrigerator")
    assert set(asked.indices) & set(written.indices)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("متى الإفطار", "Breakfast is served from seven."),
        ("When is breakfast?", "يقدم الإفطار من السابعة."),
        ("متى الريوق", "يقدم الإفطار من السابعة."),
        ("الزبون ينطر", "Please wait in the hall."),
    ],
)
def test_a_word_is_found_by_another_that_means_the_same(question: str, text: str):
    asked, written = question_vector(question), document_vector(text)
    assert set(asked.indices) & set(written.indices)
    assert coverage(set(terms_of(question)), set(terms_of(text))) > 0


def test_a_word_itself_counts_more_than_another_for_it():
    asked = set(terms_of("breakfast"))
    own, other = coverage(asked, set(terms_of("breakfast"))), coverage(asked, set(terms_of("الإفطار")))
    assert own == 1.0 > other > 0.0
    weights = dict(zip(*((v := question_vector("breakfast")).indices, v.values), strict=True))
    assert max(weights.values()) == 1.0


def test_a_fridge_is_no_oven_where_words_are_searched():
    assert coverage(set(terms_of("fridge")), set(terms_of("الفرن"))) == 0.0


def test_vectors_ascend_and_never_repeat_an_index():
    vector = document_vector("one two three one الضمان سنتان two")
    assert list(vector.indices) == sorted(set(vector.indices))
    assert all(0 <= index < 2**32 for index in vector.indices)
    assert question_vector("") == document_vector("...")


def test_coverage_is_the_share_of_what_was_asked():
    assert coverage(set(terms_of("return the fridge")), set(terms_of("You may return it"))) == 0.5
    assert coverage(set(), {"anything"}) == 0.0
