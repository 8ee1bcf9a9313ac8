"""Pages of people who lost their password."""
