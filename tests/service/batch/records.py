"""Records of cases that were scored."""

from imaging.separation import NodeSeparation
from service.batch.attempt import Job, attempt
from service.batch.cases import Cohort
from service.batch.record import Record
from service.options import ClassifyOptions, HeatmapOutput

OPTIONS = ClassifyOptions(NodeSeparation.LABELS, heatmap_output=HeatmapOutput.NONE)


def scored(cohort: Cohort, embedded, folder, options: ClassifyOptions = OPTIONS) -> dict[str, Record]:
    """What becomes of each case of a cohort, by name."""
    job = Job(options, folder)
    return {case.name: attempt(case, embedded, job) for case in cohort.cases}
