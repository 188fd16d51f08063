from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.knowledge.chunking import chunks_of, sections_of, sentences_of, texts_to_count
from domain.knowledge.document import Block, Chunk


def tokens_of(text: str) -> int:
    return len(text.split()) + 1


def cut(blocks: list[Block], most_tokens: int) -> list[Chunk]:
    sections = sections_of(blocks)
    return chunks_of(sections, {text: tokens_of(text) for text in texts_to_count(sections)}, most_tokens)


def test_sentences_end_where_a_reader_would_end_them():
    text = "Dr. Salem costs 3.5 dirhams. Really? نعم! هل تريد؟ لا شيء، أكيد…  Ends “here.” Then on"
    assert sentences_of(text) == [
        "Dr. Salem costs 3.5 dirhams.",
        "Really?",
        "نعم!",
        "هل تريد؟",
        "لا شيء، أكيد…",
        "Ends “here.”",
        "Then on",
    ]


def test_a_chunk_stays_under_its_headings():
    blocks = [
        Block(text="Shop", level=1),
        Block(text="Returns", level=2),
        Block(text="Fourteen days.", page=3),
        Block(text="Warranty", level=2),
        Block(text="Two years."),
        Block(text="Clinic", level=1),
        Block(text="Closed on Friday."),
    ]
    assert cut(blocks, 50) == [
        Chunk(position=0, heading=("Shop", "Returns"), sentences=("Fourteen days.",), page=3),
        Chunk(position=1, heading=("Shop", "Warranty"), sentences=("Two years.",)),
        Chunk(position=2, heading=("Clinic",), sentences=("Closed on Friday.",)),
    ]


def test_a_short_last_sentence_begins_the_next_chunk_too():
    blocks = [Block(text="One two three four five six. Seven. Eight nine ten eleven twelve.")]
    assert [chunk.sentences for chunk in cut(blocks, 10)] == [
        ("One two three four five six.", "Seven."),
        ("Seven.", "Eight nine ten eleven twelve."),
    ]


def test_headings_that_leave_no_room_lose_their_upper_levels():
    blocks = [
        Block(text="a very long title of a whole book", level=1),
        Block(text="Fees", level=2),
        Block(text="Ten dirhams."),
    ]
    assert [chunk.heading for chunk in cut(blocks, 12)] == [("Fees",)]


def test_headings_alone_are_kept_as_text():
    assert cut([Block(text="Closed", level=1), Block(text="Until May", level=2)], 20) == [
        Chunk(position=0, sentences=("Closed", "Until May"))
    ]


def test_nothing_makes_no_chunk():
    assert cut([], 20) == []
    assert cut([Block(text=" \u200f\n ")], 20) == []


words = st.text(st.sampled_from("abcد ذ.؟!\n "), min_size=0, max_size=200)


@given(st.lists(st.tuples(words, st.integers(0, 3)), max_size=8), st.integers(12, 60))
def test_every_word_is_in_a_chunk_and_no_chunk_is_too_large(parts: list[tuple[str, int]], most: int):
    blocks = [Block(text=text, level=level) for text, level in parts]
    chunks = cut(blocks, most)
    said = {word for chunk in chunks for sentence in chunk.sentences for word in sentence.split()}
    bodies = [block for block in blocks if not block.level]
    for word in (word for block in bodies for word in block.text.split()):
        assert any(word in kept or kept in word for kept in said)
    for chunk in chunks:
        assert sum(map(tokens_of, chunk.sentences)) <= most + len(chunk.sentences)
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
