"""Words, decisions and ports of Hatif: pure, standard library only, and without a clock."""
