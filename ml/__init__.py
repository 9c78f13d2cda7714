"""Churn and opportunity: learning from the features, judging what was learnt, scoring."""
