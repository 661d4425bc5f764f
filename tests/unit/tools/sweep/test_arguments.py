"""What may follow `nox -s sweep --`, and what is refused."""

from __future__ import annotations

import pytest
from tools.sweep.arguments import Shard, make_parser


def test_without_arguments_the_whole_is_run() -> None:
    options = make_parser().parse_args([])
    assert (options.shard, options.releases, options.stale) == (Shard(1, 1), [], False)
    assert options.jobs >= 1


def test_a_part_is_a_number_of_a_total() -> None:
    assert make_parser().parse_args(["--shard", "2/8"]).shard == Shard(number=2, total=8)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--shard", "2"), "'2' is no part; write 2/8 for the second of eight"),
        (("--shard", "a/b"), "'a/b' is no part"),
        (("--shard", "9/8"), "there is no part 9 of 8"),
        (("--shard", "0/8"), "there is no part 0 of 8"),
        (("--jobs", "0"), "'0' is not a number of 1 or more"),
        (("--jobs", "many"), "'many' is not a number of 1 or more"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], words: tuple[str, str], said: str
) -> None:
    with pytest.raises(SystemExit):
        make_parser().parse_args(words)
    assert said in capsys.readouterr().err
