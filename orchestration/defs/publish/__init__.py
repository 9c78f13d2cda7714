"""What leaves for the CRM."""
