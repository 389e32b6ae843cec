"""errlint follows HTTP statuses through Python client code and reports where errors are handled wrongly."""

__version__ = "0.1.0"
