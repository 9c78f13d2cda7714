"""The copilot's own fields on Salesforce accounts, and nothing else there."""
