"""Text, and libcst's shapes."""
