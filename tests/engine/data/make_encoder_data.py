"""Writes encoders.json: what llama.cpp makes of the small encoders and rerankers of tiny_encoder.cpp.

Run with a folder that make_encoder_models has filled as the only argument, where the Python package xllamacpp (llama.cpp's
server as a library; 2026.10.11549 was used) is installed. It looks its GELU up in a table of half floats, so that models
with GELU agree to a few 1e-4 only.
"""

import json
import pathlib
import random
import sys

import xllamacpp

QUERY = "What is a mixture?"
DOCUMENTS = ["Experts, and a router that chooses.", "Rain.", "One of several experts answers: that is a mixture."]


def serve(path):
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.embedding = True
    if "reranker" in path.stem:
        settings.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
    settings.n_ctx = settings.n_batch = settings.n_ubatch = 192
    settings.warmup = False
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    settings.cpuparams.n_threads = 1
    return xllamacpp.Server(settings)


def answer(value):
    return json.loads(value) if isinstance(value, str) else value


here = pathlib.Path(__file__).parent
result = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.gguf")):
    server = serve(path)
    if "reranker" in path.stem:
        replies = answer(server.handle_rerank({"query": QUERY, "documents": DOCUMENTS}))
        scores = {reply["index"]: reply["relevance_score"] for reply in replies["results"]}
        result[path.stem] = {"query": QUERY, "documents": DOCUMENTS, "scores": [scores[i] for i in range(len(DOCUMENTS))]}
        continue
    chooser = random.Random(path.stem)
    tokens = [1] + [chooser.randrange(3, 259) for _ in range(29)]
    reply = answer(server.handle_embeddings({"content": tokens, "embd_normalize": -1}))
    vector = reply[0]["embedding"]
    result[path.stem] = {"tokens": tokens, "embedding": vector[0] if isinstance(vector[0], list) else vector}
(here / "encoders.json").write_text(json.dumps(result, indent=1) + "\n")
