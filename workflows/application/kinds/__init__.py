"""What may be applied for? One folder a kind: what it states, its rules, who signs what, and what approving it does."""
