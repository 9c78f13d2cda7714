"""Opportunity: how likely a customer is to buy more seats or another product."""
