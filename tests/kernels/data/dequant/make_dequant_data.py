#!/usr/bin/env python3
"""Writes the golden files of tst_dequantise and tst_quantise with the gguf Python package (0.19.0 and NumPy 2.4 at the
time of writing), whose implementation is independent of ours. Run in this folder; the seed makes the result repeatable."""
import json
import numpy as np
import gguf
from gguf import GGMLQuantizationType as Type, quants

# Byte offsets of the half floats in a block: they get sane numbers, everything else is random.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": [],
    "IQ1_S": [0], "IQ1_M": [], "IQ2_XXS": [0], "IQ2_XS": [0], "IQ2_S": [0], "IQ3_XXS": [0], "IQ3_S": [0],
    "TQ1_0": [52], "TQ2_0": [64],
}
SHOWN = 512  # values stored as floats; all are in the hash


def grid_points(name, blocks):
    """Sets the indices so that every point of the type's grid is met."""
    n = len(blocks)
    if name == "IQ2_XXS":
        words = blocks[:, 2:66].reshape(n, 8, 8)
        words[:, :, 0:4] = np.arange(n * 32).reshape(n, 8, 4) % 256
    elif name == "IQ2_XS":
        words = blocks[:, 2:66].copy().view(np.uint16)
        words = (words & 0xFE00) | (np.arange(n * 32).reshape(n, 32) % 512).astype(np.uint16)
        blocks[:, 2:66] = words.view(np.uint8)
    elif name == "IQ2_S":
        index = np.arange(n * 32).reshape(n, 32) % 1024
        blocks[:, 2:34] = index & 255
        high = (index >> 8).reshape(n, 8, 4)
        blocks[:, 66:74] = sum(high[:, :, i] << (2 * i) for i in range(4))
    elif name == "IQ3_XXS":
        blocks[:, 2:66] = np.arange(n * 64).reshape(n, 64) % 256
    elif name == "IQ3_S":
        index = np.arange(n * 64).reshape(n, 64) % 512
        blocks[:, 2:66] = index & 255
        high = (index >> 8).reshape(n, 8, 8)
        blocks[:, 66:74] = sum(high[:, :, i] << i for i in range(8))
    elif name == "IQ1_S":
        index = np.arange(n * 32).reshape(n, 32) % 2048
        blocks[:, 2:34] = index & 255
        high = (index >> 8).reshape(n, 8, 4)
        words = blocks[:, 34:50].copy().view(np.uint16) & 0xF000
        words = words | sum(high[:, :, i] << (3 * i) for i in range(4)).astype(np.uint16)
        blocks[:, 34:50] = words.view(np.uint8)
    elif name == "IQ1_M":
        index = np.arange(n * 32).reshape(n, 32) % 2048
        blocks[:, 0:32] = index & 255
        high = (index >> 8).reshape(n, 16, 2)
        blocks[:, 32:48] = (blocks[:, 32:48] & 0x88) | high[:, :, 0] | high[:, :, 1] << 4


def scales(rng, count):
    values = rng.normal(size=count) * 10.0 ** rng.uniform(-6, 2, size=count)
    return values.astype(np.float16)


def fnv1a64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def main():
    rng = np.random.default_rng(20240607)
    index = {"gguf": "0.19.0", "types": {}, "quantised": {}}
    for name, halves in HALVES.items():
        block_values, block_bytes = gguf.GGML_QUANT_SIZES[Type[name]]
        points = {"IQ2_XXS": 256 * 8, "IQ2_XS": 512 * 8, "IQ2_S": 1024 * 8, "IQ3_XXS": 256 * 4, "IQ3_S": 512 * 4,
                  "IQ1_S": 2048 * 8, "IQ1_M": 2048 * 8}.get(name, 1024)
        n = points // block_values
        blocks = rng.integers(0, 256, size=(n, block_bytes), dtype=np.uint8)
        grid_points(name, blocks)
        for offset in halves:
            blocks[:, offset:offset + 2] = scales(rng, n).view(np.uint8).reshape(n, 2)
        if name == "IQ1_M":  # the half lies in the top four bits of four words
            half = scales(rng, n).view(np.uint16)
            words = blocks[:, 48:56].copy().view(np.uint16) & 0x0FFF
            for word in range(4):
                words[:, word] |= (half >> (4 * word) & 15) << 12
            blocks[:, 48:56] = words.view(np.uint8)
        if name == "MXFP4":
            blocks[:, 0] = [0, 1, 2, 254, 255] + list(rng.integers(100, 140, size=n - 5))
        expect = quants.dequantize(blocks.reshape(1, -1), Type[name]).astype(np.float32).reshape(-1)
        assert not np.isnan(expect).any()
        blocks.tofile(f"{name}.blocks.bin")
        expect[:SHOWN].tofile(f"{name}.expect.f32")
        index["types"][name] = {"values": n * block_values, "fnv1a64": fnv1a64(expect.tobytes())}

    numbers = (rng.normal(size=(32, 32)) * 10.0 ** rng.uniform(-3, 3, size=(32, 1))).astype(np.float32)
    numbers[0] = 0
    numbers[1] = -np.abs(numbers[1])
    numbers[2, 5:] = 0
    numbers.tofile("numbers.f32")
    for name in ("F16", "BF16", "Q8_0", "Q4_0"):
        quants.quantize(numbers, Type[name]).tofile(f"{name}.quantised.bin")
        index["quantised"][name] = {"values": numbers.size}
    with open("index.json", "w") as file:
        json.dump(index, file, indent=1)
        file.write("\n")


main()
