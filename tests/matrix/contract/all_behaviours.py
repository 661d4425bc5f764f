"""The contract as a whole: every behaviour, in the groups that the quadrants ask for."""

from __future__ import annotations

from matrix.contract.behaviours import (
    BEHAVIOURS,
    delete_object,
    delete_objects,
    get_object,
    head_object,
    list_buckets,
    put_object,
)
from matrix.contract.other_services import BEYOND_S3, CLUSTERS
from matrix.contract.programs import PROGRAMS

#: What uses S3: operations, and the programs that people write with them.
OF_S3 = [*BEHAVIOURS, *PROGRAMS, *BEYOND_S3]

#: Where other services redirect. Where S3 does, the clusters have nothing to say.
USING_OTHER_SERVICES = [*CLUSTERS, *BEYOND_S3]

ALL = [*OF_S3, *CLUSTERS]

OPERATIONS = [behaviour for behaviour in BEHAVIOURS if not behaviour.offline]

ONLINE = [behaviour for behaviour in OF_S3 if not behaviour.offline]

# One for each method, and the one without a bucket: enough where only the status differs.
OF_EACH_METHOD = [
    behaviour
    for behaviour in ONLINE
    if behaviour.act
    in (get_object, head_object, put_object, delete_object, delete_objects, list_buckets)
]
