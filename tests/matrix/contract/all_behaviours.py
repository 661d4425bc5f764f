"""The contract as a whole: every behaviour, in the groups that the quadrants ask for."""

from __future__ import annotations

from matrix.contract import groups
from matrix.contract.behaviours import BEHAVIOURS
from matrix.contract.other_services import BEYOND_S3, CLUSTERS
from matrix.contract.programs import PROGRAMS

#: What uses S3: operations, and the programs that people write with them.
OF_S3 = [*BEHAVIOURS, *PROGRAMS, *BEYOND_S3]

#: Where other services redirect. Where S3 does, the clusters have nothing to say.
USING_OTHER_SERVICES = [*CLUSTERS, *BEYOND_S3]

ALL = [*OF_S3, *CLUSTERS]

ONLINE = [behaviour for behaviour in OF_S3 if not behaviour.offline]

#: Enough where only the status differs.
OF_EACH_METHOD = [each for each in ONLINE if each.name in groups.OF_EACH_METHOD]
