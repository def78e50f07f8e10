"""Open measures of the miner, the store and the ingest. Run with `scripts/bench`."""
