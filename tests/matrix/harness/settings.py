"""What a run of the contract is told, and what its stores are called; no import of botocore."""

from __future__ import annotations

SOCKETS, IN_PROCESS = "sockets", "in-process"

#: Over sockets with clients of aiobotocore, by the HTTP back end that `--aiobotocore` names.
AIOBOTOCORE = {"aiohttp": "aiohttp-sockets", "httpx": "httpx-sockets"}

#: The URL of moto's server; without it, each process starts one.
BACKEND = "BOTOCORE_REDIRECT_STORE"
#: The folder in which the quadrants of stock botocore leave what they observed.
CONTROL = "BOTOCORE_REDIRECT_CONTROL"
