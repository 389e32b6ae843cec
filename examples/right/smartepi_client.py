"""Mirrors the employees of SmartEPI in a local database, as its documentation asks.

Compare ../wrong/smartepi_client.py.
"""

# errlint: api=smartepi

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

import httpx

ATTEMPTS = 5
LONGEST_WAIT = 60.0
ACTIVATION = 60.0  # seconds that a new key takes
APPLICATION_ERRORS = {400, 404, 405, 409, 422, 500}
CONFLICT = "urn:smartepi:error:conflict"
DUPLICATE_NAME = "urn:smartepi:error:duplicate_name"


class SmartEpiError(Exception):
    """A request that was refused, or failed for good. `urn` says why; it is "" where the gateway refused."""

    def __init__(self, status: int, urn: str = "", detail: str = "", request_id: str | None = None) -> None:
        super().__init__(f"{status} {urn} {detail}" + (f" (request {request_id})" if request_id else ""))
        self.status = status
        self.urn = urn


class KeyRefused(SmartEpiError):
    """The key or the address was refused, or the key is less than a minute old: the answers do not differ."""


class NameTaken(SmartEpiError):
    pass


class SmartEpiClient:
    def __init__(self, api_key: str, db: sqlite3.Connection, base_url: str) -> None:
        self.db = db  # table employees(id, name, version)
        headers = {"Authorization": f"Bearer {api_key.strip()}"}
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=10)

    def check_key(self, new: bool = False) -> None:
        """Raises KeyRefused if the key cannot be used. A new key gets its minute to become active."""
        try:
            checked(self.http.get("/employees", params={"limit": 1}))
        except KeyRefused:
            if not new:
                raise
            time.sleep(ACTIVATION)
            checked(self.http.get("/employees", params={"limit": 1}))

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        for attempt in range(ATTEMPTS):
            response = self.http.get(path, params=params)
            if response.status_code not in (429, 500) or attempt == ATTEMPTS - 1:
                return checked(response)
            # The burst throttle sends no Retry-After: the schedule is our own.
            time.sleep(min(2**attempt, LONGEST_WAIT) + random.uniform(0, 1))
        raise AssertionError("the last attempt returns or raises")

    def employees(self) -> list[Any]:
        page = self._get("/employees")
        items = list(page["items"])
        while page.get("next") is not None:
            page = self._get("/employees", {"cursor": page["next"]})
            items += page["items"]
        return items

    def sync(self, employee_id: str) -> bool:
        """Bring the local row up to date; False if the employee cannot be seen, and then the row stays.

        404 does not tell whether the record is gone or no longer accessible to this key.
        """
        try:
            employee = self._get(f"/employees/{employee_id}")
        except SmartEpiError as error:
            if error.status == 404:
                return False
            raise
        self.db.execute(
            "INSERT OR REPLACE INTO employees VALUES (?, ?, ?)",
            (employee_id, employee["name"], employee["_version"]),
        )
        return True

    def rename(self, employee_id: str, name: str) -> Any:
        """Rename an employee, over whatever version is the current one."""
        for _ in range(3):
            version = self._get(f"/employees/{employee_id}")["_version"]
            try:
                return checked(self.http.put(f"/employees/{employee_id}", json={"name": name, "_version": version}))
            except SmartEpiError as error:
                if error.urn != CONFLICT:
                    raise
        raise SmartEpiError(409, CONFLICT, f"{employee_id} changes faster than it can be renamed")


def checked(response: httpx.Response) -> Any:
    """The content of an answer. The gateway's refusals have other bodies than the application's errors."""
    if response.is_success:
        return response.json()
    if response.status_code == 403:
        raise KeyRefused(403)
    if response.status_code not in APPLICATION_ERRORS:
        raise SmartEpiError(response.status_code)
    problem = response.json()
    kind = NameTaken if problem["type"] == DUPLICATE_NAME else SmartEpiError
    raise kind(response.status_code, problem["type"], problem["detail"], response.headers.get("X-Request-Id"))
