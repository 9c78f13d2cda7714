"""Publishes to HubSpot through its own client, hubspot-api-client."""
