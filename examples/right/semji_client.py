"""Keeps local drafts in step with Semji, as its documentation asks; compare ../wrong/semji_client.py."""

from __future__ import annotations

import random
import time
from typing import Any

import requests

BASE_URL = "https://api.semji.com/v1"
ATTEMPTS = 5
LONGEST_WAIT = 120.0  # seconds; the hourly limit may ask for more, and then it is for the caller to wait
RETRYABLE = frozenset({429, 500, 502, 503})
NOT_CARRIED_OUT = frozenset({429})


class SemjiError(Exception):
    """A request that was refused, or failed for good. Decide by `status` and `code`: the message may change."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class SemjiClient:
    def __init__(self, api_key: str, drafts: dict[str, dict[str, Any]], base_url: str = BASE_URL) -> None:
        self.base_url = base_url
        self.drafts = drafts  # content id -> {"title": ..., "body": ..., "version": ...}
        self.session = requests.Session()
        # A stray line break in the key, from a file say, is answered 401.
        self.session.headers["Authorization"] = f"Bearer {api_key.strip()}"

    def _send(self, method: str, path: str, retryable: frozenset[int], content: Any = None) -> Any:
        attempt = 1
        while True:
            response = self.session.request(method, self.base_url + path, json=content, timeout=10)
            wait = pause(response, attempt)
            if response.status_code not in retryable or attempt == ATTEMPTS or wait > LONGEST_WAIT:
                return checked(response)
            time.sleep(wait)
            attempt += 1

    def _get(self, path: str) -> Any:
        return self._send("GET", path, RETRYABLE)

    def me(self) -> Any:
        return self._get("/me")

    def contents(self, workspace_id: str) -> Any:
        return self._get(f"/workspaces/{workspace_id}/contents")["items"]

    def pull(self, content_id: str) -> dict[str, Any] | None:
        """Fetch a content into the local drafts; None if it cannot be seen, and then the draft stays.

        A content in a workspace that the key has no access to is answered 404 as well.
        """
        try:
            content: dict[str, Any] = self._get(f"/contents/{content_id}")
        except SemjiError as error:
            if error.status == 404:
                return None
            raise
        self.drafts[content_id] = content
        return content

    def push(self, content_id: str) -> None:
        """Send a local draft. What others have saved meanwhile is kept, title and body excepted."""
        draft = self.drafts[content_id]
        for _ in range(3):
            try:
                self.drafts[content_id] = self._send("PUT", f"/contents/{content_id}", RETRYABLE, draft)
                return
            except SemjiError as error:
                if error.status != 409:
                    raise
            # Another version is there: read it, apply the changes to it, and send the version that was read.
            draft = {**self._get(f"/contents/{content_id}"), "title": draft["title"], "body": draft["body"]}
        raise SemjiError(409, "conflict", f"{content_id} changes faster than it can be saved")

    def publish(self, content_id: str) -> None:
        """Publish a content. The error of a 422 names the field that is wrong, for the user to read.

        After a server error it may have been published already, so only a 429 is tried again.
        """
        self._send("POST", f"/contents/{content_id}/publish", NOT_CARRIED_OUT)


def checked(response: requests.Response) -> Any:
    """The content of an answer; raises SemjiError for an error, which always has the documented body."""
    if response.status_code >= 400:
        error = response.json()["error"]
        raise SemjiError(response.status_code, error["code"], error["message"])
    return response.json()


def pause(response: requests.Response, attempt: int) -> float:
    """Seconds until the next attempt: growing, with jitter, and at least as long as Retry-After says."""
    try:
        asked = float(int(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        # Only a 429 is sure to have it; elsewhere it may even be a date.
        asked = 0.0
    return max(2.0**attempt, asked) + random.uniform(0, 1)
