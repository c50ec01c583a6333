r"""Worlds: drawn by name and seed, normalised, all conditionals from one joint.

Guards: draws that depend on what was asked before (verdicts that change with the order of a document), one T and
one dimension for all worlds (α_t for ᾱ_t and a missing d pass), a base measure of mass one (Σ passes for E, and a
lost log Z), conditionals drawn beside their joint, samples that are all one variable.
"""

from __future__ import annotations

import pytest
import torch

from tests.checks.asking import bench, plain, result, shared, term, values

JOINT = "variables: [x, z]\ndensities: ['p(x,z)', 'q(z|x)']\n"
CHAIN = r"""
variables: ['x_t \in \mathbb{R}^d']
sequences: ['\beta_t \in (0,1)']
densities: ['q(x_{0:T}) = q(x_0) \prod_{t=1}^{T} q(x_t|x_{t-1})']
conventions: {t: 2..T-1}
"""
SAMPLES = r"""
variables: [x, z]
densities: ['p(x,z)', 'q(z|x)']
laws: ['z_k \sim q(z|x)']
conventions: {K: 1..3}
"""
BOUND = r"""
variables: ['x \in \mathbb{R}', 'z \in \mathbb{R}']
densities: ['p(x,z) = p(x|z)p(z)', 'q(z|x)']
definitions: ['L(x) = E_q[\log p(x,z)]']
"""
MIXED = BOUND + r"""
networks: ['m(x)']
families: ['p(z) = \mathcal{N}(z; 0, 1)', 'q(z|x) = \mathcal{N}(z; m(x), 1)']
"""
VIEWS = r"""
variables: ['x \in \mathbb{R}^{n}', "x' \\in \\mathbb{R}^{n}", 'x_i \in \mathbb{R}^{n}']
densities: ["p(x, x') = p(x) p(x'|x)"]
independent: ["x_1, x_2 \\sim p(x'|x)"]
"""


def numbers(theory: str, latex: str, *, seed: int = 0, before: tuple[str, ...] = ()) -> torch.Tensor:
    b = bench(theory, seed=seed)
    s = b.setting("tables", 0)
    for other in before:
        b.values(s, (term(other, theory),))
    (v,) = b.values(s, (term(latex, theory),))
    return v.data.detach()


def test_draws_follow_from_name_and_seed_alone() -> None:
    first = numbers(JOINT, "p(x,z)")
    assert torch.equal(first, numbers(JOINT, "p(x,z)", before=("q(z|x)", "E_{q(z|x)}[p(x|z)]")))
    assert not torch.allclose(first, numbers(JOINT, "p(x,z)", seed=1))


def test_the_order_of_a_question_does_not_matter() -> None:
    b, c = bench(JOINT), bench(JOINT)
    sides = [term(t, JOINT) for t in ("p(z|x)", r"KL(q(z|x)\|p(z))", r"\log p(x)")]
    s = b.setting("tables", 1)
    forward = [b.values(s, (t,))[0].data for t in sides]
    backward = [c.values(s, (t,))[0].data for t in reversed(sides)][::-1]
    assert all(torch.equal(x, y) for x, y in zip(forward, backward, strict=True))


def test_different_names_get_different_draws() -> None:
    theory = "variables: [x]\ndensities: ['p(x)', 'r(x)']\nparameters: ['a \\in \\mathbb{R}', 'b \\in \\mathbb{R}']\n"
    p, r, a, c = (v.data for v in values(theory, "p(x)", "r(x)", "a", "b"))
    assert not torch.allclose(p, r)
    assert not torch.allclose(a, c)
    assert len({float(x) for x in a}) == len(a), "every world draws its own"


def test_T_t_and_dimensions_vary_over_the_groups() -> None:
    b = shared(CHAIN)
    settings = [b.setting("tables", g) for g in b.groups("tables")]
    assert {s.horizon for s in settings} == {3, 4, 5}
    at = [values(CHAIN, "t", "T", group=s.group) for s in settings]
    steps = [(int(t.data.flatten()[0]), int(T.data.flatten()[0])) for t, T in at]
    assert all(2 <= t <= T - 1 for t, T in steps)
    assert len({t for t, _ in steps}) > 1
    sizes = {values("parameters: ['v \\in \\mathbb{R}^{d}', 'w \\in \\mathbb{R}^{m}']", "v", "w", group=g)[i].shape for g in (0, 1, 2) for i in (0, 1)}
    assert len(sizes) > 1
    assert (1,) not in sizes, "a missing d is invisible in one dimension"


def test_the_base_measure_has_not_mass_one() -> None:
    (mass,) = values(JOINT, r"\int 1 \, dz")
    assert bool((mass.data - 1).abs().gt(1e-3).all())
    assert any(bool((v.data > 1).any()) for v in values(JOINT, "p(x,z)", "p(x)", "q(z|x)"))


def test_tables_normalise_and_bayes_holds() -> None:
    one = values(JOINT, r"\int p(x,z) \, dx dz", r"\int p(x) dx", r"\int q(z|x) dz", r"\int p(x|z) dx", r"\int p(z|x) dz")
    assert all(torch.allclose(v.data, torch.ones(()).double()) for v in one)
    joint, px, pz, forward, back = values(JOINT, "p(x,z)", "p(x)", "p(z)", "p(x|z)", "p(z|x)")
    pxz = plain(joint, "x", "z")
    assert torch.allclose(plain(forward, "x", "z") * plain(pz, "z")[:, None, :], pxz)
    assert torch.allclose(plain(back, "x", "z") * plain(px, "x")[:, :, None], pxz)
    wrong = values(JOINT, r"\int p(x|z) dz")[0].data
    assert not torch.allclose(wrong, torch.ones(()).double())


