"""What must survive a restart: subscriptions, events, deliveries, idempotency records."""
