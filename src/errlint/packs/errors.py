"""What is raised about packs, apart from what reads them so that catching it costs nothing."""


class PackError(Exception):
    """A pack that cannot be used; the text is one line that names the file, the key and the remedy."""
