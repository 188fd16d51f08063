"""The models that a configuration loads, and how they come here."""

from __future__ import annotations

from contextlib import nullcontext

from domain.errors import SetupError
from engines.model_files import CATALOGUE, FileState, read_catalogue, states, verified
from workers.launch import checks
from workers.launch.screen import Screen
from workers.settings import Settings


def wanted_models(settings: Settings) -> list[str]:
    """Names in deploy/models.toml of the models that this configuration loads."""
    catalogue = read_catalogue()
    wanted = [model.name for model in catalogue.values() if model.wanted]
    chosen = [settings.asr_model, *([settings.llm_file] if checks.embedded_model(settings) else [])]
    for name in chosen:
        if "/" not in name and name not in catalogue:
            raise SetupError(f"There is no model named {name!r}; {CATALOGUE.name} has {', '.join(sorted(catalogue))}.")
    return list(dict.fromkeys([*wanted, *(name for name in chosen if name in catalogue)]))


def bring_models(settings: Settings, screen: Screen, *, may_fetch: bool) -> None:
    """Raises SetupError for a model that is missing and can't, or mayn't, be fetched."""
    names = wanted_models(settings)
    catalogue = read_catalogue()
    lacking = [
        name
        for name in names
        if any(state is not FileState.OK for state in states(catalogue[name], settings.models_dir).values())
    ]
    if not lacking:
        return
    if not may_fetch:
        verified(lacking[0], settings.models_dir)
    # Imported here: the clients of the sources take longer to import than a warm start's whole check.
    from workers import fetch_models

    screen.say(f"Fetching models into {settings.models_dir}:")
    progress = fetch_models.Screen(screen.console)
    # Without a terminal the bars would be printed once, when all is done; the notes say enough.
    with progress.bars if screen.console.is_terminal else nullcontext():
        fetch_models.fetch(lacking, settings.models_dir, settings.models_bundle, report=progress.report)
