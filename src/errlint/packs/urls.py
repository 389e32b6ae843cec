"""Whether a URL is one of an API's."""

from __future__ import annotations

from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}


def is_below(url: str, base: str) -> bool:
    """Whether `url` is `base`, or a path or query below it.

    `url` may end early, where the code goes on with something unknown: what is known must then reach the end of `base`.
    """
    url, base = canonical(url), canonical(base).rstrip("/")
    return url == base or (url.startswith(base) and url[len(base)] in "/?#")


def canonical(url: str) -> str:
    """The URL with scheme and host in lower case, without the port that goes without saying (RFC 3986, 6.2).

    What is no URL comes back as it is.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    shown = "" if port is None or port == _USUAL_PORTS.get(parts.scheme) else f":{port}"
    return parts._replace(netloc=(parts.hostname or "") + shown).geturl()
