"""The keypad menu: what a caller can do while speech can't be recognised or made."""
