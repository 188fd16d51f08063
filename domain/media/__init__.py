"""What is done with the voices of a call: who hears whom, and what is kept of them."""
