"""Which kinds of file are varied? One module for each family."""
