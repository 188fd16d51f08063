"""What one page has yet to be told stays bounded, and is told once."""

from gateway.live.news import MOST_CALLS, News


async def test_the_same_change_is_told_once():
    news = News()
    for _ in range(3):
        news.changed("call", "one")
        news.changed("board")
    assert await news.taken() == [
        {"type": "changed", "what": "call", "call_id": "one"},
        {"type": "changed", "what": "board"},
    ]


async def test_beyond_the_most_the_page_looks_at_everything():
    news = News()
    for number in range(3 * MOST_CALLS):
        news.changed("call", str(number))
    told = await news.taken()
    assert len(told) == MOST_CALLS + 1
    assert told[-1] == {"type": "changed", "what": "all"}


async def test_a_newer_ring_takes_the_place_of_the_older_and_comes_first():
    news = News()
    news.changed("desk")
    news.rings("a-1", 1.0)
    news.rings("b-1", 2.0)
    assert await news.taken() == [
        {"type": "ring", "handoff_id": "b-1", "until": 2.0},
        {"type": "changed", "what": "desk"},
    ]
