"""Stand-in of Salesforce's REST, Tooling and login APIs, after the vendor's documentation."""
