"""Its wrong claim is right."""

from tests.experiments.room._normal import experiment

EXPERIMENT = experiment(controls={"a mean of 1": 1.0, "nothing wrong": 0.0})
