"""Take back what was done, the newest first, and say what could not be taken back."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable

from botocore.exceptions import BotoCoreError, ClientError

from workloads.cluster.errors import LeftBehind, NotFound, ProviderError

if TYPE_CHECKING:
    from typing_extensions import Self


class Undo:
    """Remember how to undo each step, and do it if the `with` block fails.

    with Undo() as undo:
        vpc = ...
        undo.add(f"VPC {vpc}", lambda: ...)

    What cannot be undone is raised as `LeftBehind`, whose cause is the first failure. A block that
    ends well keeps everything.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], Any]]] = []

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
            self.run()
        except LeftBehind as left:
            raise left from error

    def add(self, thing: str, step: Callable[[], Any]) -> None:
        """Remember the step that removes a thing."""
        self._steps.append((thing, step))

    def run(self) -> None:
        """Take all steps now, also after one that failed; what is gone already is undone."""
        left: list[str] = []
        while self._steps:
            thing, step = self._steps.pop()
            try:
                step()
            except NotFound:
                continue
            except LeftBehind as parts:  # a step that takes many
                left.extend(parts.things)
            except (ProviderError, BotoCoreError, ClientError) as error:
                left.append(f"{thing} ({error})")
        if left:
            raise LeftBehind(left)
