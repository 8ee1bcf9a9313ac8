"""Pages of people who decide."""
