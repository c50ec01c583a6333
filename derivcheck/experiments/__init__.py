"""One Monte Carlo experiment per file: a claim, its sampler, its tier, and wrong claims that must be refuted."""
