"""A tolerance that float32 does not resolve."""

from tests.experiments.room._normal import experiment

EXPERIMENT = experiment(relative=1e-7)
