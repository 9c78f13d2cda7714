"""A stand-in of Zendesk Support: lists, incremental exports, changes, and the audits they leave."""
