"""The policy: which redirects are followed, and to which hosts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Callable, Union
from urllib.parse import urlsplit

from botocore_redirect import environment
from botocore_redirect.rules.hosts import trust as _trust

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The statuses that can be followed; 303 only for GET and HEAD.
STATUSES = frozenset({301, 302, 303, 307, 308})

#: The names of all workarounds; each can be left out.
WORKAROUNDS = frozenset({"expect", "pools", "see-other"})

#: `trust=` as a function: it is called with the origins of the gateway and the target
#: (`"https://s3.store.com"`) and returns whether the target may get signed requests.
TrustFunction = Callable[[str, str], bool]
Trust = Union[str, "Iterable[str]", TrustFunction]

_DEFAULT_SERVICES = frozenset({"s3"})


@dataclass(frozen=True, repr=False)
class RedirectPolicy:
    """Which redirects are followed, and to which hosts. Every field has a safe default.

    `trust` lists the hosts that may get signed requests: host names, patterns (`"*.store.com"`),
    addresses, networks (`"10.0.0.0/8"`), `"*"` for every host; or it is a function that decides.
    It adds to the hosts that are trusted by default: the gateway's own host and names below it,
    other names below its parent domain where one owner holds that domain, and private hosts for a
    gateway that is private itself. `trust_defaults=False` leaves these out.

    `max_hops` is how many redirects one request may take. A status that is not in `statuses` is
    left to botocore. `allow_downgrade=True` lets an https request continue over http. `services`
    are the services whose redirects are followed, by the names that `boto3.client()` takes.
    `workarounds` are the faults of botocore and urllib3 that are worked around (see
    `botocore_redirect.transport.workarounds`). `rewrites=True` accepts a redirect to another path,
    for stores whose targets have other paths; its query must still ask for the same operation.

    A value that makes no sense raises `ValueError` or `TypeError` here.
    """

    trust: Trust = ()
    trust_defaults: bool = True
    max_hops: int = 5
    statuses: frozenset[int] = STATUSES
    allow_downgrade: bool = False
    services: frozenset[str] = _DEFAULT_SERVICES
    workarounds: frozenset[str] = WORKAROUNDS
    rewrites: bool = False
    _matchers: tuple[_trust.Matcher, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.max_hops, bool) or not isinstance(self.max_hops, int):
            raise TypeError(f"max_hops is a whole number, not {self.max_hops!r}")
        if self.max_hops < 0:
            raise ValueError(
                f"max_hops={self.max_hops} is negative; 0 refuses every redirect, 5 is the default"
            )
        for name in ("trust_defaults", "allow_downgrade", "rewrites"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} is True or False, not {getattr(self, name)!r}")
        self._freeze("statuses", _checked_statuses(self.statuses))
        self._freeze("services", _checked_services(self.services))
        self._freeze("workarounds", _checked_workarounds(self.workarounds))
        if not callable(self.trust):
            if not isinstance(self.trust, str) and not _is_collection(self.trust):
                raise TypeError(
                    f"trust is a host pattern, several, or a function, not {self.trust!r}"
                )
            patterns = (self.trust,) if isinstance(self.trust, str) else tuple(self.trust)
            self._freeze("_matchers", tuple(_trust.matcher(pattern) for pattern in patterns))
            self._freeze("trust", patterns)
        if self.trust == () and not self.trust_defaults:
            raise ValueError(
                "trust_defaults=False without any trust= would trust no host at all;"
                " say which hosts to trust, or leave the defaults on"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the fields only; the matchers are compiled again."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def __repr__(self) -> str:
        """Show the fields that differ from their defaults."""
        shown = []
        for each in fields(self):
            value = getattr(self, each.name)
            if each.repr and value != each.default:
                shown.append(
                    f"{each.name}={sorted(value) if isinstance(value, frozenset) else value!r}"
                )
        return f"RedirectPolicy({', '.join(shown)})"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> RedirectPolicy:
        """Return the policy that the environment describes.

        Each field has a variable: `BOTOCORE_REDIRECT_TRUST` for `trust`,
        `BOTOCORE_REDIRECT_TRUST_DEFAULTS`, `_MAX_HOPS`, `_STATUSES`, `_ALLOW_DOWNGRADE`,
        `_SERVICES`, `_WORKAROUNDS` and `_REWRITES`. Lists are separated by commas, and a field that
        is True or False is `on` or `off`. A variable that is empty counts as not set; an empty list
        of workarounds is `none`.
        """
        given = environment.read_fields(os.environ if environ is None else environ)
        policy, values = cls(), {}
        for name, value in given.items():
            values[name] = value
            try:
                policy = cls(**values)
            except ValueError as problem:
                raise ValueError(f"{environment.VARIABLES[name].name}: {problem}") from None
        return policy

    def to_env(self) -> dict[str, str]:
        """Return the variables from which `from_env` makes this policy, without its defaults.

        Raises `ValueError` if `trust` is a function, which no variable can hold.
        """
        return environment.write_fields(self)

    def trusts(self, gateway: str, target: str) -> bool:
        """Return whether `target` may get signed requests; both are URLs."""
        if self.trust_defaults and _trust.trusted_by_default(_host(gateway), _host(target)):
            return True
        return self.trusts_explicitly(gateway, target)

    def trusts_explicitly(self, gateway: str, target: str) -> bool:
        """Return whether `trust=` itself allows `target`, without the defaults; both are URLs."""
        if callable(self.trust):
            return bool(self.trust(_origin(gateway), _origin(target)))
        return any(matches(_host(target)) for matches in self._matchers)

    def _freeze(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_collection(given: object) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, str)


def _is_name(given: object) -> bool:
    return isinstance(given, str) and bool(given)


def _checked_statuses(given: Iterable[int]) -> frozenset[int]:
    if not _is_collection(given):
        raise TypeError(f"statuses is a collection of numbers such as {{307, 308}}, not {given!r}")
    statuses = frozenset(given)
    unknown = sorted(repr(status) for status in statuses - STATUSES)
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} cannot be followed as a redirect;"
            f" choose from {', '.join(map(str, sorted(STATUSES)))}"
        )
    if not statuses:
        raise ValueError("statuses is empty, so nothing would be followed; leave it out")
    return statuses


def _checked_services(given: Iterable[str]) -> frozenset[str]:
    if not _is_collection(given):
        raise TypeError(f"services is a collection of names such as {{'s3'}}, not {given!r}")
    services = frozenset(given)
    if not services or not all(map(_is_name, services)):
        raise ValueError(f"services={given!r} names no service; the default is {{'s3'}}")
    for name in sorted(services - _DEFAULT_SERVICES):
        _check_service(name)
    return services


def _check_service(name: str) -> None:
    """Refuse a service that the installed botocore does not have."""
    # Imported here: a policy for S3 alone needs neither.
    import difflib  # noqa: PLC0415  # as above

    from botocore import __version__  # noqa: PLC0415  # as above
    from botocore.loaders import create_loader  # noqa: PLC0415  # as above

    known = create_loader(os.environ.get("AWS_DATA_PATH")).list_available_services("service-2")
    if name in known:
        return
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.8)
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else "write it as boto3.client() takes it; a newer botocore may have it"
    )
    raise ValueError(f"the installed botocore, {__version__}, has no service {name!r}; {hint}")


def _checked_workarounds(given: Iterable[str]) -> frozenset[str]:
    if not _is_collection(given):
        raise TypeError(f"workarounds is a collection of names such as {{'pools'}}, not {given!r}")
    unknown = sorted(map(repr, frozenset(given) - WORKAROUNDS))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)} is no workaround; choose from {', '.join(sorted(WORKAROUNDS))}"
        )
    return frozenset(given)
