"""Sessions that repeat requests by themselves."""

from .draft import Draft, Lines, suite
from .features import Row

FORCELISTS = ("(429, 500, 502, 503, 504)", "[502, 503, 504]", "{429, 503}", "range(500, 600)")


def session_factory(draft: Draft, row: Row) -> str:
    """An expression that makes the session; its function is added to the program."""
    if row["loop"] == "transport_retries":
        draft.use("import httpx")
        return f"httpx.Client(transport=httpx.HTTPTransport(retries={draft.pick('1', '2', '3')}))"
    draft.use("import requests", "from requests.adapters import HTTPAdapter")
    body = ["session = requests.Session()", *_adapter(draft, row)]
    mounts = draft.pick(("http://", "https://"), ("http://", "https://"), ("http://",), ("https://",))
    body += [f'session.mount("{prefix}", adapter)' for prefix in mounts]
    draft.define(suite("def make_session():", [*body, "return session"]))
    return "make_session()"


def _adapter(draft: Draft, row: Row) -> Lines:
    if row["loop"] == "adapter_number":
        return [f"adapter = HTTPAdapter(max_retries={draft.pick('1', '2', '3')})"]
    draft.use("from urllib3.util.retry import Retry")
    # Where a loop stands around the session, its attempts are multiplied.
    total = draft.pick("2", "3", "4") if row["loop"] == "adapter" else "1"
    options = [f"total={total}"]
    if row["wait"] == "exponential":
        options.append("backoff_factor=0.5")
    options.append(f"status_forcelist={draft.rng.choice(FORCELISTS)}")
    options += draft.pick(
        [], [], ['allowed_methods={"GET", "POST"}'], ["allowed_methods=None"], ['allowed_methods=["GET", "PUT"]']
    )
    options += draft.pick([], ["raise_on_status=False"])
    if draft.chance(0.15):
        options.append("respect_retry_after_header=False")
    return [f"retries = Retry({', '.join(options)})", "adapter = HTTPAdapter(max_retries=retries)"]
