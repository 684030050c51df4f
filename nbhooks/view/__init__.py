"""When, what and where to draw; knows no hook and no event file."""
