"""How the other processes reach the knowledge process."""

from __future__ import annotations

import secrets
from pathlib import Path

from engines.retrieval.remote import RemoteKnowledge
from storage.secret_files import read_or_make
from workers.settings import Settings


def knowledge_token(keys_dir: Path) -> str:
    """What opens the knowledge process, made at first need. Raises SetupError."""
    token, _ = read_or_make(keys_dir / "knowledge.token", lambda: secrets.token_urlsafe(32).encode())
    return token.decode()


def knowledge_of(settings: Settings) -> RemoteKnowledge:
    """Raises SetupError."""
    return RemoteKnowledge(settings.knowledge_url, knowledge_token(settings.keys_dir))
