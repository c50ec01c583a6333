r"""Relations that are proved, and cousins that must not be: (room, theory, relation). ` == ` where `=` stands inside."""

from __future__ import annotations

from typing import Any

Theory = dict[str, Any]
XZ: Theory = {"variables": ["x", "z"], "densities": ["p(x,z) = p(x|z) p(z)", "q(z|x)"]}
JOINT: Theory = {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}
FG: Theory = {"variables": ["x", "y"], "densities": ["f(x)", "g(x)"]}
CHAIN: Theory = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"], "conventions": {"t": "2..T-1"}}
BACK: Theory = {"variables": ["x_t"], "densities": [r"p(x_{0:T}) = p(x_T) \prod_{t=1}^{T} p(x_{t-1}|x_t)"], "conventions": {"t": "2..T-1"}}
DDIM: Theory = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = q(x_T|x_0) \prod_{t=2}^{T} q(x_{t-1}|x_t,x_0)"], "conventions": {"t": "2..T-1"}}
AB: Theory = {"parameters": ["a > 0", "b > 0", "c", "d"]}
SEQ: Theory = {"sequences": [r"\beta_t \in (0,1)", r"\gamma_t", r"\delta_t > 0"], "conventions": {"t": "2..T-1", "K": "3..5"}}
NOISE: Theory = {
    "variables": [r"x_t \in \mathbb{R}^d", r"\epsilon \in \mathbb{R}^d"],
    "sequences": [r"\bar\alpha_t \in (0,1)"],
    "laws": [r"\epsilon \sim \mathcal{N}(0, I)"],
    "paths": [r"x_t = \sqrt{\bar\alpha_t} x_0 + \sqrt{1-\bar\alpha_t} \epsilon"],
    "conventions": {"t": "2..T-1"},
}
GAN: Theory = {
    "variables": ["x"],
    "densities": ["p(x)", "q(x)"],
    "functions": [r"D(x) \in (0,1)"],
    "optima": [r"D^* = \arg\max_D \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{x \sim q}[\log(1 - D(x))]"],
}
BOUND: Theory = {
    "variables": ["x", "z"],
    "densities": ["p(x,z)", r"q_\phi(z|x)", "q(z|x)"],
    "definitions": [r"\mathcal{L}(q; x) = \mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)]"],
    "optima": [{"optimum": r"q^* = \arg\max_{q \in \mathcal{Q}} \mathcal{L}(q; x)", "feasible": [r"q_\phi^*"]}],
}
CONST: Theory = {"variables": ["x", "z"], "densities": [r"p_\theta(x,z)", "q(z|x)"], "parameters": [r"\theta", "a"], "conventions": {"const": [r"\theta"]}}


def _with(theory: Theory, **more: Any) -> Theory:
    return {**theory, **more}


PROVED: list[tuple[str, Theory, str]] = [
    ("probability", XZ, r"p(z|x) = \frac{p(x|z) p(z)}{p(x)}"),
    ("probability", XZ, r"KL(q(z|x) \| p(z)) = \mathbb{E}_{q(z|x)}[\log q(z|x) - \log p(z)]"),
    ("probability", CHAIN, r"q(x_t|x_{t-1},x_0) = q(x_t|x_{t-1})"),
    ("probability", CHAIN, r"q(x_{t-1}|x_t,x_0) = \frac{q(x_t|x_{t-1}) q(x_{t-1}|x_0)}{q(x_t|x_0)}"),
    ("probability", FG, r"JSD(f, g) = JSD(g, f)"),
    ("logarithms", AB, r"\log \frac{a^2}{b} = 2 \log a - \log b"),
    ("logarithms", AB, r"\exp(c) \exp(d) = \exp(c + d)"),
    ("logarithms", AB, r"\exp(\log a + c) = a \exp(c)"),
    ("integrals", XZ, r"\int p(x,z) dz = p(x)"),
    ("integrals", CHAIN, r"\int q(x_t|x_{t-1}) q(x_{t-1}|x_0) dx_{t-1} = q(x_t|x_0)"),
    ("integrals", JOINT, r"\mathbb{E}_{q(z|x)}[\log p(x)] = \log p(x)"),
    ("sums", SEQ, r"\sum_{k=2}^{K} \beta_{k-1} == \sum_{k=1}^{K-1} \beta_k"),
    ("sums", SEQ, r"\sum_{t=1}^{T-1} \beta_t - \sum_{t=2}^{T} \beta_t == \beta_1 - \beta_T"),
    ("sums", SEQ, r"\prod_{s=1}^{t} \beta_s == \beta_t \prod_{s=1}^{t-1} \beta_s"),
    ("definitions", _with(SEQ, definitions=[r"\bar\beta_t = \prod_{s=1}^{t} \beta_s"]), r"\bar\beta_t = \beta_t \bar\beta_{t-1}"),
    ("optima", GAN, r"D^*(x) = \frac{p(x)}{p(x) + q(x)}"),
    ("order", JOINT, r"\mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)] \le \log p(x)"),
    ("order", AB, r"2 c d \le c^2 + d^2"),
    ("order", AB, r"\log a \le a - 1"),
    ("constants", CONST, r"\log p_\theta(x,z) + a = \log p_\theta(x,z) + C"),
]

