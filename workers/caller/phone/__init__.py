"""A headless phone: it places a real SIP call, records it, and measures from the waveform what it hears."""
