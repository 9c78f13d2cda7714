"""What publishing to any CRM shares: fields, plan, apply, ledger, brake."""
