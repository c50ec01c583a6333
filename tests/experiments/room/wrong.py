"""A wrong claim that is taken for right."""

from tests.experiments.room._normal import experiment

EXPERIMENT = experiment(mean=0.5)
