"""Manages SEOGEO projects and their audits, as its documentation asks; compare ../wrong/seogeo_client.py."""

from __future__ import annotations

import random
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

BASE_URL = "https://seogeo.tools/api/public/v1"
ATTEMPTS = 4
LONGEST_WAIT = 60.0


class SeogeoError(Exception):
    """A request that was refused, or failed for good.

    Decide by `code`: the message is for people. `request_id` is for the support.
    """

    def __init__(self, status: int, code: str, message: str, request_id: str) -> None:
        super().__init__(f"{code}: {message} (request {request_id})")
        self.status = status
        self.code = code
        self.request_id = request_id


class BadKey(SeogeoError):
    """The key is missing or not valid, or lacks a scope: another one is needed."""


def make_session(api_key: str) -> requests.Session:
    """A session that reads patiently. What a client could do about other statuses is not documented."""
    retries = Retry(
        total=ATTEMPTS,
        backoff_factor=1,
        backoff_jitter=1,
        retry_after_max=60,
        status_forcelist=[429, 500, 502, 503, 504],
        allowed_methods=["GET"],
        raise_on_status=False,
    )
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retries))
    session.mount("http://", HTTPAdapter(max_retries=retries))
    session.headers["Authorization"] = f"Bearer {api_key.strip()}"
    return session


class SeogeoClient:
    def __init__(self, api_key: str, base_url: str = BASE_URL) -> None:
        self.base_url = base_url
        self.session = make_session(api_key)

    def projects(self) -> Any:
        return checked(self.session.get(f"{self.base_url}/projects", timeout=10))["projects"]

    def project(self, project_id: str) -> Any:
        """A project; None if there is none that this key can see, which does not mean that it was deleted."""
        response = self.session.get(f"{self.base_url}/projects/{project_id}", timeout=10)
        if response.status_code == 404:
            return None
        return checked(response)

    def create_project(self, name: str) -> Any:
        return checked(self.session.post(f"{self.base_url}/projects", json={"name": name}, timeout=10))

    def audit(self, project_id: str) -> Any:
        """Order an audit. Only 429 is tried again: after any other failure it may have been ordered."""
        attempt = 1
        response = self.session.post(f"{self.base_url}/projects/{project_id}/audits", timeout=10)
        while response.status_code == 429 and attempt < ATTEMPTS:
            time.sleep(pause(response, attempt))
            attempt += 1
            response = self.session.post(f"{self.base_url}/projects/{project_id}/audits", timeout=10)
        return checked(response)


def pause(response: requests.Response, attempt: int) -> float:
    """Seconds until the next attempt. A Retry-After is not documented, so it may be missing, or be a date."""
    asked = response.headers.get("Retry-After", "")
    seconds = int(asked) if asked.isdecimal() else 0
    return min(max(float(seconds), 2.0**attempt) + random.uniform(0, 1), LONGEST_WAIT)


def checked(response: requests.Response) -> Any:
    """The content of an answer; raises SeogeoError for an error.

    The documented errors have the documented body; what a proxy on the way answers need not.
    """
    if response.ok:
        return response.json()
    try:
        error = response.json()["error"]
        code, message, request_id = error["code"], error["message"], error["requestId"]
    except (ValueError, KeyError, TypeError):
        code, message, request_id = "", response.reason, "unknown"
    kind = BadKey if response.status_code in (401, 403) else SeogeoError
    raise kind(response.status_code, code, message, request_id)
