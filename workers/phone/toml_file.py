"""TOML files that a setting names, and the secrets in other files that they refer to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import SetupError


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Form = TypeVar("Form", bound=Strict)


def read_file(setting: str, file: Path, form: type[Form]) -> Form:
    """Raises SetupError, which begins with the setting's name."""
    try:
        return form.model_validate(tomllib.loads(file.read_text()))
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{setting}: {file} can't be read.") from error
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{setting}: {file} is not TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SetupError(f"{setting}: {file}, {where}: {first['msg']}.") from error


def read_secret(file: Path, whose: str) -> str:
    """Without its last line break. Raises SetupError where it can't be read, is empty, or holds several lines."""
    try:
        secret = file.read_text().removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"The password of {whose} can't be read.") from error
    if not secret or not secret.isprintable():
        raise SetupError(f"The password of {whose} is empty, or has several lines.")
    return secret
