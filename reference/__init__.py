"""The reference in docs/, written from what the integration tells Home Assistant."""
