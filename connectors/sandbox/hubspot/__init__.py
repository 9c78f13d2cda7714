"""Stand-in of HubSpot's CRM API, after the vendor's documentation."""
