"""Remove the query of a hop's URL from errors.

botocore puts the URL of a request into its errors, and errors end up in logs. The query of a target
may be a signature that the store made.
"""

from __future__ import annotations

import copy
from typing import Any

from botocore.awsrequest import AWSPreparedRequest


def remove_query(error: BaseException, url: str) -> None:
    """Remove the query of `url` from an error and from those that led to it.

    The errors are changed in place: classes, causes and tracebacks stay as they are. Requests that
    errors hold are replaced by copies.
    """
    query = url[len(url.partition("?")[0]) :]
    if query:
        _Redaction(query).redact_error(error)


class _Redaction:
    def __init__(self, query: str) -> None:
        self._query = query
        self._seen: set[int] = set()

    def redact_error(self, error: BaseException | None) -> None:
        if error is None or id(error) in self._seen:
            return
        self._seen.add(id(error))
        error.args = self._redacted(error.args)
        vars(error).update(self._redacted(vars(error)))
        self.redact_error(error.__cause__)
        self.redact_error(error.__context__)

    def _redacted(self, value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(self._query, "")
        if isinstance(value, AWSPreparedRequest):
            bare = copy.copy(value)
            vars(bare).pop("botocore_redirect_params", None)  # it holds the URL too
            bare.url = self._redacted(bare.url)
            return bare
        if isinstance(value, BaseException):
            self.redact_error(value)
        elif type(value) in (tuple, list):
            return type(value)(map(self._redacted, value))
        elif isinstance(value, tuple) and hasattr(value, "_make"):  # a request, as aiohttp has it
            return value._make(map(self._redacted, value))
        elif hasattr(value, "with_query") and self._query in str(value):  # the URLs of aiohttp
            return value.with_query(None)
        elif hasattr(value, "copy_with") and self._query in str(value):  # those of httpx
            return value.copy_with(query=None)
        elif type(value).__module__.startswith("httpx") and hasattr(value, "url"):
            bare = copy.copy(value)
            bare.url = self._redacted(bare.url)
            return bare
        elif type(value) is dict:
            return {key: self._redacted(each) for key, each in value.items()}
        return value
