"""The whole life of suggestions, in Home Assistant with nothing replaced."""
