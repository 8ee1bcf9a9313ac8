"""What do tests and benchmarks build their cases from? It imports neither of them."""
