"""All that touches text and libcst's shapes: which files matter, parsing, positions, suppressions, edits."""
