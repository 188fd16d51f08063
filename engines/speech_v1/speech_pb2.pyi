from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Description(_message.Message):
    __slots__ = ("languages", "missing", "hears", "clones")
    class MissingEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    HEARS_FIELD_NUMBER: _ClassVar[int]
    CLONES_FIELD_NUMBER: _ClassVar[int]
    languages: _containers.RepeatedScalarFieldContainer[str]
    missing: _containers.ScalarMap[str, str]
    hears: bool
    clones: bool
    def __init__(self, languages: _Optional[_Iterable[str]] = ..., missing: _Optional[_Mapping[str, str]] = ..., hears: _Optional[bool] = ..., clones: _Optional[bool] = ...) -> None: ...

class Clause(_message.Message):
    __slots__ = ("text", "language", "voice")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    voice: str
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., voice: _Optional[str] = ...) -> None: ...

class Audio(_message.Message):
    __slots__ = ("pcm", "sample_rate_hz")
    PCM_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    pcm: bytes
    sample_rate_hz: int
    def __init__(self, pcm: _Optional[bytes] = ..., sample_rate_hz: _Optional[int] = ...) -> None: ...

class Sample(_message.Message):
    __slots__ = ("voice", "pcm", "sample_rate_hz")
    VOICE_FIELD_NUMBER: _ClassVar[int]
    PCM_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    voice: str
    pcm: bytes
    sample_rate_hz: int
    def __init__(self, voice: _Optional[str] = ..., pcm: _Optional[bytes] = ..., sample_rate_hz: _Optional[int] = ...) -> None: ...

class Learnt(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Utterance(_message.Message):
    __slots__ = ("pcm", "sample_rate_hz", "language")
    PCM_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    pcm: bytes
    sample_rate_hz: int
    language: str
    def __init__(self, pcm: _Optional[bytes] = ..., sample_rate_hz: _Optional[int] = ..., language: _Optional[str] = ...) -> None: ...

class Words(_message.Message):
    __slots__ = ("text", "language", "language_confidence", "confidence")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    language_confidence: float
    confidence: float
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., language_confidence: _Optional[float] = ..., confidence: _Optional[float] = ...) -> None: ...
