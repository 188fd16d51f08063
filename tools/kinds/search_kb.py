"""Looking into the company's documents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.tool import CallersWords, Effect, Slots, Tool


class SearchKb(Slots):
    question: Annotated[CallersWords, Field(description="What the caller asks")]


class Found(Slots):
    answer: Annotated[str, Field(description="The sentence of a document that answers, as it stands there")]
    source: Annotated[str, Field(description="The document's name and page")]


TOOL = Tool(
    name="search_kb",
    about="Looks into the company's documents for the sentence that answers.",
    takes=SearchKb,
    gives=Found,
    effect=Effect.READ,
    deadline_ms=150,
)
