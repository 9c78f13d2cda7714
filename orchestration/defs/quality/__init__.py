"""Blocking checks: nothing leaves the house after one of them failed."""
