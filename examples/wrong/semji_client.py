"""Keeps local drafts in step with Semji.

Written after a glance at the documentation. The lines marked `expect` are wrong: compare
../right/semji_client.py, which does the same as the documentation asks.
"""

import random
import time

import requests

BASE_URL = "https://api.semji.com/v1"


class SemjiError(Exception):
    pass


class SemjiClient:
    def __init__(self, api_key, drafts, base_url=BASE_URL):
        self.base_url = base_url
        self.drafts = drafts  # content id -> {"title": ..., "body": ..., "version": ...}
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {api_key}"

    def _get(self, path):
        for attempt in range(5):
            try:
                response = self.session.get(self.base_url + path, timeout=10)
                response.raise_for_status()
                return response.json()
            except requests.RequestException:  # expect: ERR101
                if attempt < 4:
                    time.sleep(2**attempt + random.uniform(0, 1))
        raise SemjiError(f"GET {path} failed 5 times")

    def me(self):
        return self._get("/me")

    def contents(self, workspace_id):
        return self._get(f"/workspaces/{workspace_id}/contents")["items"]

    def pull(self, content_id):
        """Fetch a content into the local drafts."""
        response = self.session.get(f"{self.base_url}/contents/{content_id}", timeout=10)
        if response.status_code == 404:  # expect: ERR402
            self.drafts.pop(content_id, None)
            return None
        response.raise_for_status()
        self.drafts[content_id] = response.json()
        return self.drafts[content_id]

    def push(self, content_id):
        """Send a local draft."""
        draft = self.drafts[content_id]
        for attempt in range(4):
            response = self.session.put(f"{self.base_url}/contents/{content_id}", json=draft, timeout=10)
            if response.status_code in (429, 503):
                wait = response.headers["Retry-After"]  # expect: ERR201
                time.sleep(int(wait))  # expect: ERR202
                continue
            if response.status_code == 409:
                # Somebody else is saving, try again.
                time.sleep(2**attempt)
                continue
            response.raise_for_status()
            self.drafts[content_id] = response.json()
            return True
        raise SemjiError(f"could not save {content_id}")

    def publish(self, content_id):
        response = self.session.post(f"{self.base_url}/contents/{content_id}/publish", timeout=10)
        if response.status_code == 422:
            message = response.json()["error"]["message"]
            if "at least 1 character" in message:  # expect: ERR301
                return "empty title"
        if response.status_code >= 400:
            raise SemjiError(f"could not publish {content_id}: {response.status_code}")
        return "published"
