"""The APIs that errlint has contracts of, played by a local server; and the pages about them, run against it."""
