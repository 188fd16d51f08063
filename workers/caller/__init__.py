"""A headless caller: it places a real WebRTC call through the gateway, records it, and measures what it hears."""

from workers.caller.audio_file import MAX_CLIP_S, read_clip
from workers.caller.caller import Caller
from workers.caller.exchange import Event, Exchange
from workers.caller.report import CallReport, TurnReport

__all__ = ["MAX_CLIP_S", "CallReport", "Caller", "Event", "Exchange", "TurnReport", "read_clip"]
