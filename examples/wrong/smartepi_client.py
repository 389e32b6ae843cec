"""Mirrors the employees of SmartEPI in a local database.

Written after a glance at the documentation. The lines marked `expect` are wrong: compare
../right/smartepi_client.py, which does the same as the documentation asks.
"""

# errlint: api=smartepi

import time

import httpx


class SmartEpiError(Exception):
    pass


class KeyNotActive(SmartEpiError):
    pass


class NameTaken(SmartEpiError):
    pass


class SmartEpiClient:
    def __init__(self, api_key, db, base_url):
        self.db = db  # sqlite3, table employees(id, name, version)
        self.http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {api_key}"}, timeout=10)

    def check_key(self):
        response = self.http.get("/employees", params={"limit": 1})
        if response.status_code == 403:
            if "explicit deny" in response.json()["Message"]:  # expect: ERR301
                raise KeyNotActive("wait a minute and try again")
            raise SmartEpiError("this address is not allowed")
        return response.is_success

    def _get(self, path):
        """GET, waiting out the rate limit."""
        for _ in range(5):
            response = self.http.get(path)
            if response.status_code == 429:
                wait = response.headers["Retry-After"]  # expect: ERR201
                time.sleep(int(wait))  # expect: ERR202
                continue
            if response.is_error:
                raise SmartEpiError(response.json()["detail"])
            return response.json()
        raise SmartEpiError("rate limited")

    def employees(self):
        items, cursor = [], None
        while True:
            page = self._get("/employees" if cursor is None else f"/employees?cursor={cursor}")
            items += page["items"]
            cursor = page.get("next")
            if cursor is None:
                return items

    def sync(self, employee_id):
        """Bring the local row up to date."""
        response = self.http.get(f"/employees/{employee_id}")
        if response.status_code == 404:  # expect: ERR402
            self.db.execute("DELETE FROM employees WHERE id = ?", (employee_id,))
            return
        response.raise_for_status()
        employee = response.json()
        self.db.execute(
            "INSERT OR REPLACE INTO employees VALUES (?, ?, ?)",
            (employee_id, employee["name"], employee["_version"]),
        )

    def rename(self, employee_id, name, version):
        for attempt in range(5):
            response = self.http.put(f"/employees/{employee_id}", json={"name": name, "_version": version})
            if response.status_code == 409:
                problem = response.json()
                if problem["title"] == "Duplicate name":  # expect: ERR301
                    raise NameTaken(name)
                raise SmartEpiError("somebody else has changed it")
            if response.status_code == 500 and attempt < 4:
                time.sleep(3)  # expect: ERR104
                continue
            response.raise_for_status()
            return response.json()
        raise SmartEpiError("server error")
