"""Many coordinates at once, of two kinds."""

from derivcheck.experiments._experiment import Panel
from tests.experiments.room._normal import experiment

EXPERIMENT = experiment(size=40, instances=2, panel=Panel("t", parts=("mean", "mean again")))
