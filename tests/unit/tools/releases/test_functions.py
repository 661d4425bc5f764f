"""The functions of each class are kept as what changed, and read back whole."""

from __future__ import annotations

import json

from tools.releases import functions

BY_CLASS = {
    "1.0": {"f": "1" * 8, "g": "2" * 8},
    "1.1": {"f": "1" * 8, "g": "3" * 8, "h": "4" * 8},
    "1.2": {"f": "5" * 8},
}


def test_the_functions_of_each_class_are_read_back() -> None:
    assert functions.load(functions.render(BY_CLASS), BY_CLASS) == BY_CLASS


def test_a_line_gives_the_classes_that_changed_a_function() -> None:
    lines = functions.render(BY_CLASS).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["{", '"f"', '"g"', '"h"', "}"]
    changes = json.loads("\n".join(lines))
    assert changes["g"] == {"1.0": "22222222", "1.1": "33333333", "1.2": None}
    assert changes["f"] == {"1.0": "11111111", "1.2": "55555555"}


def test_digests_are_cut_to_what_the_file_holds() -> None:
    assert functions.shorten({"f": "0123456789abcdef"}) == {"f": "01234567"}
