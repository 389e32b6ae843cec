"""Turns a program with a blocking httpx client into one with an asynchronous client."""

import re

# Functions that send or sleep, wherever a program defines them; those that only decide stay as they are.
WAITING = ("send", "_send", "try_once", r"rest(?:_\d+)?")
METHODS = "get|post|put|patch|delete|head|request"


def make_asynchronous(text: str, function: str) -> str:
    """The program with `await` wherever it sends or sleeps."""
    names = "|".join((*WAITING, re.escape(function)))
    text = re.sub(rf"\bdef ({names})\(", r"async def \1(", text)
    text = re.sub(rf"(?<!def )(?<![\w.])((?:self\.)?(?:{names})\()", r"await \1", text)
    text = re.sub(rf"(?<![\w.])((?:self\.)?client\.(?:{METHODS})\()", r"await \1", text)
    text = text.replace("time.sleep(", "await asyncio.sleep(")
    text = text.replace("httpx.Client(", "httpx.AsyncClient(").replace("HTTPTransport(", "AsyncHTTPTransport(")
    text = text.replace("with httpx.AsyncClient(", "async with httpx.AsyncClient(")
    text = re.sub(r"\bfor (\w+) in (tenacity\.)?Retrying\(", r"async for \1 in \2AsyncRetrying(", text)
    text = text.replace("from tenacity import Retrying", "from tenacity import AsyncRetrying")
    return re.sub(r"^import ", "import asyncio\nimport ", text, count=1, flags=re.MULTILINE)
