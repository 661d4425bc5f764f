"""The environment variables that hold a policy, one for each field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore_redirect.policy import RedirectPolicy

KILL_SWITCH = "BOTOCORE_REDIRECT"
#: What an empty collection is written as: an empty variable counts as not set.
_NONE = "none"
_SWITCH = {
    **dict.fromkeys(("on", "1", "yes", "true"), True),
    **dict.fromkeys(("off", "0", "no", "false"), False),
}


class Variable(NamedTuple):
    """A variable, and how the value of its field is read from it and written to it."""

    name: str
    read: Callable[[str, str], Any]
    write: Callable[[Any], str]


def read_switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return whether an environment variable says on or off; raise `ValueError` for other words."""
    value = environ.get(name, "").strip()
    return _read_switch(name, value) if value else default


def read_fields(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a policy that the environment sets, by their names."""
    values = {field: environ.get(variable.name, "") for field, variable in VARIABLES.items()}
    return {
        field: VARIABLES[field].read(VARIABLES[field].name, value.strip())
        for field, value in values.items()
        if value.strip(" ,")
    }


def write_fields(policy: RedirectPolicy) -> dict[str, str]:
    """Return the variables for the fields of a policy that differ from their defaults.

    Raises `ValueError` if `trust` is a function.
    """
    if callable(policy.trust):
        raise ValueError(  # noqa: TRY004  # a policy may hold it; the environment cannot
            f"trust={policy.trust!r} is a function, which no environment variable can hold: list"
            " the hosts that it allows, or call install() in each process"
        )
    return {
        variable.name: variable.write(getattr(policy, field))
        for field, variable in VARIABLES.items()
        if getattr(policy, field) != getattr(type(policy), field)
    }


def _read_switch(name: str, value: str) -> bool:
    if value.lower() not in _SWITCH:
        raise ValueError(
            f"{name}={value.lower()!r} is neither 'on' nor 'off'; set it to one of these, or not"
        )
    return _SWITCH[value.lower()]


def _write_switch(value: bool) -> str:  # noqa: FBT001  # of a field
    return "on" if value else "off"


def _read_number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError(f"{name}={value!r} is not a whole number from 0 up")
    return int(value)


def _read_list(_name: str, value: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in value.split(",") if entry.strip())


def _read_numbers(name: str, value: str) -> tuple[int, ...]:
    return tuple(_read_number(name, entry) for entry in _read_list(name, value))


def _read_workarounds(name: str, value: str) -> tuple[str, ...]:
    return () if value.lower() == _NONE else _read_list(name, value)


def _write_list(values: Any) -> str:
    entries = values if isinstance(values, tuple) else sorted(values)
    return ",".join(str(entry).strip() for entry in entries) or _NONE


#: By the field. What depends on another field comes after it.
VARIABLES = {
    "trust": Variable("BOTOCORE_REDIRECT_TRUST", _read_list, _write_list),
    "trust_defaults": Variable("BOTOCORE_REDIRECT_TRUST_DEFAULTS", _read_switch, _write_switch),
    "max_hops": Variable("BOTOCORE_REDIRECT_MAX_HOPS", _read_number, str),
    "statuses": Variable("BOTOCORE_REDIRECT_STATUSES", _read_numbers, _write_list),
    "allow_downgrade": Variable("BOTOCORE_REDIRECT_ALLOW_DOWNGRADE", _read_switch, _write_switch),
    "services": Variable("BOTOCORE_REDIRECT_SERVICES", _read_list, _write_list),
    "workarounds": Variable("BOTOCORE_REDIRECT_WORKAROUNDS", _read_workarounds, _write_list),
    "rewrites": Variable("BOTOCORE_REDIRECT_REWRITES", _read_switch, _write_switch),
}
