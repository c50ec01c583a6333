r"""`≈`, `∼` with a sample average: unbiased for K = 1, 2, 3, or consistent when averages become expectations.

Incorrect only if both fail; without an average it is undecided.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.checks import equality
from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.terms.signature import SampleDeclaration
from derivcheck.terms.substitute import rebuild, subterms
from derivcheck.terms.term import (
    Density,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Multiply,
    Number,
    Symbol,
    Term,
)

_ONE = Fraction(1)


def ask(q: Question) -> Outcome:
    """Whether the right side estimates the left side."""
    if isinstance(q.right, Density | FamilyDensity) and not any(isinstance(x, Fold) for _, x in subterms(q.right)) and isinstance(q.left, Symbol):
        return undecided("a sampling statement: it says how a variable is drawn")
    sample = sampled(q)
    if sample is None:
        return undecided("an approximation without a sample average cannot be judged exactly")
    name, declared = sample
    consistent = equality.ask(Question(q.left, "=", _limit(q.right, name, declared), q.bench))
    if consistent.result == "holds":
        return Outcome("holds", "it tends to the left side as K grows", consistent.tried, unbound=consistent.unbound, worlds=consistent.worlds)
    unbiased = _unbiased(q, name, declared)
    if unbiased.result == "holds":
        return Outcome("holds", "it is an unbiased estimate for every K tried", unbiased.tried, unbound=unbiased.unbound, worlds=unbiased.worlds)
    if unbiased.result == "fails" and consistent.result == "fails":
        return Outcome("fails", "it is neither unbiased nor consistent", unbiased.tried, unbiased.counterexample, unbound=unbiased.unbound)
    return undecided(unbiased.reason or consistent.reason or "the estimate could not be evaluated", tried=unbiased.tried)


def sampled(q: Question) -> tuple[str, SampleDeclaration] | None:
    """The variable that is averaged over samples, with its law."""
    for _, x in subterms(q.right):
        if not isinstance(x, Fold) or x.kind != "sum":
            continue
        for _, y in subterms(x.body):
            if isinstance(y, Symbol) and any(x.index in i.names for i in y.index):
                for d in q.bench.signature.samples:
                    if d.variable.name == y.name and d.variable.index:
                        return y.name, d
    return None


def _unbiased(q: Question, name: str, d: SampleDeclaration) -> Outcome:
    """E over all samples z_1 … z_K, K = 1, 2, 3 over the groups of worlds."""
    body = q.right
    low, high = _range(q.right, name)
    if low is None or high is None:
        return undecided("the number of samples is not said")
    return equality.ask(Question(q.left, "=", _integrated(body, name, d, low, high), q.bench))


def _integrated(body: Term, name: str, d: SampleDeclaration, low: Term, high: Term) -> Term:
    """E over the run z_low … z_high, each by the law of the declaration (independent)."""
    from derivcheck.terms.term import SymbolRange

    return Expectation(body, (SymbolRange(name, low, high),), d.law)


def _range(t: Term, name: str) -> tuple[Term | None, Term | None]:
    for _, x in subterms(t):
        if isinstance(x, Fold) and any(isinstance(y, Symbol) and y.name == name for _, y in subterms(x.body)):
            return x.lower, x.upper
    return None, None


def _limit(t: Term, name: str, d: SampleDeclaration) -> Term:
    """The text with every average (1/K) Σ_k f(z_k) replaced by E f(z)."""
    match t:
        case Multiply(factors):
            folds = [f for f in factors if _is_sample_sum(f, name)]
            if len(folds) == 1 and isinstance(folds[0], Fold):
                fold = folds[0]
                for i, f in enumerate(factors):
                    rest = _without_count(f, fold)
                    if rest is not None:
                        others = [_limit(x, name, d) for k, x in enumerate(factors) if k != i and x is not fold]
                        mean = _mean(fold, name, d)
                        return Multiply((rest, *others, mean)) if others or rest != Number(_ONE) else mean
        case Divide(numerator, denominator) if _is_sample_sum(numerator, name) and isinstance(numerator, Fold):
            rest = _without_count(Divide(Number(_ONE), denominator), numerator)
            if rest is not None:
                return Multiply((rest, _mean(numerator, name, d)))
        case _:
            pass
    return rebuild(t, lambda x: _limit(x, name, d))


def _is_sample_sum(t: Term, name: str) -> bool:
    return isinstance(t, Fold) and t.kind == "sum" and name in t.body.names


def _without_count(t: Term, fold: Fold) -> Term | None:
    """What is left of 1/K or 1/(2K) when K, the number of summands, is taken out; None if it is not in it."""
    if not isinstance(t, Divide) or fold.lower != Number(_ONE):
        return None
    count = fold.upper
    if t.denominator == count:
        return t.numerator
    if isinstance(t.denominator, Multiply) and count in t.denominator.factors:
        rest = tuple(f for f in t.denominator.factors if f != count)
        return Divide(t.numerator, rest[0] if len(rest) == 1 else Multiply(rest))
    return None


def _mean(fold: Fold, name: str, d: SampleDeclaration) -> Term:
    """E f(z): the summand at the first sample, under its law."""
    first = rebuild_index(fold.body, fold.index, fold.lower)
    return Expectation(first, tuple({y for _, y in subterms(first) if isinstance(y, Symbol) and y.name == name}), d.law)


def rebuild_index(t: Term, index: str, value: Term) -> Term:
    """t with an index replaced by a term."""
    if isinstance(t, Symbol) and t.name == index and not t.index:
        return value
    return rebuild(t, lambda x: rebuild_index(x, index, value))
