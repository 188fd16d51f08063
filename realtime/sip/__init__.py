"""SIP: a user agent of this process answers phone calls, by baresip."""
