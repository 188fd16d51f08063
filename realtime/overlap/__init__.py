"""When both speak: how loud the agent is meanwhile, and whether the other one is only its own echo."""
