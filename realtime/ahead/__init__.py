"""Work that begins before a turn has ended, and that nobody ever hears of when the caller goes on."""
