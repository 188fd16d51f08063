"""The mind of a conversation and its model, the same on a line and in writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from domain.knowledge.ports import Knowledge
from domain.ports import Brain, LanguageModel, SpokenValues
from domain.tenant import TenantProfile
from engines.openai_llm import OpenAiModel
from realtime.brain import TenantBrain
from realtime.course.errands import Errands
from realtime.course.own_tools import OwnTools
from workers.settings import Settings
from workers.vendors.sources import Sources


def model_of(settings: Settings) -> OpenAiModel:
    """The language model of the settings: the embedded server, or any other that speaks the OpenAI API."""
    key = settings.llm_api_key
    return OpenAiModel(
        settings.llm_url,
        settings.llm_model,
        api_key=key.get_secret_value() if key else None,
        llama_server=settings.llm_model == "embedded",
    )


def thinking(
    model: LanguageModel,
    values: SpokenValues,
    knowledge: Knowledge | None,
    knowledge_ms: int,
    sources: Sources | None,
    *,
    writes_answers: bool = False,
    model_leads: bool = False,
) -> Callable[[TenantProfile], Brain]:
    """Makes one conversation's brain, by its tenant."""

    def now() -> datetime:
        return datetime.now(UTC)

    def brain(profile: TenantProfile) -> Brain:
        return TenantBrain(
            profile,
            model,
            values,
            now=now,
            knowledge=knowledge,
            knowledge_ms=knowledge_ms,
            orders=sources.orders if sources else None,
            own_tools=OwnTools(sources.tools, sources.runner, profile, values) if sources else None,
            errands=Errands(profile, values, now, sources.visits, sources.crm_of, orders=sources.orders)
            if sources
            else None,
            writes_answers=writes_answers,
            model_leads=model_leads,
        )

    return brain
