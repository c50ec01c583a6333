"""Hypothesis strategies for terms as the reader makes them: normal forms only.

A reading never holds a negative number, a sum of one part, or a product inside a product's first place
without its bracket; what a reading cannot hold is not generated.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from derivcheck.terms.term import (
    Add,
    Call,
    Constant,
    Covariance,
    Density,
    Derivative,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Fold,
    Identity,
    Integral,
    MatrixLiteral,
    Multiply,
    Negate,
    Norm,
    Number,
    Optimum,
    Power,
    StopGradient,
    Symbol,
    SymbolRange,
    Term,
    Transpose,
)

LETTERS = [
    "x",
    "z",
    "y",
    "a",
    "W",
    "X'",
    "x_{g}",
    r"\mu_{\phi}",
    r"\bar{\alpha}",
    r"\Sigma^{*}",
    r"\theta",
    r"\hat{x}",
    "w",
]
FUNCTIONS = ["D", r"\epsilon_{\theta}", "f", r"\mathcal{L}", "D^{*}", "G_{w}", "SNR", "q_{\\psi}"]
DENSITIES = ["p", "q", r"q_{\phi}", "p_{data}", "f", "q^{*}", r"p_{\theta}", "r", "p_{0}"]
INDICES = ["i", "j", "k", "s", "t"]

numbers = st.builds(
    lambda a, b: Number(Fraction(a, b)), st.integers(0, 40), st.sampled_from([1, 1, 1, 2, 3, 7])
)
letters = st.sampled_from(INDICES).map(Symbol)
index = st.one_of(
    st.integers(0, 5).map(lambda n: Number(Fraction(n))),
    letters,
    letters.map(lambda t: Add((t, Negate(Number(Fraction(1)))))),
)
symbols = st.builds(Symbol, st.sampled_from(LETTERS), st.lists(index, max_size=2).map(tuple))
variables = st.builds(
    Symbol, st.sampled_from(["x", "z", "y", r"\epsilon"]), st.lists(index, max_size=1).map(tuple)
)
ranges = st.builds(SymbolRange, st.sampled_from(["x", "z"]), index, st.just(Symbol("T")))
atoms = st.one_of(
    numbers,
    symbols,
    st.sampled_from(
        [Constant("pi"), Constant("inf"), Identity(), Identity("n2"), Identity("n_2"), Symbol("d")]
    ),
)
densities = st.builds(
    Density,
    st.sampled_from(DENSITIES),
    st.lists(st.one_of(variables, ranges), min_size=1, max_size=2, unique=True).map(tuple),
    st.lists(variables, max_size=2).map(tuple),
)
bare = st.sampled_from(["p", "q", r"q_{\phi}", "p_{data}"]).map(Density)
laws = st.one_of(densities, bare)


def _some(
    parts: st.SearchStrategy[Term], least: int = 2, most: int = 3
) -> st.SearchStrategy[tuple[Term, ...]]:
    return st.lists(parts, min_size=least, max_size=most).map(tuple)


def _bound(body: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def drawn(inside: Term, law: Density, given: tuple[Term, ...], form: int) -> Term:
        if form == 0:
            return Expectation(inside, law.event, law, given)
        if form == 1:
            return Expectation(
                inside, (Symbol("x"),), Density(law.name if law.name in {"p", "q"} else "p"), given
            )
        if form == 2:
            return Expectation(inside, (), Density("q"), given)
        return Expectation(
            inside, (Symbol("x", (Symbol("t"),)), Symbol(r"\epsilon"))[: form - 2], None, given
        )

    return st.builds(
        drawn, body, densities, st.lists(variables, max_size=1).map(tuple), st.integers(0, 4)
    )


def _compound(parts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        _some(st.one_of(parts, parts.map(Negate))).map(Add),
        _some(parts).map(Multiply),
        parts.map(Negate),
        st.builds(Divide, parts, parts),
        st.builds(Power, parts, st.one_of(parts, numbers)),
        parts.map(Transpose),
        st.builds(Norm, parts, st.sampled_from(["2", "1", "inf", "F"])),
        st.builds(
            Call,
            st.sampled_from(
                [
                    "log",
                    "exp",
                    "sqrt",
                    "abs",
                    "tr",
                    "det",
                    "vec",
                    "diag",
                    "softmax",
                    "factorial",
                    "lambda_min",
                ]
            ),
            parts.map(lambda p: (p,)),
        ),
        st.builds(Call, st.sampled_from(["kron", "hadamard"]), st.tuples(parts, parts)),
        st.builds(
            Call,
            st.sampled_from(FUNCTIONS),
            _some(parts, 1),
            st.lists(index, max_size=1).map(tuple),
        ),
        st.builds(
            Fold,
            st.sampled_from(["sum", "prod"]),
            st.sampled_from(INDICES),
            index,
            st.sampled_from([Symbol("T"), Symbol("K")]),
            parts,
        ),
        st.builds(
            Integral,
            st.lists(st.one_of(variables, ranges), min_size=1, max_size=4).map(tuple),
            parts,
        ),
        _bound(parts),
        st.builds(
            Covariance,
            parts,
            parts,
            st.just(()),
            st.one_of(st.none(), st.just(Density("q"))),
            st.lists(variables, max_size=1).map(tuple),
        ),
        st.builds(
            Derivative,
            parts,
            variables,
            st.sampled_from(["gradient", "jacobian", "hessian", "laplacian", "divergence"]),
        ),
        st.builds(Derivative, parts, st.just(Symbol("t")), st.just("time")),
        st.builds(Derivative, parts, st.just(Symbol("d")), st.just("differential")),
        parts.map(StopGradient),
        st.builds(
            Optimum,
            st.sampled_from(["min", "max", "argmin", "argmax", "inf", "sup"]),
            st.lists(
                st.sampled_from([Symbol(r"\theta"), Symbol("D")]), max_size=2, unique=True
            ).map(tuple),
            parts,
        ),
        st.builds(
            FamilyDensity, st.just("gaussian"), st.tuples(parts, parts), st.one_of(st.none(), parts)
        ),
        st.builds(
            FamilyDensity,
            st.just("bernoulli"),
            parts.map(lambda p: (p,)),
            st.one_of(st.none(), parts),
        ),
        st.builds(MatrixLiteral, st.tuples(st.tuples(parts, parts), st.tuples(parts, parts))),
        st.builds(Divergence, st.sampled_from(["KL", "JSD", "TV", "cross_entropy"]), laws, laws),
        st.builds(Divergence, st.just("entropy"), laws),
    )


terms: st.SearchStrategy[Term] = st.recursive(st.one_of(atoms, densities), _compound, max_leaves=9)
