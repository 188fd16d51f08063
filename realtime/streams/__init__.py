"""Phone legs that a telephony service brings over WebSocket: Twilio's Media Streams and Plivo's audio streams."""
