"""Files into blocks of text, one format a module; run apart, because files are written by strangers."""
