"""Sends events to Sazabi and mirrors its threads, as its documentation asks; compare ../wrong/sazabi_client.py."""

from __future__ import annotations

from typing import Any

import requests
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_random_exponential

LONGEST_WAIT = 120.0  # seconds; where more is asked for, it is for the caller to wait
TRANSIENT = {429, 500, 503}

BACKOFF = wait_random_exponential(min=1, max=60)


class SazabiError(Exception):
    """A request that was refused, or failed for good. Decide by `status` and `code`: the message may change."""

    def __init__(self, status: int, code: str, message: str, retry_after: float = 0.0) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


def is_transient(error: BaseException) -> bool:
    return isinstance(error, SazabiError) and error.status in TRANSIENT and error.retry_after <= LONGEST_WAIT


def pause(state: RetryCallState) -> float:
    """Growing waits with jitter, and at least as long as the API asks for."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after if isinstance(error, SazabiError) else 0.0
    return max(BACKOFF(state), asked)


patiently = retry(retry=retry_if_exception(is_transient), stop=stop_after_attempt(5), wait=pause, reraise=True)


class SazabiClient:
    def __init__(self, public_key: str, secret_key: str, base_url: str) -> None:
        self.base_url = base_url
        # Public keys are for intake only, everything else wants the secret one.
        self.intake_headers = {"x-sazabi-key": public_key.strip()}
        self.headers = {"x-sazabi-secret-key": secret_key.strip()}
        self.threads: dict[str, Any] = {}  # thread id -> thread

    @patiently
    def list_threads(self) -> Any:
        return data_of(requests.get(f"{self.base_url}/threads", headers=self.headers, timeout=10))

    @patiently
    def send(self, event: dict[str, Any]) -> None:
        url = f"{self.base_url}/intake/{event['id']}"
        data_of(requests.put(url, json=event, headers=self.intake_headers, timeout=10))

    @patiently
    def get_thread(self, thread_id: str) -> Any:
        return data_of(requests.get(f"{self.base_url}/threads/{thread_id}", headers=self.headers, timeout=10))

    def mirror(self, thread_id: str) -> Any:
        """Bring the local copy up to date; None if the thread cannot be seen, and then the copy stays.

        It may be deleted, or the key may have lost access: the answer is the same.
        """
        try:
            thread = self.get_thread(thread_id)
        except SazabiError as error:
            if error.status == 404:
                return None
            raise
        self.threads[thread_id] = thread
        return thread

    def create_thread(self, thread_id: str, content: str) -> Any:
        """Create a thread, or update the one that exists. Not repeated: a failure may come after the creation."""
        body = {"id": thread_id, "content": content}
        try:
            return data_of(requests.post(f"{self.base_url}/threads", json=body, headers=self.headers, timeout=10))
        except SazabiError as error:
            if error.code == "already_exists":
                return self.update_thread(thread_id, content)
            raise

    @patiently
    def update_thread(self, thread_id: str, content: str) -> Any:
        url = f"{self.base_url}/threads/{thread_id}"
        return data_of(requests.put(url, json={"content": content}, headers=self.headers, timeout=10))


def data_of(response: requests.Response) -> Any:
    """The data of an answer; raises SazabiError for an error, which a 2xx may hold as well."""
    if response.ok:
        body = response.json()
        error = body.get("error")
        if error is None:
            return body["data"]
    else:
        error = response.json()["error"]
    try:
        retry_after = float(int(response.headers.get("Retry-After", "0")))
    except ValueError:
        retry_after = 0.0
    raise SazabiError(response.status_code, error["code"], error["message"], retry_after)
