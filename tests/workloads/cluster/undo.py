"""Undo steps, the newest first, and report those that could not be undone."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable

from workloads.cluster.errors import LeftBehind, NotFound

if TYPE_CHECKING:
    from typing_extensions import Self

Step = tuple[str, Callable[[], Any]]  # the resource, and how to remove it


class Undo:
    """Remember how to undo each step, and do it if the `with` block fails.

    with Undo() as undo:
        vpc = ...
        undo.add(f"VPC {vpc}", lambda: ...)

    Where a step cannot be undone, `LeftBehind` is raised from the error of the block. An interrupt
    is raised as it is, from `LeftBehind`. If the block succeeds, nothing is undone.
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if error is None:
            return
        try:
            # A new resource that is not found is not gone: it may not be visible everywhere yet.
            self._run(gone=())
        except LeftBehind as left:
            if isinstance(error, Exception):
                raise left from error
            raise error from left

    def add(self, thing: str, step: Callable[[], Any]) -> Step:
        """Remember how to remove a resource."""
        added = (thing, step)
        self._steps.append(added)
        return added

    def forget(self, step: Step) -> None:
        """Forget a step whose resource was never created, or has another step."""
        self._steps.remove(step)

    def run(self) -> None:
        """Take all steps now, even if some fail; a resource that is gone counts as removed."""
        self._run(gone=(NotFound,))

    def _run(self, gone: tuple[type[Exception], ...]) -> None:
        left: list[str] = []
        while self._steps:
            thing, step = self._steps.pop()
            try:
                step()
            except gone:
                continue
            except Exception as error:  # noqa: BLE001 - the other steps must still run
                left.extend(_parts(error) or [f"{thing} ({error})"])
            except BaseException as interrupt:
                rest = [name for name, _ in reversed(self._steps)]
                parts = _parts(interrupt.__cause__) or [thing]
                self._steps.clear()
                raise interrupt from LeftBehind([*left, *parts, *rest])
        if left:
            raise LeftBehind(left)


def _parts(error: BaseException | None) -> Sequence[str]:
    """Return what a step that removes many resources has left."""
    return error.things if isinstance(error, LeftBehind) else ()
