#!/usr/bin/env python3
"""Writes ops.json for tst_reference_ops: inputs and results of every op, computed with NumPy in float64 from whole arrays
(masks, complex numbers, matrix products), not with the loops of the reference. Run in this folder; the seed is fixed."""
import json
import math
import numpy as np

rng = np.random.default_rng(4711)
cases = []


def numbers(*shape, scale=1.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def flat(array):
    return [float(value) for value in np.asarray(array, dtype=np.float64).reshape(-1)]


def rms_norm(x, weight, epsilon):
    return x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + epsilon) * weight


def layer_norm(x, weight, bias, epsilon):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * weight + bias


def silu(x):
    return x * (1 / (1 + np.exp(-x)))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = {"Silu": silu, "GeluTanh": gelu_tanh, "Relu": lambda x: np.maximum(x, 0)}


def wide(array):
    return np.asarray(array, dtype=np.float64)


def linear_cases():
    rows, columns, outputs = 3, 11, 5
    for kind in ("None", "Rms", "Layer"):
        x, w, b = numbers(rows, columns), numbers(outputs, columns), numbers(outputs)
        nw, nb = numbers(columns), numbers(columns)
        epsilon = 0.01
        normed = {"None": wide(x), "Rms": rms_norm(wide(x), wide(nw), epsilon),
                  "Layer": layer_norm(wide(x), wide(nw), wide(nb), epsilon)}[kind]
        common = {"norm": kind, "epsilon": epsilon, "rows": rows, "columns": columns, "outputs": outputs, "in": flat(x),
                  "weight": flat(w), "bias": flat(b), "normWeight": flat(nw), "normBias": flat(nb)}
        projected = normed @ wide(w).T + wide(b)
        cases.append({"op": "NormProject", "name": f"NormProject {kind}", **common, "out": flat(projected)})
        shown = [0, 2]
        capped = 3 * np.tanh(0.5 * projected[shown] / 3)
        cases.append({"op": "Logits", "name": f"Logits {kind}", **common, "scale": 0.5, "softCap": 3, "shown": shown,
                      "out": flat(capped)})
    for activation, function in ACTIVATIONS.items():
        x, gate, up = numbers(rows, columns), numbers(outputs, columns, scale=0.375), numbers(outputs, columns)
        gate_bias, nw = numbers(outputs), numbers(columns)
        normed = rms_norm(wide(x), wide(nw), 1e-5)
        common = {"op": "GateUp", "activation": activation, "rows": rows, "columns": columns, "outputs": outputs,
                  "in": flat(x), "gate": flat(gate), "gateBias": flat(gate_bias), "up": flat(up), "normWeight": flat(nw),
                  "epsilon": 1e-5}
        gated = function(normed @ wide(gate).T + wide(gate_bias)) * (normed @ wide(up).T)
        cases.append({**common, "name": f"GateUp {activation}", "out": flat(gated)})
        cases.append({**common, "name": f"GateUp {activation} without gate", "gate": [], "gateBias": [],
                      "out": flat(function(normed @ wide(up).T))})
    for normed in (False, True):
        x, w, nw, residual = numbers(rows, columns), numbers(outputs, columns), numbers(outputs), numbers(rows, outputs)
        projected = wide(x) @ wide(w).T
        if normed:
            projected = rms_norm(projected, wide(nw), 1e-6)
        cases.append({"op": "ProjectResidual", "name": "ProjectResidual" + (" post norm" if normed else ""),
                      "postNorm": normed, "rows": rows, "columns": columns, "outputs": outputs, "in": flat(x),
                      "weight": flat(w), "normWeight": flat(nw), "epsilon": 1e-6, "scale": 1.75,
                      "residual": flat(residual), "out": flat(wide(residual) + 1.75 * projected)})


