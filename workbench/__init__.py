"""What helps people build, try, check and operate the connector; nothing of it is deployed."""
