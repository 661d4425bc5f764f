"""The JSON models of botocore, read once: each session of its own reads 60 ms of them again.

They are data without behaviour, so processes may inherit them, and no quadrant can tell.
"""

from __future__ import annotations

import functools
from typing import Any

import boto3
import botocore.loaders
import botocore.session


@functools.cache
def loader() -> Any:
    """Return the loader that all sessions of this process share."""
    return botocore.loaders.create_loader()


def session(**settings: Any) -> Any:
    """Make a session of boto3 that reads its models with the shared loader."""
    core = botocore.session.get_session()
    core.register_component("data_loader", loader())
    return boto3.session.Session(botocore_session=core, **settings)
