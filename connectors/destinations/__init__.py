"""Reverse ETL: what the copilot knows, written where people already work."""
