"""Makes the integration importable by the tests and the benches."""
