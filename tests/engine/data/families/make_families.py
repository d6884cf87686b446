#!/usr/bin/env python3
"""Writes tiny models of families and layouts (random weights, F32) and what llama.cpp computes with them on the CPU with an
F32 cache and without flash attention. Run in this folder as make_families.py LIBLLAMA.so (the build of October 2026 was
used); the seed is fixed. No choice of experts is near a tie, so that rounding flips none."""
import ctypes
import json
import struct
import sys

import numpy as np

HIDDEN, HEADS, KEY_HEADS, HEAD, INNER, VOCABULARY, LAYERS, TOKENS = 32, 4, 2, 8, 48, 40, 2, 24
random = np.random.default_rng(2026)


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def entry(value):
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, text(value)
    kind = entry(value[0])[0]
    return 9, struct.pack("<IQ", kind, len(value)) + b"".join(entry(item)[1] for item in value)


class Model:
    """Shapes are given as GGUF has them: innermost first."""

    def __init__(self, name, architecture, layers=LAYERS, **numbers):
        self.name, self.architecture, self.layers, self.tensors = name, architecture, layers, {}
        self.metadata = {"general.architecture": architecture, "tokenizer.ggml.model": "none"}
        self.set({"block_count": layers, "context_length": 256, "embedding_length": HIDDEN, "vocab_size": VOCABULARY,
                  "feed_forward_length": INNER, "attention.head_count": HEADS, "attention.head_count_kv": KEY_HEADS,
                  "attention.layer_norm_rms_epsilon": 1e-6, "rope.freq_base": 10000.0, "rope.dimension_count": HEAD})
        self.set(numbers)

    def set(self, numbers):
        self.metadata.update({f"{self.architecture}.{key}": value for key, value in numbers.items()})

    def weight(self, name, *shape, spread=1.3):
        values = random.normal(size=shape[::-1]) * spread / np.sqrt(shape[0])
        self.tensors[name] = values.astype("<f4")

    def vector(self, name, columns, centre=1.0, spread=0.2):
        self.tensors[name] = (centre + spread * random.normal(size=columns)).astype("<f4")

    def ends(self, tied, norm="output_norm"):
        self.weight("token_embd.weight", HIDDEN, VOCABULARY, spread=np.sqrt(HIDDEN))
        self.vector(norm + ".weight", HIDDEN)
        if not tied:
            self.weight("output.weight", HIDDEN, VOCABULARY, spread=2)

    def attention(self, layer, biases=False, head_norms=False):
        prefix = f"blk.{layer}."
        self.vector(prefix + "attn_norm.weight", HIDDEN)
        for part, heads in (("q", HEADS), ("k", KEY_HEADS), ("v", KEY_HEADS)):
            self.weight(f"{prefix}attn_{part}.weight", HIDDEN, heads * HEAD)
            if biases:
                self.vector(f"{prefix}attn_{part}.bias", heads * HEAD, 0.0, 0.3)
            if head_norms and part != "v":
                self.vector(f"{prefix}attn_{part}_norm.weight", HEAD)
        self.weight(prefix + "attn_output.weight", HEADS * HEAD, HIDDEN)

    def dense(self, layer, norm="ffn_norm", suffix="", inner=INNER):
        prefix = f"blk.{layer}."
        if norm:
            self.vector(prefix + norm + ".weight", HIDDEN)
        self.weight(f"{prefix}ffn_gate{suffix}.weight", HIDDEN, inner)
        self.weight(f"{prefix}ffn_up{suffix}.weight", HIDDEN, inner)
        self.weight(f"{prefix}ffn_down{suffix}.weight", inner, HIDDEN)

    def experts(self, layer, count=8, inner=12, norm="ffn_norm", bias=False, shared=0):
        prefix = f"blk.{layer}."
        self.vector(prefix + norm + ".weight", HIDDEN)
        self.weight(prefix + "ffn_gate_inp.weight", HIDDEN, count, spread=3)
        if bias:
            self.vector(prefix + "exp_probs_b.bias", count, 0.0, 0.3)
        self.weight(prefix + "ffn_gate_exps.weight", HIDDEN, inner, count)
        self.weight(prefix + "ffn_up_exps.weight", HIDDEN, inner, count)
        self.weight(prefix + "ffn_down_exps.weight", inner, HIDDEN, count)
        if shared:
            self.dense(layer, None, "_shexp", shared)

    def prediction(self, layer):
        self.weight(f"blk.{layer}.nextn.eh_proj.weight", 2 * HIDDEN, HIDDEN)
        for norm in ("enorm", "hnorm", "shared_head_norm"):
            self.vector(f"blk.{layer}.nextn.{norm}.weight", HIDDEN)

    def write(self):
        head = b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), len(self.metadata))
        for key, value in self.metadata.items():
            kind, stored = entry(value)
            head += text(key) + struct.pack("<I", kind) + stored
        data = b""
        for name, values in self.tensors.items():
            shape = values.shape[::-1]
            head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
            head += struct.pack("<IQ", 0, len(data))
            data += values.tobytes() + b"\0" * (-values.nbytes % 32)
        with open(self.name + ".gguf", "wb") as file:
            file.write(head + b"\0" * (-len(head) % 32) + data)


