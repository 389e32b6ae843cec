"""Findings and outcome tables as text. Nothing here prints: every function returns or yields text."""
