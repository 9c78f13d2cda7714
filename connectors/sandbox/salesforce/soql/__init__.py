"""SOQL: the part of Salesforce's query language that clients of this stand-in need."""
