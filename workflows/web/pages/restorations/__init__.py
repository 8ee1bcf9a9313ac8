"""Pages on which rights that a reform took are asked for, confirmed and restored."""
