"""Local stand-ins of the vendors' APIs over real HTTP, for the synthetic company and for tests."""
