"""What to answer: policy before and after the model, topics by likeness, and the words that are said."""
