"""It holds, and its wrong claim is refuted."""

from tests.experiments.room._normal import experiment

EXPERIMENT = experiment()
