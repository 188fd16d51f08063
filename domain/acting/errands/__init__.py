"""What a caller has done by the agent in more than one turn: what is still missing is asked for, then it is one act."""
