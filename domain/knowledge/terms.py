"""The words of a text as BM25 compares them, with the spellings of Arabic folded, and its weights as sparse vectors."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Set

from domain.answering.spelling import fold, stem
from domain.knowledge.lexicon import others_for
from domain.knowledge.ports import SparseVector

SATURATION = 1.2
LENGTH_SHARE = 0.75
"""The usual k1 and b of BM25."""
USUAL_TERMS = 60
"""Terms of a full chunk; BM25 wants the average, and a constant keeps a chunk's weights when others come or go."""
TRIGRAM_WEIGHT = 0.35
"""Of a word's letter trigrams beside the word itself, for misspellings and Arabic word forms; see docs/knowledge.md."""
SHORTEST_FOR_TRIGRAMS = 4
OTHER_WORD = 0.8
"""Weight of a word that means the same as one of the question's, beside that one's: of 76 written questions the right
passage came first for 59 without such words, for 60 at 0.3 and 0.5, for 62 here."""

_LISTED = """a an the of to in on at for from by with and or is are was were be been it its this that these those i you
he she we they my your our their me us them do does did can could will would should shall may might must have has had
not no if so as what which who whom when where how why there here please tell want know need get
في من الى إلى على عن مع هذا هذه ذلك تلك التي الذي الذين ما ماذا هل كيف متى اين أين وين شو ايش وش كم لو ان أن إن انا
أنا انت أنت هو هي نحن هم عندي عندكم لي لك لكم لنا هنا هناك او أو ثم قد كان كانت يكون تكون لا ليس نعم يا اريد أريد
ابغى أبغى ابي أبي بدي ممكن عايز عاوز اعرف أعرف فيه اللي يعني"""
_STOP = frozenset(fold(word) for word in _LISTED.split())
"""Words that are in every question, of the written language and the dialects."""


def terms_of(text: str) -> list[str]:
    """Stems of all words that carry meaning, in order. A question of stop words only keeps them."""
    words = fold(text).split()
    telling = [word for word in words if word not in _STOP]
    return [stem(word) for word in telling or words]


def document_vector(text: str) -> SparseVector:
    """Each term's weight in a document without its rarity, which the index knows."""
    terms = terms_of(text)
    crowded = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * len(terms) / USUAL_TERMS)
    counted = _with_trigrams(terms)
    return _vector({name: count * (SATURATION + 1) / (count + crowded) for name, count in counted.items()})


def question_vector(text: str) -> SparseVector:
    names = list(_with_trigrams(terms_of(text)))
    words = [name for name in names if name.startswith("w ")]
    trigrams = [name for name in names if name.startswith("g ")]
    weights = dict.fromkeys(words, 1.0)
    # All trigrams together weigh TRIGRAM_WEIGHT of all words.
    weights.update(dict.fromkeys(trigrams, TRIGRAM_WEIGHT * len(words) / max(1, len(trigrams))))
    others = {other for term in terms_of(text) for other in others_for(term)}
    weights.update({f"w {other}": OTHER_WORD for other in others if f"w {other}" not in weights})
    return _vector(weights)


def coverage(asked: Set[str], there: Set[str]) -> float:
    """0..1: the share of a question's terms that a text has, in these words or in others that mean the same."""
    covered = sum(1.0 if term in there else OTHER_WORD * (not there.isdisjoint(others_for(term))) for term in asked)
    return covered / len(asked) if asked else 0.0


def _with_trigrams(terms: list[str]) -> Counter[str]:
    counted: Counter[str] = Counter(f"w {term}" for term in terms)
    for term in terms:
        if len(term) >= SHORTEST_FOR_TRIGRAMS and not term.isdecimal():
            framed = f"^{term}$"
            counted.update(f"g {framed[start : start + 3]}" for start in range(len(framed) - 2))
    return counted


def _vector(weights: Mapping[str, float]) -> SparseVector:
    # Two of 50,000 names share an index in one corpus of four: of no weight beside all others.
    by_index: defaultdict[int, float] = defaultdict(float)
    for name, weight in weights.items():
        by_index[zlib.crc32(name.encode())] += weight
    ordered = sorted(by_index.items())
    return SparseVector(tuple(index for index, _ in ordered), tuple(weight for _, weight in ordered))
