#!/usr/bin/env python3
"""Decoding speed beside llama.cpp on the same file, in turn, so that both see the same machine.

usage: compare_peer.py MODEL.gguf --cli build/release/bin/hearth-cli --peer PATH/llama-bench
                       [--threads 2] [--prompt 0] [--gen 64] [--rounds 5]

Each round runs the one, then the other (the order changes with every round), once each. Printed are the medians, the
ratio of the medians and the median of the rounds' own ratios, which a load that comes and goes disturbs least.
The result is a JSON value a line on standard output.
"""
import argparse
import json
import os
import statistics
import subprocess


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def hearth(options):
    report = run([options.cli, "bench", options.model, "--json", "--repeat", "1", "--threads", str(options.threads),
                  "--prompt", str(options.prompt), "--gen", str(options.gen)])
    return {"decode": report["decode_tokens_per_second"], "prompt": report["prompt_tokens_per_second"],
            "bytes_per_token": report["bytes_per_token"], "read_bytes_per_second": report["read_bytes_per_second"]}


def peer(options):
    tests = run([options.peer, "-m", options.model, "-o", "json", "-r", "1", "-t", str(options.threads),
                 "-p", str(options.prompt), "-n", str(options.gen), "-fa", "1"])
    speeds = {"decode": 0.0, "prompt": 0.0}
    for test in tests:
        speeds["decode" if test["n_gen"] > 0 else "prompt"] = test["avg_ts"]
    return speeds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=0)
    parser.add_argument("--gen", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    ours, theirs = [], []
    for number in range(options.rounds):
        turns = [(hearth, ours), (peer, theirs)]
        for measure, results in turns if number % 2 == 0 else reversed(turns):
            results.append(measure(options))
        print(json.dumps({"round": number, "load": os.getloadavg()[0], "hearth": ours[-1], "peer": theirs[-1]}),
              flush=True)

    summary = {"model": os.path.basename(options.model), "threads": options.threads, "rounds": options.rounds}
    for what in ("decode", "prompt"):
        if not all(result[what] > 0 for result in ours + theirs):
            continue
        mine = statistics.median(result[what] for result in ours)
        other = statistics.median(result[what] for result in theirs)
        summary[what] = {"hearth": mine, "peer": other, "ratio": mine / other,
                         "median_ratio": statistics.median(a[what] / b[what] for a, b in zip(ours, theirs))}
    summary["bytes_per_token"] = ours[0]["bytes_per_token"]
    summary["read_bytes_per_second"] = max(result["read_bytes_per_second"] for result in ours)
    summary["bandwidth_fraction"] = statistics.median(
        result["decode"] * result["bytes_per_token"] / result["read_bytes_per_second"] for result in ours)
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
