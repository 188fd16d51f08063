"""What every process of Hatif does alike: how it begins, says that it is ready, listens, logs and ends."""
