"""Sets automations up in Home Assistant, and takes them back: the only writer of it."""