EXPERTS = {"expert_count": 8, "expert_used_count": 3, "expert_feed_forward_length": 12}


def gemma2():
    model = Model("gemma2", "gemma2", **{"attention.sliding_window": 6, "attn_logit_softcapping": 20.0,
                                         "final_logit_softcapping": 15.0})
    model.ends(tied=True)
    for layer in range(LAYERS):
        model.attention(layer)
        model.dense(layer)
        model.vector(f"blk.{layer}.post_attention_norm.weight", HIDDEN)
        model.vector(f"blk.{layer}.post_ffw_norm.weight", HIDDEN)
    return model


def glm4moe():
    model = Model("glm4moe", "glm4moe", LAYERS + 1, **EXPERTS, **{
        "expert_shared_count": 1, "leading_dense_block_count": 1, "expert_weights_scale": 1.5, "expert_weights_norm": True,
        "rope.dimension_count": 4, "nextn_predict_layers": 1})
    model.ends(tied=False)
    for layer in range(LAYERS + 1):
        model.attention(layer, biases=True, head_norms=True)
        if layer == 0:
            model.dense(layer, "post_attention_norm")
        else:
            model.experts(layer, norm="post_attention_norm", bias=True, shared=12)
    model.prediction(LAYERS)
    return model


def granitemoe():
    model = Model("granitemoe", "granitemoe", **EXPERTS, **{
        "logit_scale": 6.0, "residual_scale": 0.22, "embedding_scale": 12.0, "attention.scale": 0.08,
        "expert_shared_feed_forward_length": 20, "feed_forward_length": 12})
    model.ends(tied=True)
    for layer in range(LAYERS):
        model.attention(layer)
        model.experts(layer, shared=20)
    return model


def lfm2():
    model = Model("lfm2", "lfm2", **{"attention.head_count_kv": [0, KEY_HEADS], "shortconv.l_cache": 3})
    model.ends(tied=True, norm="token_embd_norm")
    model.vector("blk.0.attn_norm.weight", HIDDEN)
    model.weight("blk.0.shortconv.conv.weight", 3, HIDDEN)
    model.weight("blk.0.shortconv.in_proj.weight", HIDDEN, 3 * HIDDEN)
    model.weight("blk.0.shortconv.out_proj.weight", HIDDEN, HIDDEN)
    model.attention(1, head_norms=True)
    for layer in range(LAYERS):
        model.dense(layer)
    return model


