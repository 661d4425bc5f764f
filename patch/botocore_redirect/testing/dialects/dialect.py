"""What a dialect is: facts about a store, and the rules of its gateway and its targets."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Callable

from botocore_redirect.testing.server.exchange import Received, Reply

#: Where the knowledge of a dialect is from.
RUN = "as run against the real store"
SOURCE = "after its source"
DOCUMENTATION = "after its documentation"
REPORTED = "as reported by its users"
PROPOSED = "as proposed"


class Site:
    """The targets of one store, for the rules of its gateway to choose from."""

    def __init__(self, targets: Sequence[str]) -> None:
        self.targets = tuple(targets)
        self._turns = cycle(self.targets)

    def next_target(self) -> str:
        """Return the origin of each target in turn."""
        return next(self._turns)

    def target_of(self, name: bytes) -> str:
        """Return the origin of the target that owns an object: always the same one."""
        return self.targets[zlib.crc32(name) % len(self.targets)]


class Rules(ABC):
    """The rules of one store's servers. A store has its own instance, which may keep state.

    With `authenticates`, `check` decides alone who may do what at a target.
    """

    authenticates = False

    def __init__(self, site: Site, root: str) -> None:
        self.site = site
        self.root = root

    @abstractmethod
    def answer(self, received: Received) -> Reply | None:
        """Return what the gateway answers before it reads the body; None: it does what is asked."""

    def check(self, received: Received) -> Reply | None:  # noqa: ARG002 - most targets check nothing
        """Return the error with which a target refuses a request; None: it does what is asked."""
        return None

    def upstream(self, target: str) -> str:
        """Return the target of the plain S3 request that the store behind the servers is sent."""
        return target.removeprefix(self.root)


@dataclass(frozen=True)
class Dialect:
    """How one store redirects.

    `evidence` says how this is known, and `redirects` what the gateway redirects. The endpoint has
    the path `root`. Only clients with a `user_agent` like this are redirected, and `policy` (the
    arguments of `RedirectPolicy`) lets the patch follow, trust aside. `rules` makes the rules of
    one store.
    """

    name: str
    store: str
    evidence: str
    redirects: str
    rules: Callable[[Site, str], Rules]
    root: str = ""
    user_agent: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
