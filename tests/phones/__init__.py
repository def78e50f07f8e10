"""Phones with the companion app, as far as Home Assistant sees them."""
