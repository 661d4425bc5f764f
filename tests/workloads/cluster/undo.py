"""Take back what was done, the newest first, and say what could not be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable

from workloads.cluster.errors import LeftBehind, NotFound

if TYPE_CHECKING:
    from typing_extensions import Self

Step = tuple[str, Callable[[], Any]]  # what it removes, and how


class Undo:
    """Remember how to undo each step, and do it if the `with` block fails.

    with Undo() as undo:
        vpc = ...
        undo.add(f"VPC {vpc}", lambda: ...)

    What cannot be undone is raised as `LeftBehind`, whose cause is the error of the block. An
    interrupt stays an interrupt, and then `LeftBehind` is its cause. A block that ends well keeps
    everything.
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
            # What was just made and is not found is not gone: it is not yet known everywhere.
            self._run(gone=())
        except LeftBehind as left:
            if isinstance(error, Exception):
                raise left from error
            raise error from left

    def add(self, thing: str, step: Callable[[], Any]) -> Step:
        """Remember the step that removes a thing."""
        added = (thing, step)
        self._steps.append(added)
        return added

    def forget(self, step: Step) -> None:
        """Remember a step no longer: its thing was never made, or has a better one."""
        self._steps.remove(step)

    def run(self) -> None:
        """Take all steps now, also after one that failed; what is gone already is undone."""
        self._run(gone=(NotFound,))

    def _run(self, gone: tuple[type[Exception], ...]) -> None:
        left: list[str] = []
        while self._steps:
            thing, step = self._steps.pop()
            try:
                step()
            except gone:
                continue
            except Exception as error:  # noqa: BLE001 - a mistake in a step does not keep the rest
                left.extend(_parts(error) or [f"{thing} ({error})"])
            except BaseException as interrupt:
                rest = [name for name, _ in reversed(self._steps)]
                parts = _parts(interrupt.__cause__) or [thing]
                self._steps.clear()
                raise interrupt from LeftBehind([*left, *parts, *rest])
        if left:
            raise LeftBehind(left)


def _parts(error: BaseException | None) -> Sequence[str]:
    """Return what a step that takes many has left."""
    return error.things if isinstance(error, LeftBehind) else ()
