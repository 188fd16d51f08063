"""What a line does while speech can't be recognised or made: the keypad menu."""
