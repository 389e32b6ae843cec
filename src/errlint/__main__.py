"""`python -m errlint` is the `errlint` command."""

from errlint.cli import main

if __name__ == "__main__":
    main(prog_name="errlint")
