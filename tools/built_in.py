"""The tools that every tenant's agent has: what goes in, what comes out, and what must be known of the caller."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from domain.acting.action import ActionState
from domain.acting.assurance import Assurance
from domain.acting.limits import PER_CALL


class Effect(StrEnum):
    READ = "read"
    """Beside the talk, with a deadline; asked again freely."""
    WRITE = "write"
    """A durable action that happens once, see docs/connectors.md."""


class Slots(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchKb(Slots):
    question: Annotated[str, Field(min_length=1, max_length=500, description="What the caller asks")]


class Found(Slots):
    answer: Annotated[str, Field(description="The sentence of a document that answers, as it stands there")]
    source: Annotated[str, Field(description="The document's name and page")]


class GetOrderStatus(Slots):
    number: Annotated[str, Field(pattern=r"^\d{3,8}$", description="The number of the order or appointment")]


class OrderTold(Slots):
    status: Annotated[str, Field(description="Where it stands, as it is read to the caller")]


class CreateTicket(Slots):
    trouble: Annotated[str, Field(min_length=1, max_length=500, description="What is wrong, in the caller's words")]


class ActionTold(Slots):
    state: ActionState
    reference: Annotated[str | None, Field(description="The ticket's number, once it is done")] = None


class EscalateToHuman(Slots):
    reason: Annotated[str, Field(description="Why, by a code such as caller_asked")]


class Nothing(Slots):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    name: str
    about: str
    """For a language model, and for the page in English."""
    takes: type[Slots]
    gives: type[Slots]
    effect: Effect
    assurance: Assurance = Assurance.NOTHING

    @property
    def limit(self) -> int | None:
        """In one call, before an advisor has to allow each."""
        return PER_CALL.get(self.name)

    def shown(self) -> dict[str, Any]:
        """As a language model and the tools page see it."""
        return {
            "name": self.name,
            "about": self.about,
            "effect": self.effect,
            "assurance": self.assurance,
            "limit": self.limit,
            "input": self.takes.model_json_schema(),
            "output": self.gives.model_json_schema(),
        }


BUILT_IN: tuple[Tool, ...] = (
    Tool(
        name="search_kb",
        about="Looks into the company's documents for the sentence that answers.",
        takes=SearchKb,
        gives=Found,
        effect=Effect.READ,
    ),
    Tool(
        name="get_order_status",
        about="Reads where the caller's own order or appointment stands.",
        takes=GetOrderStatus,
        gives=OrderTold,
        effect=Effect.READ,
        assurance=Assurance.SECOND_FACT,
    ),
    Tool(
        name="create_ticket",
        about="Opens a ticket about what the caller reports.",
        takes=CreateTicket,
        gives=ActionTold,
        effect=Effect.WRITE,
    ),
    Tool(
        name="escalate_to_human",
        about="Brings a person into the call, or promises to call back when nobody is there.",
        takes=EscalateToHuman,
        gives=Nothing,
        effect=Effect.WRITE,
    ),
)
NAMES = frozenset(tool.name for tool in BUILT_IN)