def llama_longrope():
    model = Model("llama-longrope", "llama", **{"rope.scaling.type": "longrope", "rope.scaling.attn_factor": 1.19,
                                                "rope.scaling.original_context_length": 64})
    model.ends(tied=False)
    model.tensors["rope_factors_long.weight"] = np.linspace(1, 9, HEAD // 2).astype("<f4")
    model.tensors["rope_factors_short.weight"] = np.linspace(1, 3, HEAD // 2).astype("<f4")
    for layer in range(LAYERS):
        model.attention(layer, biases=True)
        model.dense(layer)
    return model


def qwen3moe():
    model = Model("qwen3moe", "qwen3moe", **EXPERTS)
    model.ends(tied=False)
    for layer in range(LAYERS):
        model.attention(layer, head_norms=True)
        model.experts(layer)
    return model


def deepseek2():
    rank, rope, content, value, queries = 16, 4, 8, 8, 12
    model = Model("deepseek2-prediction", "deepseek2", LAYERS + 1, **EXPERTS, **{
        "attention.head_count_kv": 1, "attention.q_lora_rank": queries, "attention.kv_lora_rank": rank,
        "attention.key_length": rank + rope, "attention.value_length": rank, "attention.key_length_mla": content + rope,
        "attention.value_length_mla": value, "rope.dimension_count": rope, "expert_shared_count": 1,
        "leading_dense_block_count": 1, "expert_weights_scale": 2.5, "expert_weights_norm": True, "expert_gating_func": 2,
        "expert_group_count": 4, "expert_group_used_count": 2, "nextn_predict_layers": 1, "rope.scaling.type": "yarn",
        "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 64,
        "rope.scaling.yarn_log_multiplier": 0.05})
    model.ends(tied=False)
    for layer in range(LAYERS + 1):
        prefix = f"blk.{layer}."
        for norm, columns in (("attn", HIDDEN), ("attn_q_a", queries), ("attn_kv_a", rank)):
            model.vector(f"{prefix}{norm}_norm.weight", columns)
        model.weight(prefix + "attn_q_a.weight", HIDDEN, queries)
        model.weight(prefix + "attn_q_b.weight", queries, HEADS * (content + rope))
        model.weight(prefix + "attn_kv_a_mqa.weight", HIDDEN, rank + rope)
        model.weight(prefix + "attn_k_b.weight", content, rank, HEADS)
        model.weight(prefix + "attn_v_b.weight", rank, value, HEADS)
        model.weight(prefix + "attn_output.weight", HEADS * value, HIDDEN)
        if layer == 0:
            model.dense(layer)
        else:
            model.experts(layer, bias=True, shared=12)
    model.prediction(LAYERS)
    return model


class Words(ctypes.Structure):
    """Parameters by place: the structs differ from build to build."""
    _fields_ = [("word", ctypes.c_int32 * 128)]


class Batch(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int32), ("token", ctypes.POINTER(ctypes.c_int32)),
                ("embedding", ctypes.POINTER(ctypes.c_float)), ("place", ctypes.POINTER(ctypes.c_int32)),
                ("sequences", ctypes.POINTER(ctypes.c_int32)), ("sequence", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
                ("shown", ctypes.POINTER(ctypes.c_int8))]


class Peer:
    CONTEXT_KIND, FLASH_ATTENTION, LOAD_PREDICTION = 9, 13, 77

    def __init__(self, library):
        self.library = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
        for name, result in (("llama_model_default_params", Words), ("llama_context_default_params", Words),
                             ("llama_model_load_from_file", ctypes.c_void_p), ("llama_init_from_model", ctypes.c_void_p),
                             ("llama_get_logits_ith", ctypes.POINTER(ctypes.c_float))):
            getattr(self.library, name).restype = result
        self.keep_states = self.library._Z26llama_set_embeddings_nextnP13llama_contextbb
        self.states = self.library._Z30llama_get_embeddings_nextn_ithP13llama_contexti
        self.states.restype = ctypes.POINTER(ctypes.c_float)
        self.library.llama_backend_init()

    def load(self, path):
        parameters = self.library.llama_model_default_params()
        ctypes.cast(ctypes.byref(parameters), ctypes.POINTER(ctypes.c_uint8))[self.LOAD_PREDICTION] = 1
        return ctypes.c_void_p(self.library.llama_model_load_from_file(path.encode(), parameters))

    def run(self, model, tokens, first=0, states=None):
        """The logits of all rows, and the final states where they are."""
        parameters = self.library.llama_context_default_params()
        words = list(parameters.word)
        types = next(at for at in range(20, 40) if words[at] == 1 and words[at + 1] == 1)
        for at, value in ((0, 256), (1, 256), (2, 256), (types, 0), (types + 1, 0), (self.FLASH_ATTENTION, 0),
                          (self.CONTEXT_KIND, 0 if states is None else 1)):
            parameters.word[at] = value
        context = ctypes.c_void_p(self.library.llama_init_from_model(model, parameters))
        self.keep_states(context, ctypes.c_bool(True), ctypes.c_bool(states is not None))
        count = len(tokens)
        own = [(ctypes.c_int32 * 1)(0) for _ in range(count)]
        batch = Batch(count, (ctypes.c_int32 * count)(*tokens), None,
                      (ctypes.c_int32 * count)(*range(first, first + count)), (ctypes.c_int32 * count)(*[1] * count),
                      (ctypes.POINTER(ctypes.c_int32) * count)(*[ctypes.cast(it, ctypes.POINTER(ctypes.c_int32)) for it in own]),
                      (ctypes.c_int8 * count)(*[1] * count))
        if states is not None:
            states = np.ascontiguousarray(states, dtype="<f4")
            batch.embedding = states.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        if self.library.llama_decode(context, batch) != 0:
            raise RuntimeError("the peer could not compute this")
        rows = lambda read, columns: np.stack([np.ctypeslib.as_array(read(context, row), shape=(columns,)).copy()
                                               for row in range(count)])
        return rows(self.library.llama_get_logits_ith, VOCABULARY), rows(self.states, HIDDEN)


def record(peer, model, predicts):
    model.write()
    loaded = peer.load(model.name + ".gguf")
    tokens = [int(token) for token in random.integers(0, VOCABULARY, TOKENS)]
    logits, states = peer.run(loaded, tokens)
    logits[-8:].astype("<f4").tofile(model.name + ".logits.f32")
    description = {"kind": "logits", "model": model.name + ".gguf", "architecture": model.architecture, "n_ctx": 128,
                   "tokens": tokens, "logits_file": model.name + ".logits.f32"}
    if model.architecture.startswith("gemma"):
        description["tolerance"] = 3e-4  # the peer looks GELU up in a table of half floats
    if predicts:
        guesses, _ = peer.run(loaded, tokens[1:], 1, states[:-1])
        guesses[-8:].astype("<f4").tofile(model.name + ".mtp.f32")
        states[-9:-1].astype("<f4").tofile(model.name + ".mtp_h.f32")
        description.update({"mtp_file": model.name + ".mtp.f32", "mtp_shape": [8, VOCABULARY],
                            "mtp_h_file": model.name + ".mtp_h.f32"})
    with open(model.name + ".tokens.json", "w", encoding="utf-8") as file:
        json.dump(description, file, indent=1)
        file.write("\n")


def main():
    peer = Peer(sys.argv[1])
    for model in (gemma2(), glm4moe(), granitemoe(), lfm2(), llama_longrope(), qwen3moe()):
        record(peer, model, predicts=False)
    record(peer, deepseek2(), predicts=True)


main()
