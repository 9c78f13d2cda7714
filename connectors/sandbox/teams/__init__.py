"""A local stand-in of the webhook of a Microsoft Teams workflow."""
