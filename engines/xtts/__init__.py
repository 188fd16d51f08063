"""XTTS v2: neural voices for English and Arabic on a GPU, cloned ones too. Opt-in: the weights are non-commercial."""
