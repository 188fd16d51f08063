"""What is said of the opening hours in the days to come is kept as audio now."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.hours import say_now
from domain.menu.kept import DAYS_AHEAD, fixed, of_tenant
from domain.speech import Language
from tests.domain.profiles import SHOP

NOW = datetime(2026, 11, 28, 9, 17, tzinfo=UTC)
MINUTES = (DAYS_AHEAD - 1) * 24 * 60


@given(ahead=st.integers(0, MINUTES), language=st.sampled_from(Language))
def test_whenever_it_is_asked_within_a_week(ahead: int, language: Language) -> None:
    text = say_now(SHOP, NOW + timedelta(minutes=ahead), language)
    assert (language, text) in of_tenant(SHOP, NOW)


def test_a_week_of_it_is_a_handful_of_sentences() -> None:
    assert 4 <= len(of_tenant(SHOP, NOW)) <= 24


def test_every_sentence_is_kept_in_both_languages() -> None:
    texts = fixed()
    assert sum(language is Language.EN for language, _ in texts) == sum(
        language is Language.AR for language, _ in texts
    )
    assert not any("{" in text for _, text in texts)
