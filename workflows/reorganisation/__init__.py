"""What does an order about institutions and municipalities do to rights, and how is that done and undone?

Orders are read from a file (`order_files`), planned purely (`plan`) from what `reading` finds, and only then applied.
"""
