"""Settings of one start: the environment, overruled by what stood on the command line, in one sentence when wrong."""

from __future__ import annotations

import os
from typing import Any

from pydantic import SecretStr, ValidationError

from domain.errors import SetupError
from workers.settings import Settings
from workers.tuning import kept

PREFIX = "HATIF_"
_PATHS = (
    "data_dir",
    "models_dir",
    "models_bundle",
    "tls_cert",
    "tls_key",
    "speech_ca",
    "xtts_model",
    "sip_tls_cert",
    "sip_tls_key",
    "sip_ca",
)


def load_settings(**overrides: Any) -> Settings:
    """None means "not said"; the profile is then the one that `hatif tune` kept.

    Raises SetupError that names the setting, without its value.
    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SetupError(f"{name} can't be used: {first['msg'].lower()}.") from None
    paths = {name: path.expanduser().absolute() for name in _PATHS if (path := getattr(settings, name)) is not None}
    settings = settings.model_copy(update=paths)
    if "profile" not in settings.model_fields_set and (tuned := kept.read(settings.data_dir)) is not None:
        return load_settings(**overrides, profile=tuned.profile)
    return settings


def as_environment(settings: Settings) -> dict[str, str]:
    """The same settings for a child process."""
    environment: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            environment[PREFIX + name.upper()] = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
    return environment


def stray_settings() -> list[str]:
    """Environment variables that look like ours and are none: usually a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "DEBUG"}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
