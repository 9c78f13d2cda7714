"""A local stand-in of Slack: the part of its Web API that posts and reads messages."""
