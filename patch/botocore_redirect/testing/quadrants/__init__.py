"""The quadrants: a process for each test file, patched or not, proven before and after."""

from botocore_redirect.testing.quadrants.quadrant import (
    Contaminated,
    Quadrant,
    expect_stock,
    patch_first,
    quadrant,
)

__all__ = ["Contaminated", "Quadrant", "expect_stock", "patch_first", "quadrant"]