def test_a_density_declared_as_a_conditional_is_no_marginal() -> None:
    q, p = values(JOINT, "q(z|x)", "p(z|x)")
    assert q.axes == ("x", "z")
    assert not torch.allclose(q.data, p.data)


@pytest.mark.parametrize("latex", [
    r"q(x_0|x_0) = 1",
    r"q(x_t|x_0) = \int q(x_t|x_{t-1}) q(x_{t-1}|x_0) dx_{t-1}",
    r"q(x_{t-1}|x_t) = \frac{q(x_t|x_{t-1}) q(x_{t-1})}{q(x_t)}",
    r"q(x_{t-1}|x_t,x_0) = \frac{q(x_t|x_{t-1}) q(x_{t-1}|x_0)}{q(x_t|x_0)}",
    r"q(x_t|x_{t-1},x_0) = q(x_t|x_{t-1})",
    r"q(x_{1:T}|x_0) = q(x_T|x_0) \prod_{t=2}^{T} q(x_{t-1}|x_t,x_0)",
    r"q(x_{0:T}) = q(x_T) \prod_{t=1}^{T} q(x_{t-1}|x_t)",
])  # fmt: skip
def test_all_conditionals_of_a_chain_come_from_one_joint(latex: str) -> None:
    assert result(latex, CHAIN) == "holds"


@pytest.mark.parametrize("latex", [
    r"q(x_t|x_t,x_0) = q(x_t|x_0)",
    r"q(x_t|x_0) = q(x_t|x_{t-1})",
    r"q(x_t|x_0) = q(x_t)",
    r"q(x_{t-1}|x_t,x_0) = q(x_{t-1}|x_t)",
    r"q(x_t|x_{t-1}) = q(x_{t+1}|x_t)",
    r"q(x_{1:T}|x_0) = \prod_{t=2}^{T} q(x_t|x_{t-1})",
    r"q(x_{1:T}|x_0) = q(x_T|x_0) \prod_{t=3}^{T} q(x_{t-1}|x_t,x_0)",
])  # fmt: skip
def test_what_no_chain_satisfies_fails(latex: str) -> None:
    assert result(latex, CHAIN) == "fails"


def test_a_condition_that_stands_twice_stands_once() -> None:
    """The sum's first term is q(x_1|x_0,x_0)."""
    product = r"\prod_{t=1}^{T} q(x_t|x_{t-1},x_0) = q(x_{1:T}|x_0)"
    assert result(product, CHAIN) == "holds"
    assert result(product.replace("x_{t-1},x_0", "x_0,x_0"), CHAIN) == "fails"
    assert result(r"q(x_1,x_1|x_0) = q(x_1|x_0)", CHAIN) == "undecided"


def test_samples_share_the_nodes_and_law_of_their_variable() -> None:
    """z_k is another draw of z: its own axis, the same alphabet; so sums over it are sums over z."""
    assert result(r"E_{q(z|x)}[p(x|z)] = E_{q(z_1|x)}[p(x|z_1)]", SAMPLES) == "holds"
    assert result(r"E_{z_1,z_2 \sim q(z|x)}[p(x|z_1) p(x|z_2)] = (E_{q(z|x)}[p(x|z)])^2", SAMPLES) == "holds"
    assert result(r"E_{z_1,z_2 \sim q(z|x)}[p(x|z_1) p(x|z_2)] = E_{q(z|x)}[p(x|z)^2]", SAMPLES) == "fails"


def test_independent_samples_given_one_condition() -> None:
    """x_1, x_2 ~ p(x'|x): independent given x, so not independent without it."""
    holds = r"E_{x_1,x_2}[x_1 x_2^T] = E_x[E[x'|x] E[x'|x]^T]"
    assert result(holds, VIEWS) == "holds"
    assert result(r"E_{x_1,x_2}[x_1 x_2^T] = E_{x_1}[x_1] E_{x_2}[x_2]^T", VIEWS) == "fails"
    assert result(r"E_{x_1,x_2}[x_1 x_2^T] = E_{x_1}[x_1 x_1^T]", VIEWS) == "fails"
    assert result(r"E_{x_1}[x_1 x_1^T] = E_{x_2}[x_2 x_2^T]", VIEWS) == "holds"


@pytest.mark.parametrize(("latex", "want"), [
    (r"E_{p(x)}[E_q[\log p(x|z)]] = E_{p(x)}[E_{q(z|x)}[\log p(x|z)]]", "holds"),
    (r"E_{p(x)}[E_q[\log p(x,z)]] = \int p(x) \int q(z|x) \log p(x,z) dz dx", "holds"),
    (r"\int p(x) E_q[\log p(x,z)] dx = \int p(x) \int q(z|x) \log p(x,z) dz dx", "holds"),
    (r"E_{p(x)}[L(x)] = E_{p(x)}[E_{q(z|x)}[\log p(x,z)]]", "holds"),
    (r"E_{p(x)}[E_q[\log p(x|z)]] = E_{p(x)}[E_{p(z|x)}[\log p(x|z)]]", "fails"),
    (r"E_{p(x)}[E_q[\log p(x|z)]] = E_q[\log p(x|z)]", "fails"),
])  # fmt: skip
@pytest.mark.parametrize("theory", [BOUND, MIXED], ids=["tables", "mixed"])
def test_what_an_outer_mean_binds_is_fixed_for_an_inner_one(theory: str, latex: str, want: str) -> None:
    assert result(latex, theory) == want
