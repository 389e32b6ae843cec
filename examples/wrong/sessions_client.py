"""Starts sessions and watches over them.

Written after a glance at the documentation. The lines marked `expect` are wrong: compare
../right/sessions_client.py, which does the same as the documentation asks.
"""

# errlint: api=sessions

import random
import time

import httpx


class SessionsClient:
    def __init__(self, api_key, base_url):
        self.http = httpx.Client(base_url=base_url, headers={"x-api-key": api_key}, timeout=10)
        self.running = {}  # session id -> role id

    def start(self, role_id):
        """Start a session: it has to work, so keep trying."""
        delay = 1
        while True:  # expect: ERR102
            response = self.http.post("/sessions", json={"role_id": role_id})
            if response.status_code == "429":  # expect: ERR403
                time.sleep(60)
                continue
            if response.status_code >= 500:
                time.sleep(delay + random.random())
                delay = min(delay * 2, 60)
                continue
            response.raise_for_status()
            session = response.json()
            self.running[session["id"]] = role_id
            return session

    def fetch(self, session_id):
        for _ in range(5):
            try:
                response = self.http.get(f"/sessions/{session_id}")
                response.raise_for_status()
                return response.json()
            except httpx.HTTPStatusError as error:
                if "Too Many Requests" in str(error):  # expect: ERR302
                    time.sleep(int(error.response.headers["X-RateLimit-Reset"]))
                    continue
                if error.response.status_code in (502, 503):  # expect: ERR103
                    continue
                raise
        raise RuntimeError(f"session {session_id} cannot be fetched")

    def sweep(self):
        """Forget the sessions that are over."""
        for session_id in list(self.running):
            response = self.http.get(f"/sessions/{session_id}")
            if response.status_code == 404:  # expect: ERR402
                del self.running[session_id]
            elif response.is_error:
                raise RuntimeError(f"session {session_id}: {response.status_code}")

    def rename(self, session_id, name):
        for attempt in range(5):
            response = self.http.put(f"/sessions/{session_id}", json={"name": name})
            if response.is_error:  # expect: ERR101
                time.sleep(2**attempt + random.random())
                continue
            return response.json()
        raise RuntimeError(f"session {session_id} cannot be renamed: {response.json()['error']['message']}")