def yarn_frequencies(dimensions, base, scale, context, fast, slow):
    """NTK by parts: pairs that turn more than `fast` times over the original context keep their frequency, those that
    turn less than `slow` times are interpolated, between them linearly in the pair's number."""
    pairs = np.arange(dimensions // 2)
    own = base ** (-2.0 * pairs / dimensions)
    # The pair number at which 2 pi / frequency = context / turns.
    number = lambda turns: dimensions / 2 * math.log(context / (2 * math.pi * turns), base)
    low, high = max(math.floor(number(fast)), 0), min(math.ceil(number(slow)), dimensions - 1)
    interpolation = np.clip((pairs - low) / max(high - low, 0.001), 0, 1)
    return own * (1 - interpolation) + own * scale * interpolation


def rope_case(name, layout, dimensions, head=12, base=10000.0, scale=1.0, factors=None, yarn=None, magnitude=1.0,
              sections=None, interleaved=False, norm=False):
    rows, query_heads, key_heads, value_columns, start = 4, 4, 2, 3, 62
    q, k, v = numbers(rows, query_heads, head), numbers(rows, key_heads, head), numbers(rows, key_heads, value_columns)
    nw = numbers(head)
    pairs = dimensions // 2
    if yarn:
        frequency = yarn_frequencies(dimensions, base, scale, *yarn)
    else:
        frequency = scale * base ** (-np.arange(0, dimensions, 2) / dimensions)
    if factors is not None:
        frequency = frequency / wide(factors)
    if sections:
        positions = rng.integers(0, 90, size=(rows, 4))
        total = sum(sections)
        axis = []
        for pair in range(pairs):
            place = pair % total
            if interleaved:
                inside = place < 3 * sections[place % 3]
                axis.append(place % 3 if inside else 3)
            else:
                axis.append(int(np.searchsorted(np.cumsum(sections), place, side="right")))
        angle = positions[:, axis] * frequency
    else:
        positions = rng.integers(0, 9000, size=rows)
        angle = positions[:, None] * frequency[None, :]
    turn = magnitude * np.exp(1j * angle)[:, None, :]

    def turned(x):
        x = wide(x)
        if norm:
            x = rms_norm(x, wide(nw), 1e-6)
        out = x.copy()
        if layout == "Neighbours":
            z = (x[..., 0:dimensions:2] + 1j * x[..., 1:dimensions:2]) * turn
            out[..., 0:dimensions:2], out[..., 1:dimensions:2] = z.real, z.imag
        elif layout == "Halves":
            z = (x[..., :pairs] + 1j * x[..., pairs:dimensions]) * turn
            out[..., :pairs], out[..., pairs:dimensions] = z.real, z.imag
        return out

    cases.append({
        "op": "RopeStore", "name": f"RopeStore {name}", "rows": rows, "queryHeads": query_heads, "keyHeads": key_heads,
        "headColumns": head, "valueColumns": value_columns, "start": start, "layout": layout, "dimensions": dimensions,
        "base": base, "frequencyScale": scale, "factors": flat(factors) if factors is not None else [],
        "yarn": list(yarn) if yarn else [], "magnitude": magnitude, "sections": sections or [],
        "interleaved": interleaved, "normWeight": flat(nw) if norm else [], "positions": positions.reshape(-1).tolist(),
        "q": flat(q), "k": flat(k), "v": flat(v), "qOut": flat(turned(q)), "kOut": flat(turned(k))})


def rope_cases():
    rope_case("neighbours", "Neighbours", 12)
    rope_case("halves", "Halves", 12, base=500000.0)
    rope_case("part of the head", "Halves", 6)
    rope_case("neighbours of a part", "Neighbours", 8, norm=True)
    rope_case("none", "None", 12, norm=True)
    rope_case("linear scaling", "Neighbours", 12, scale=0.125)
    rope_case("factors", "Halves", 12, factors=np.abs(numbers(6)) + 0.5)
    rope_case("YaRN", "Halves", 32, head=32, scale=0.25, yarn=(4096, 32, 1), magnitude=1 + 0.1 * math.log(4))
    rope_case("YaRN of a short context", "Neighbours", 12, scale=0.125, yarn=(64, 32, 1), magnitude=1.1)
    rope_case("sections", "Halves", 16, head=16, sections=[2, 3, 2, 1])
    rope_case("sections that repeat", "Halves", 16, head=16, sections=[1, 2, 1, 0])
    rope_case("interleaved sections", "Halves", 24, head=24, sections=[4, 4, 3, 0], interleaved=True)


def attention_case(name, query_heads=4, key_heads=2, head=6, value=5, cached=5, rows=3, causal=True, window=0,
                   soft_cap=0.0, sinks=False, shared=False, scale=0.375):
    slots = cached + rows
    q, k, v = numbers(rows, query_heads, head), numbers(slots, key_heads, head), numbers(slots, key_heads, value)
    if shared:
        v = k[..., :value]
    sink = numbers(query_heads)
    group = query_heads // key_heads
    scores = scale * np.einsum("rhc,shc->hrs", wide(q), np.repeat(wide(k), group, axis=1))
    if soft_cap:
        scores = soft_cap * np.tanh(scores / soft_cap)
    row, slot = np.arange(rows)[:, None] + cached, np.arange(slots)[None, :]
    if causal:
        seen = slot <= row
        if window:
            seen &= slot > row - window
        scores = np.where(seen[None], scores, -np.inf)
    if sinks:
        scores = np.concatenate([scores, np.broadcast_to(wide(sink)[:, None, None], (query_heads, rows, 1))], axis=2)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = (weights / weights.sum(-1, keepdims=True))[:, :, :slots]
    out = np.einsum("hrs,shc->rhc", weights, np.repeat(wide(v), group, axis=1))
    cases.append({
        "op": "Attention", "name": f"Attention {name}", "queryHeads": query_heads, "keyHeads": key_heads,
        "headColumns": head, "valueColumns": value, "cached": cached, "rows": rows, "causal": causal, "window": window,
        "softCap": soft_cap, "scale": scale, "sinks": flat(sink) if sinks else [], "sharedValues": shared, "q": flat(q),
        "k": flat(k), "v": [] if shared else flat(v), "out": flat(out)})


def attention_cases():
    attention_case("grouped over two pages", cached=62)
    attention_case("one key head", key_heads=1)
    attention_case("first token", cached=0, rows=1)
    attention_case("full mask", causal=False)
    attention_case("window", window=4, cached=63)
    attention_case("window wider than all", window=500)
    attention_case("soft cap", soft_cap=0.75)
    attention_case("sinks", sinks=True)
    attention_case("shared values", shared=True, key_heads=1)
    attention_case("scores that would overflow", scale=800.0)


def sparse_case(name, kept, cached=61, rows=4, index_heads=3, index_head=8, heads=4, head=6, value=4):
    """One key head whose first columns are the values; each row sees the slots that its indexer scores highest."""
    slots = cached + rows
    index_q, index_weights = numbers(rows, index_heads, index_head), numbers(rows, index_heads)
    index_k, q, k = numbers(slots, index_head), numbers(rows, heads, head), numbers(slots, head)
    products = np.maximum(np.einsum("rhc,sc->rhs", wide(index_q), wide(index_k)), 0)
    row, slot = np.arange(rows)[:, None] + cached, np.arange(slots)[None, :]
    index_scores = np.where(slot <= row, np.einsum("rhs,rh->rs", products, wide(index_weights)), -np.inf)
    ranks = np.argsort(np.argsort(-index_scores, axis=1, kind="stable"), axis=1, kind="stable")
    seen = (ranks < kept) & (slot <= row)
    scores = np.where(seen[:, None, :], 0.5 * np.einsum("rhc,sc->rhs", wide(q), wide(k)), -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    out = np.einsum("rhs,sc->rhc", weights / weights.sum(-1, keepdims=True), wide(k[:, :value]))
    cases.append({"op": "SelectSlots", "name": f"SelectSlots {name}", "kept": kept, "cached": cached, "rows": rows,
                  "indexHeads": index_heads, "indexColumns": index_head, "queryHeads": heads, "headColumns": head,
                  "valueColumns": value, "scale": 0.5,
                  "in": flat(np.concatenate([part.reshape(rows, -1) for part in (index_q, index_weights, q)], axis=1)),
                  "indexKeys": flat(index_k), "keys": flat(k), "out": flat(out)})


def sparse_cases():
    sparse_case("over two pages", 9)
    sparse_case("of one", 1, cached=70)
    sparse_case("that fit", 100)
    sparse_case("from the first token", 2, cached=0, rows=5)
    sparse_case("with scores of zero", 30, index_heads=1)


def short(value):
    """Inputs are floats: nine digits give them back exactly. Results keep more."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


linear_cases()
rope_cases()
attention_cases()
sparse_cases()
with open("ops.json", "w") as file:
    lines = []
    for case in cases:
        lines.append(json.dumps({key: [short(v) for v in value] if isinstance(value, list) else value
                                 for key, value in case.items()}))
    file.write("[\n" + ",\n".join(lines) + "\n]\n")
