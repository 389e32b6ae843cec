"""Which files matter: most never touch HTTP, and a search of their bytes says so before anything is parsed."""

from __future__ import annotations

from collections.abc import Iterable


class Prefilter:
    """Looks for the words of packs, one of which stands in every file that a pack concerns."""

    def __init__(self, words: Iterable[bytes]) -> None:
        shortest = sorted(set(words), key=lambda word: (len(word), word))
        self._words: list[bytes] = []
        for word in shortest:
            # A word that holds another one is found with it.
            if not any(known in word for known in self._words):
                self._words.append(word)

    def matters(self, data: bytes) -> bool:
        """Whether a file with these bytes may concern a pack."""
        return any(word in data for word in self._words)
