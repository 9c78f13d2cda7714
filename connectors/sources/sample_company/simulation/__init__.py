"""The simulated company: who its customers are, what moves them, and what each system records."""
