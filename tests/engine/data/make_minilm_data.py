"""Writes minilm_embeddings.f32 and minilm_tokens.json: what the published all-MiniLM-L6-v2 makes of 50 sentences.

Run once with the model's folder (config.json, model.safetensors, tokenizer.json) as the only argument, in an environment
with  transformers==4.46.3 jax==0.4.35 jaxlib==0.4.35 flax==0.10.1.  The library computes in float32 on the CPU; the mean
over all tokens and the division by the length, which sentence-transformers adds to the model, are done here in float64.
"""

import json
import os
import pathlib
import sys

os.environ["USE_TORCH"] = "0"

import numpy
from transformers import AutoTokenizer, FlaxBertModel

here = pathlib.Path(__file__).parent
sentences = (here / "minilm_sentences.txt").read_text(encoding="utf-8").split("\n")[:50]
model = FlaxBertModel.from_pretrained(sys.argv[1], local_files_only=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
vectors, tokens = [], []
for sentence in sentences:
    inputs = tokenizer([sentence], return_tensors="np", truncation=True, max_length=256, padding=False)
    rows = numpy.array(model(**inputs).last_hidden_state[0], dtype=numpy.float64)
    mean = rows.mean(axis=0)
    vectors.append(mean / numpy.linalg.norm(mean))
    tokens.append([int(token) for token in inputs["input_ids"][0]])
numpy.array(vectors, dtype="<f4").tofile(here / "minilm_embeddings.f32")
(here / "minilm_tokens.json").write_text(json.dumps(tokens, separators=(",", ":")) + "\n")
