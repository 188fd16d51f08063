"""The desk: the people who take calls over, the queues in which callers wait for them, and what is owed to callers."""
