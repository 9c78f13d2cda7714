"""A stand-in of Stripe's API: lists, retrieval, changes, and the events that tell of them."""
