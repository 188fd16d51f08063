"""How much work an answer is given, and how long it may take."""
