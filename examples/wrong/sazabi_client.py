"""Sends events to Sazabi and mirrors its threads.

Written after a glance at the documentation. The lines marked `expect` are wrong: compare
../right/sazabi_client.py, which does the same as the documentation asks.
"""

import requests
from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_fixed,
    wait_random_exponential,
)


class SazabiError(Exception):
    pass


class Busy(SazabiError):
    """The API asked for patience."""


class SazabiClient:
    def __init__(self, public_key, secret_key, base_url):
        self.base_url = base_url
        self.intake_headers = {"x-sazabi-key": public_key}
        self.headers = {"x-sazabi-secret-key": secret_key}
        self.threads = {}  # thread id -> thread

    @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=30), reraise=True)  # expect: ERR101
    def list_threads(self):
        response = requests.get(f"{self.base_url}/threads", headers=self.headers, timeout=10)
        response.raise_for_status()
        return response.json()["data"]

    @retry(retry=retry_if_exception_type(Busy), wait=wait_random_exponential(max=60))  # expect: ERR102
    def send(self, event):
        response = requests.put(
            f"{self.base_url}/intake/{event['id']}", json=event, headers=self.intake_headers, timeout=10
        )
        if response.status_code in (429, 500, 503):
            raise Busy(response.status_code)
        if not response.ok:
            raise SazabiError(response.json()["error"]["code"])

    @retry(retry=retry_if_exception_type(Busy), stop=stop_after_attempt(6), wait=wait_fixed(2))  # expect: ERR104
    def get_thread(self, thread_id):
        response = requests.get(f"{self.base_url}/threads/{thread_id}", headers=self.headers, timeout=10)
        if response.status_code in (429, 500, 503):
            raise Busy(response.status_code)
        if not response.ok:
            raise SazabiError(response.json()["error"]["code"])
        return response.json()["data"]

    def mirror(self, thread_id):
        """Bring the local copy of a thread up to date."""
        response = requests.get(f"{self.base_url}/threads/{thread_id}", headers=self.headers, timeout=10)
        if response.status_code == 404:  # expect: ERR402
            self.threads.pop(thread_id, None)
            return None
        response.raise_for_status()
        self.threads[thread_id] = response.json()["data"]
        return self.threads[thread_id]

    def create_thread(self, thread_id, content):
        response = requests.post(
            f"{self.base_url}/threads", json={"id": thread_id, "content": content}, headers=self.headers, timeout=10
        )
        if response.status_code == 409:
            if "already exists" in response.json()["error"]["message"]:  # expect: ERR301
                return self.update_thread(thread_id, content)
            raise SazabiError("conflict")
        response.raise_for_status()
        return response.json()["data"]

    def update_thread(self, thread_id, content):
        response = requests.put(
            f"{self.base_url}/threads/{thread_id}", json={"content": content}, headers=self.headers, timeout=10
        )
        response.raise_for_status()
        return response.json()["data"]
