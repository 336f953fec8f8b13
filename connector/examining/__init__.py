"""What a site offers of everything that the connector can do: found out by reading, without changing anything there."""
