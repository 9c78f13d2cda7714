"""Data contracts (ODCS), and the checks that Great Expectations makes of them."""
