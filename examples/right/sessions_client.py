"""Starts sessions and watches over them, as the documentation asks; compare ../wrong/sessions_client.py."""

# errlint: api=sessions

from __future__ import annotations

import random
import time
from typing import Any

import httpx

ATTEMPTS = 5
LONGEST_WAIT = 120.0  # seconds; where more is asked for, it is for the caller to wait
RATE_LIMITED = frozenset({429})
TEMPORARY = frozenset({429, 502, 503})


class SessionsError(Exception):
    """A request that was refused, or failed for good.

    Decide by `status` and `code`: the message may change. `request_id` is for the support, where there is one.
    """

    def __init__(self, status: int, code: str, message: str, request_id: str | None) -> None:
        super().__init__(f"{status} {code}: {message}" + (f" (request {request_id})" if request_id else ""))
        self.status = status
        self.code = code
        self.request_id = request_id


class SessionsClient:
    def __init__(self, api_key: str, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, headers={"x-api-key": api_key.strip()}, timeout=10)
        self.running: dict[str, str] = {}  # session id -> role id

    def _send(self, method: str, path: str, transient: frozenset[int], content: dict[str, str] | None = None) -> Any:
        for attempt in range(1, ATTEMPTS):
            response = self.http.request(method, path, json=content)
            if response.status_code not in transient:
                break
            wait = pause(response, attempt)
            if wait > LONGEST_WAIT:
                break
            time.sleep(wait)
        else:
            response = self.http.request(method, path, json=content)
        return checked(response)

    def start(self, role_id: str) -> Any:
        """Start a session. Only 429 is tried again: after any other failure the session may have started."""
        session = self._send("POST", "/sessions", RATE_LIMITED, {"role_id": role_id})
        self.running[session["id"]] = role_id
        return session

    def fetch(self, session_id: str) -> Any:
        return self._send("GET", f"/sessions/{session_id}", TEMPORARY)

    def rename(self, session_id: str, name: str) -> Any:
        return self._send("PUT", f"/sessions/{session_id}", TEMPORARY, {"name": name})

    def sweep(self) -> list[str]:
        """The sessions that the API does not know. That they are over is not said: the ids may be wrong."""
        unknown = []
        for session_id in self.running:
            try:
                self.fetch(session_id)
            except SessionsError as error:
                if error.status != 404:
                    raise
                unknown.append(session_id)
        return unknown


def checked(response: httpx.Response) -> Any:
    """The content of an answer; raises SessionsError for an error, which always has the documented body."""
    if response.is_error:
        error = response.json()["error"]
        request_id = error.get("details", {}).get("request_id")
        raise SessionsError(response.status_code, error["code"], error["message"], request_id)
    return response.json()


def pause(response: httpx.Response, attempt: int) -> float:
    """Seconds until the next attempt: growing, with jitter, and at least as long as a 429 says.

    It says so twice: Retry-After counts seconds, X-RateLimit-Reset is a Unix time.
    """
    backoff = 2.0**attempt + random.uniform(0, 1)
    try:
        return max(backoff, int(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        pass
    try:
        return max(backoff, int(response.headers["X-RateLimit-Reset"]) - time.time())
    except (KeyError, ValueError):
        return backoff
