"""The routes of the desk and of the supervisor's board."""
