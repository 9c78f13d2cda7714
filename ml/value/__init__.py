"""Renewals and value: what each renewal should bring, and what a customer is worth."""