NOISED: Theory = {
    **CHAIN,
    "variables": [r"x_t \in \mathbb{R}^d"],
    "sequences": [r"\beta_t \in (0,1)"],
    "families": [r"q(x_t|x_{t-1}) = \mathcal{N}(x_t; \sqrt{1-\beta_t} x_{t-1}, \beta_t I)"],
    "moments": [{"mean": r"\tilde\mu_t(x_t, x_0)", "variance": r"\tilde\beta_t", "of": "q(x_{t-1}|x_t, x_0)"}],
}

NOT_PROVED: list[tuple[str, Theory, str]] = [
    # densities of one joint
    ("probability", XZ, r"p(x) = p(z)"),
    ("probability", XZ, r"p(x|z) = p(z|x)"),
    ("probability", XZ, r"p(z|x) = p(z)"),
    ("probability", XZ, r"p(x,z) = p(x) p(z)"),
    ("probability", XZ, r"p(z|x) = q(z|x)"),
    ("probability", XZ, r"p(z|x) = \frac{p(x|z) p(x)}{p(z)}"),
    ("probability", {"variables": ["z_k", "x"], "densities": ["p(z_1,z_2,x) = p(z_1) p(z_2|z_1) p(x|z_2)"]}, r"p(x|z_1) = p(x|z_2)"),
    ("probability", {"variables": ["z_k", "x"], "densities": ["p(z_1,z_2,x) = p(z_1) p(z_2|z_1) p(x|z_2)"]}, r"p(z_1|z_2) = p(z_1)"),
    ("probability", {"variables": ["a", "b", "x"], "densities": ["p(a,b,x) = p(a) p(b) p(x|a,b)"]}, r"p(a,b|x) = p(a|x) p(b|x)"),
    ("probability", {"variables": ["a", "b", "x"], "densities": ["p(a,b,x) = p(x) p(a|x) p(b|x)"]}, r"p(a,b) = p(a) p(b)"),
    ("probability", CHAIN, r"q(x_{t-1}|x_t,x_0) = q(x_{t-1}|x_t)"),
    ("probability", CHAIN, r"q(x_t|x_{t-1}) = q(x_t|x_0)"),
    ("probability", CHAIN, r"q(x_t|x_{t+1}) = q(x_t|x_{t-1})"),
    ("probability", CHAIN, r"q(x_t|x_{t-1},x_{-1}) = q(x_t|x_{t-1})"),
    ("probability", CHAIN, r"q(x_{T+1}|x_{T},x_0) = q(x_{T+1}|x_{T})"),
    ("probability", CHAIN, r"q(x_1|x_0) = q(x_t|x_{t-1})"),
    ("probability", CHAIN, r"q(x_{1:T}|x_0) == \prod_{t=2}^{T} q(x_t|x_{t-1})"),
    ("probability", CHAIN, r"q(x_{1:T}|x_0) == \prod_{t=1}^{T} q(x_{t-1}|x_t)"),
    ("probability", BACK, r"p(x_t|x_{t-1}) = p(x_{t-1}|x_t)"),
    ("probability", BACK, r"p(x_{0:T}) == \prod_{t=1}^{T} p(x_{t-1}|x_t)"),
    ("probability", DDIM, r"q(x_t|x_{t-1},x_0) = q(x_t|x_{t-1})"),
    ("probability", DDIM, r"q(x_{t-1}|x_t,x_0) = q(x_{t-1}|x_t)"),
    ("probability", FG, r"KL(f \| g) = KL(g \| f)"),
    ("probability", FG, r"JSD(f, g) = KL(f \| g)"),
    ("probability", FG, r"H(f, g) = H(g, f)"),
    ("probability", FG, r"H(f, g) = H(f)"),
    ("probability", FG, r"f(x) = g(x)"),
    ("probability", FG, r"f(x) = f(y)"),
    ("probability", {"variables": ["x"], "densities": ["f(x)", "g(x)"], "functions": [r"h(x)"]}, r"f(x|h(x)) = f(x)"),
    # logarithms
    ("logarithms", AB, r"\log(a + b) = \log a + \log b"),
    ("logarithms", AB, r"\log(a b) = \log a \log b"),
    ("logarithms", AB, r"\exp(c + d) = \exp(c) + \exp(d)"),
    ("logarithms", AB, r"\exp(c \log a) = c a"),
    ("logarithms", AB, r"\log(c^2) = 2 \log c + \log 2"),
    ("logarithms", AB, r"\sqrt{c^2} = c"),
    ("logarithms", AB, r"\sqrt{a + b} = \sqrt{a} + \sqrt{b}"),
    ("logarithms", AB, r"0 = 1"),
    ("logarithms", AB, r"\log a = \log b"),
    # expectations
    ("integrals", FG, r"\mathbb{E}_{f}[\log g(x)] = \log \mathbb{E}_{f}[g(x)]"),
    ("integrals", FG, r"\int f(x) g(x) dx = 1"),
    ("integrals", FG, r"\int f(x)^2 dx = 1"),
    ("integrals", FG, r"\mathbb{E}_{f}[\log g(x)] = \mathbb{E}_{g}[\log g(x)]"),
    ("integrals", FG, r"\int f(x) \log f(x) dx \int g(x) \log g(x) dx = \int f(x) g(x) \log f(x) \log g(x) dx"),
    ("integrals", JOINT, r"\mathbb{E}_{q(z|x)}[\log p(x,z)] = \log p(x)"),
    ("integrals", JOINT, r"\int p(x|z) dz = 1"),
    ("integrals", JOINT, r"\int q(z|x) dx = 1"),
    ("integrals", {"variables": ["x_t"], "densities": ["r(x_{1:T})"], "functions": ["h(x_t)"], "conventions": {"t": "2..T-1"}}, r"\int r(x_{1:T}) h(x_t) dx_{1:T} = h(x_t)"),
    ("integrals", {"variables": ["x", "z"], "densities": ["p(x,z)"], "functions": ["h(z)"]}, r"\int p(z|h(z)) dz = 1"),
    ("integrals", {"variables": ["x", "y"], "densities": ["p(x)"], "functions": ["h(x,y)"]}, r"\mathbb{E}_{y \sim p(x)}\left[\int p(x) h(x,y) dx\right] = \mathbb{E}_{x \sim p}[h(x,x)]"),
    ("integrals", {"variables": ["x", "z"], "densities": ["p(x,z)"], "functions": ["h(x)"]}, r"\mathbb{E}_{p(x)}[h(x)|z] = \mathbb{E}_{p(x)}[h(x)]"),
    ("integrals", JOINT, r"\mathbb{E}_{p(x,z)}[\log q(z|x)] = \mathbb{E}_{p(x)}[\log q(z|x)]"),
    ("paths", NOISE, r"\mathbb{E}_{\epsilon}[x_t] = x_t"),
    ("paths", NOISE, r"\mathbb{E}_{\epsilon}[\|x_t\|^2] = \|x_t\|^2"),
    ("paths", NOISE, r"\mathbb{E}_{\epsilon}[\|x_t - x_0\|^2] = \|x_t - x_0\|^2"),
    ("integrals", {"variables": [r"\epsilon_t"], "laws": [r"\epsilon_1 \sim \mathcal{N}(0, 1)", r"\epsilon_2 \sim \mathcal{N}(0, 4)"], "functions": ["h(x)"], "conventions": {"t": "2..T-1"}}, r"\mathbb{E}_{\epsilon_t}[h(\epsilon_t)] = \int \mathcal{N}(\epsilon_t; 0, 1) h(\epsilon_t) d\epsilon_t"),
    ("integrals", CHAIN, r"\mathbb{E}_{q(x_{1:T}|x_0)}[\log q(x_t|x_{t-1})] = \mathbb{E}_{q(x_t|x_0)}[\log q(x_t|x_{t-1})]"),
    ("integrals", CHAIN, r"\mathbb{E}_{q(x_{1:T}|x_0)}[\log q(x_t|x_0)] = \log q(x_t|x_0)"),
    # sums
    ("sums", SEQ, r"\sum_{k=1}^{K} \beta_k == \sum_{k=2}^{K} \beta_k"),
    ("sums", SEQ, r"\sum_{k=1}^{K} \beta_{k-1} == \sum_{k=1}^{K} \beta_k"),
    ("sums", SEQ, r"\prod_{s=1}^{t} \beta_s == \prod_{s=1}^{t-1} \beta_s"),
    ("sums", SEQ, r"\prod_{s=1}^{T} \beta_s == \beta_t \prod_{s=1}^{t-1} \beta_s"),
    ("sums", SEQ, r"\sum_{k=1}^{K} \beta_k \gamma_k == \sum_{k=1}^{K} \beta_k \sum_{k=1}^{K} \gamma_k"),
    ("sums", SEQ, r"\sum_{k=1}^{1} \sum_{j=1}^{K} \gamma_j \beta_i == \sum_{k=1}^{1} \beta_i \sum_{j=1}^{K} \gamma_i"),
    ("sums", SEQ, r"\sum_{k=i}^{i} \sum_{j=1}^{K} \gamma_j^k == \sum_{j=1}^{K} \gamma_j^j"),
    ("sums", SEQ, r"\prod_{i=1}^{K} (\beta_{i+1} + \sum_{k=1}^{K} \gamma_k) == \prod_{i=2}^{K+1} (\beta_i + \sum_{k=1}^{K} \gamma_{k-1})"),
    ("sums", SEQ, r"\log \prod_{k=1}^{K} \gamma_k == \sum_{k=1}^{K} \log \gamma_k"),
    ("sums", SEQ, r"\sum_{k=1}^{K} \log \beta_k == \log \sum_{k=1}^{K} \beta_k"),
    ("sums", SEQ, r"\left(\sum_{k=1}^{K} \gamma_k\right)^2 == \sum_{k=1}^{K} \gamma_k^2"),
    # definitions
    ("definitions", _with(SEQ, definitions=[r"c_t = \sum_{s=1}^{t} \beta_s \gamma_t"]), r"\sum_{s=1}^{K} c_s == \sum_{s=1}^{K} \sum_{k=1}^{s} \beta_k \gamma_k"),
    ("definitions", _with(SEQ, definitions=[r"c_t = \sum_{t=1}^{T} \beta_t"]), r"c_3 == T \beta_3"),
    ("definitions", _with(JOINT, functions=["k(y,z)"], definitions=[r"h(y) = \int p(z) k(y,z) dz"]), r"h(z) = \int p(z) k(z,z) dz"),
    ("definitions", _with(SEQ, definitions=[r"\bar\beta_t = \prod_{s=1}^{t} \beta_s"]), r"\bar\beta_t = \beta_t \bar\beta_{t+1}"),
    ("definitions", _with(SEQ, definitions=[r"c_t = \beta_t \gamma_{t-1}", r"c_1 = 5"]), r"c_1 = \beta_1 \gamma_0"),
    ("definitions", _with(CHAIN, sequences=[r"a_t > 0"], functions=["k(x_t)"], definitions=[r"\mu(x_t) = a_t k(x_t)"]), r"\mu(x_1) = a_t k(x_1)"),
    ("definitions", NOISED, r"\tilde\mu_{t-1}(x_t, x_0) = \tilde\mu_t(x_t, x_0)"),
    ("definitions", _with(CHAIN, definitions=[r"h_t(x_t) = \log q(x_t|x_{t-1})"]), r"h_{t-1}(x_t) = h_t(x_t)"),
    # optima
    ("optima", GAN, r"D^*(x) = \frac{q(x)}{p(x) + q(x)}"),
    ("optima", GAN, r"D^*(x) = \frac{1}{2}"),
    ("optima", GAN, r"D(x) = D^*(x)"),
    ("optima", {**GAN, "optima": [r"D^* = \arg\min_D \mathbb{E}_{x \sim p}[\log D(x)] + \mathbb{E}_{x \sim q}[\log(1 - D(x))]"]}, r"D^*(x) = \frac{p(x)}{p(x) + q(x)}"),
    ("optima", {**GAN, "optima": [r"D^* = \arg\max_D \mathbb{E}_{x \sim p}[\log D(x)] - \mathbb{E}_{x \sim q}[\log(1 - D(x))]"]}, r"D^*(x) = \frac{p(x)}{p(x) - q(x)}"),
    # order
    ("order", JOINT, r"\mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)] < \log p(x)"),
    ("order", JOINT, r"\log p(x) \le \mathbb{E}_{q(z|x)}[\log p(x,z) - \log q(z|x)]"),
    ("order", JOINT, r"\mathbb{E}_{q(z|x)}[\log p(x,z)] \le \log p(x)"),
    ("order", FG, r"KL(f \| g) > 0"),
    ("order", FG, r"KL(f \| g) \le KL(g \| f)"),
    ("order", FG, r"H(f) \ge 0"),
    ("order", FG, r"\log f(x) \le 0"),
    ("order", FG, r"f(x) \le 1"),
    ("order", AB, r"a \le b"),
    ("order", AB, r"c \ge 0"),
    ("order", AB, r"c d \ge 0"),
    ("order", AB, r"c^2 > 0"),
    ("order", AB, r"\log a < a - 1"),
    ("order", AB, r"2 c d < c^2 + d^2"),
    ("order", AB, r"3 c d \le c^2 + d^2"),
    ("order", SEQ, r"\sum_{k=1}^{K} \gamma_k \ge 0"),
    ("order", SEQ, r"\sum_{t=0}^{T} t > \sum_{t=0}^{T} t^2"),
    ("order", {"parameters": [r"x \in \mathbb{R}^n"]}, r"x^T x > 0"),
    ("order", _with(FG, parameters=["v \\in \\mathbb{R}^n"]), r"\mathbb{E}_{f}[f(x) v^T v] > 0"),
    ("order", BOUND, r"\mathcal{L}(q_\phi^*; x) \ge \mathcal{L}(q^*; x)"),
    ("order", BOUND, r"\mathcal{L}(q^*; x) \ge \mathcal{L}(q; x)"),
    ("order", BOUND, r"\mathcal{L}(q^*; x) > \mathcal{L}(q_\phi^*; x)"),
    # constants
    ("constants", CONST, r"\log p_\theta(x,z) = \log q(z|x) + C"),
    ("constants", CONST, r"\log p_\theta(x,z) = 2 \log p_\theta(x,z) + C"),
    ("constants", CONST, r"\log p_\theta(z|x) = \log p_\theta(x,z) + C"),
    ("constants", CONST, r"\theta + 3 = \theta - C \theta"),
    ("constants", CONST, r"\theta + 3 = \theta - C \cdot (\theta - 1)"),
    ("constants", {"variables": ["x", "z"], "densities": ["p(x)", "r(x)"], "functions": [r"G_\theta(z)"], "parameters": [r"\theta"], "conventions": {"const": [r"\theta"]}, "laws": [r"G_\theta(z) \sim r(x)"]}, r"\int r(x) \log p(x) dx = C"),
    ("constants", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"], "families": [r"q(z|x) = \mathcal{N}(z; \theta x, 1)"], "parameters": [r"\theta"], "conventions": {"const": [r"\theta"]}}, r"\int q(z|x) \log p(x,z) dz = C"),
    ("constants", XZ, r"p(z|x) \propto p(z)"),
    ("constants", XZ, r"p(z|x) \propto p(x|z)"),
    ("constants", XZ, r"p(x|z) \propto p(z|x)"),
    ("constants", CHAIN, r"q(x_{t-1}|x_t,x_0) \propto q(x_t|x_{t-1})"),
]
