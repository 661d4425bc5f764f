"""What is set in the environment for the children of a process, and what is put back."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest

from botocore_redirect import RedirectPolicy
from botocore_redirect.children import ACTIVATION, ChildEnvironment, add_activation

HOPS, REWRITES = "BOTOCORE_REDIRECT_MAX_HOPS", "BOTOCORE_REDIRECT_REWRITES"


def join(*entries: str) -> str:
    return os.pathsep.join(entries)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ACTIVATION),
        ("", ACTIVATION),
        ("/mine", join(ACTIVATION, "/mine")),
        (join("/mine", ACTIVATION, "/other"), join(ACTIVATION, "/mine", "/other")),
        (join("", "/mine"), join(ACTIVATION, "", "/mine")),  # an empty entry is the current folder
    ],
)
def test_the_activation_folder_is_the_first_on_the_path(before: str | None, after: str) -> None:
    assert add_activation(before) == after
    assert add_activation(after) == after


def test_the_policy_replaces_the_one_that_was_there_until_it_is_restored() -> None:
    before = {HOPS: "2", REWRITES: "on", "PYTHONPATH": "/mine", "HOME": "/me"}
    environ = dict(before)
    children = ChildEnvironment(environ)
    assert not children.is_set()
    children.set(RedirectPolicy(max_hops=3, trust="a.com"))
    assert children.is_set()
    assert environ == {
        HOPS: "3",
        "BOTOCORE_REDIRECT_TRUST": "a.com",
        "PYTHONPATH": join(ACTIVATION, "/mine"),
        "HOME": "/me",
    }
    children.set(RedirectPolicy())
    assert environ == {"PYTHONPATH": join(ACTIVATION, "/mine"), "HOME": "/me"}
    children.restore()
    assert (environ, children.is_set()) == (before, False)


def test_what_others_change_in_between_stays() -> None:
    environ = {HOPS: "2"}
    children = ChildEnvironment(environ)
    children.set(RedirectPolicy(max_hops=3))
    environ.update({HOPS: "4", REWRITES: "on", "PYTHONPATH": join("/new", environ["PYTHONPATH"])})
    children.restore()
    assert environ == {HOPS: "4", REWRITES: "on", "PYTHONPATH": "/new"}


def test_what_others_change_between_two_policies_comes_back() -> None:
    environ = {HOPS: "2"}
    children = ChildEnvironment(environ)
    children.set(RedirectPolicy(max_hops=3))
    environ[HOPS] = "4"
    children.set(RedirectPolicy(max_hops=5))
    children.restore()
    assert environ == {HOPS: "4"}


@pytest.mark.parametrize("path", [join("/new", ACTIVATION), "/new", None])
def test_a_path_that_was_activated_before_stays_activated(path: str | None) -> None:
    environ = {"PYTHONPATH": ACTIVATION}
    children = ChildEnvironment(environ)
    children.set(RedirectPolicy())
    if path is None:
        del environ["PYTHONPATH"]
    else:
        environ["PYTHONPATH"] = path
    children.restore()
    assert environ.get("PYTHONPATH") == path


def test_nothing_is_set_for_a_policy_that_the_environment_cannot_hold() -> None:
    environ: dict[str, str] = {}
    children = ChildEnvironment(environ)
    with pytest.raises(ValueError, match="is a function"):
        children.set(RedirectPolicy(trust=lambda _gateway, _target: True))
    assert (environ, children.is_set()) == ({}, False)


@pytest.mark.parametrize("flags", [(1, 0), (0, 1)])
def test_a_python_whose_flags_its_children_inherit_is_warned_of(
    flags: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ignoring = SimpleNamespace(ignore_environment=flags[0], no_site=flags[1])
    monkeypatch.setattr(sys, "flags", ignoring)
    with pytest.warns(RuntimeWarning, match="was started with -I, -E or -S"):
        ChildEnvironment({}).set(RedirectPolicy())
