"""Drawing the random variables of a theory as it defines them, and evaluating brackets on the draws.

A relation is first rewritten so that definitions, divergences and folds are gone (`rewriting`, `binding`); what
is left is evaluated on rows of draws, so that the mean over rows is the term's value (`evaluate`). Why no
formula is shared with the other interpreters: sampled evidence is worth something only if it is its own.
"""
