"""From event logs to ratings on a grid, responder rates and agreement among viewers."""
