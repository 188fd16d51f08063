"""Days as a tenant counts them: the Hijri calendar, the plan of a day, and the words for dates and times."""
