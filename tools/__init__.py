"""What the sessions of noxfile.py do."""

import sys
from pathlib import Path

# The tools read botocore with the patch's own code, which imports no botocore for that. Where the
# patch is installed, that one is used.
sys.path.append(str(Path(__file__).parents[1] / "patch"))
