"""What symbols mean: declared, inferred, and the built-in packs (vae, gaussian, ddpm, score, gan, simsiam).

Why: declarations stay LaTeX here, because a grader writes what the assignment sheet says; the room
`notation` reads them into terms, so this room needs no mathematics to say which of them are in force.
"""
