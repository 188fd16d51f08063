"""The live line: transport, vad, turn, asr, brain, tts, transport."""
