"""The shape of every JSON body: exact types, no field that we don't know, and whole characters only."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, model_validator


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, data: Any) -> Any:
        """JSON can escape half a character, which neither UTF-8 nor Postgres can hold."""
        if isinstance(data, dict):
            for value in cast("dict[Any, Any]", data).values():
                if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
                    raise ValueError("a string holds half of a surrogate pair")
        return cast("Any", data)
