"""Which files matter."""

from errlint.packs.locate import builtin_words
from errlint.syntax.prefilter import Prefilter


def test_a_word_anywhere() -> None:
    prefilter = Prefilter((b"requests", b"requests_toolbelt", b"urlopen"))
    assert prefilter.matters(b"import requests")
    assert prefilter.matters(b"from urllib.request import urlopen")
    assert not prefilter.matters(b"import os")
    assert not Prefilter(()).matters(b"import requests")


def test_the_words_of_the_packs() -> None:
    prefilter = Prefilter(builtin_words())
    assert prefilter.matters(b"import requests\n")
    assert not prefilter.matters(b"import os\n")
