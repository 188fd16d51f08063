"""Conversations in writing: over SMS and WhatsApp, with the same agent and the same desk as a call."""
