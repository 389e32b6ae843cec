"""Manages SEOGEO projects and their audits.

Written after a glance at the documentation. The lines marked `expect` are wrong: compare
../right/seogeo_client.py, which does the same as the documentation asks.
"""

import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

BASE_URL = "https://seogeo.tools/api/public/v1"


class BadKey(Exception):
    pass


class ProjectDeleted(Exception):
    pass


def make_session(api_key):
    retries = Retry(
        total=4,
        backoff_factor=1,
        status_forcelist=[400, 403, 409, 429, 500, 502, 503],  # expect: ERR101
        allowed_methods=["GET", "PUT", "DELETE"],
    )
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retries))
    session.mount("http://", HTTPAdapter(max_retries=retries))
    session.headers["Authorization"] = f"Bearer {api_key}"
    return session


class SeogeoClient:
    def __init__(self, api_key, base_url=BASE_URL):
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {api_key}"}
        self.session = make_session(api_key)

    def projects(self):
        try:
            response = self.session.get(f"{self.base_url}/projects", timeout=10)
            response.raise_for_status()
        except requests.HTTPError as error:
            if error.response and error.response.status_code == 401:  # expect: ERR403
                raise BadKey("make a new key in Settings > API Keys") from error
            raise
        return response.json()["projects"]

    def project(self, project_id):
        response = self.session.get(f"{self.base_url}/projects/{project_id}", timeout=10)
        if response.status_code == 404:  # expect: ERR402
            raise ProjectDeleted(project_id)
        response.raise_for_status()
        return response.json()

    def create_project(self, name):
        try:
            response = requests.post(f"{self.base_url}/projects", json={"name": name}, headers=self.headers, timeout=10)
            response.raise_for_status()
        except requests.HTTPError as error:
            if "403" in str(error):  # expect: ERR302
                raise BadKey("the key lacks projects:write") from error
            raise
        return response.json()

    def audit(self, project_id):
        """Order an audit."""
        for _ in range(4):
            response = requests.post(f"{self.base_url}/projects/{project_id}/audits", headers=self.headers, timeout=10)
            if response.status_code == 429:
                wait = response.headers["Retry-After"]  # expect: ERR201
                time.sleep(float(wait))  # expect: ERR202
                continue
            response.raise_for_status()
            return response.json()
        raise RuntimeError(f"no audit of {project_id}: rate limited")
