#!/usr/bin/env python3
"""The baseline the bundled model is compared with: n-grams over bytes, on the same training and held-out text.

    ngram.py CACHE [--context 4 5]

`--context 5` predicts each byte from the five before it. Two smoothings are computed and the better one counts:
interpolated modified Kneser-Ney (Chen and Goodman 1999) and interpolated Witten-Bell (method C, as in PPM).
Each document is preceded by start symbols, so the n-gram knows where a text begins, as the LSTM does by its zero
state; as there, a document's first byte is not scored. Needs NumPy (Debian: python3-numpy) and about 4 GB of memory.
"""
import argparse
import json
import os

import numpy as np

START, BASE = 256, 257  # bytes are 0..255; a context is a number in base 257, so six places fit in 63 bits


def read(cache, split, pad):
    """The symbols of all documents in a row, which of them count (bytes), which are scored, and each one's language."""
    symbols, byte, scored, lang = [], [], [], []
    names = {"en": 0, "code": 1, "zh": 2}
    with open(os.path.join(cache, split + ".jsonl"), encoding="utf-8") as f:
        for line in f:
            d = json.loads(line)
            raw = np.frombuffer(d["text"].encode(), np.uint8).astype(np.int64)
            symbols += [np.full(pad, START), raw]
            byte += [np.zeros(pad, bool), np.ones(len(raw), bool)]
            s = np.ones(len(raw), bool)
            s[0] = False
            scored += [np.zeros(pad, bool), s]
            lang.append(np.full(pad + len(raw), names[d["lang"]], np.int8))
    return tuple(np.concatenate(x) for x in (symbols, byte, scored, lang))


def codes(symbols, at, order):
    """The number that stands for the `order` symbols ending at each position, the last one lowest."""
    out = np.zeros(len(at), np.int64)
    for k in range(order - 1, -1, -1):
        out = out * BASE + symbols[at - k]
    return out


def find(keys, wanted):
    """Index of each wanted key in the sorted keys, and whether it is there."""
    i = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return i, keys[i] == wanted


class Level:
    """Counts of one context length: of (context, byte), and per context the total and the number of types by count."""

    def __init__(self, grams, counts):
        self.grams, self.counts = grams, counts
        self.contexts, start = np.unique(grams // BASE, return_index=True)
        self.total = np.add.reduceat(counts, start)
        self.types = [np.add.reduceat(test.astype(np.int64), start) for test in (counts == 1, counts == 2, counts >= 3)]
        n = [np.count_nonzero(counts == k) or 1 for k in (1, 2, 3, 4)]
        y = n[0] / (n[0] + 2 * n[1])
        self.discount = [1 - 2 * y * n[1] / n[0], 2 - 3 * y * n[2] / n[1], 3 - 4 * y * n[3] / n[2]]

    def look(self, wanted):
        i, there = find(self.grams, wanted)
        count = np.where(there, self.counts[i], 0)
        j, known = find(self.contexts, wanted // BASE)
        return count, known, self.total[j], [t[j] for t in self.types]

    def kneser_ney(self, wanted, lower):
        count, known, total, types = self.look(wanted)
        d = np.select([count == 0, count == 1, count == 2], [0.0, self.discount[0], self.discount[1]], self.discount[2])
        back = sum(k * t for k, t in zip(self.discount, types))
        return np.where(known, (count - d + back * lower) / total, lower)

    def witten_bell(self, wanted, lower):
        count, known, total, types = self.look(wanted)
        kinds = sum(types)
        return np.where(known, (count + kinds * lower) / (total + kinds), lower)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("cache")
    a.add_argument("--context", type=int, nargs="+", default=[4, 5])
    a = a.parse_args()
    top = max(a.context)
    symbols, byte, _, _ = read(a.cache, "train", top)
    at = np.flatnonzero(byte)
    raw = []
    for k in range(top + 1):
        raw.append(np.unique(codes(symbols, at, k + 1), return_counts=True))
        print(f"context {k}: {len(raw[-1][0])} different n-grams", flush=True)
    held, _, scored, lang = read(a.cache, "heldout", top)
    at = np.flatnonzero(scored)
    result = {}
    for context in a.context:
        for method in ("kneser_ney", "witten_bell"):
            p = np.full(len(at), 1 / 256)
            for k in range(context + 1):
                grams, counts = raw[k]
                if method == "kneser_ney" and k < context:
                    # Kneser-Ney: below the top, a byte counts once for every different symbol seen before its context.
                    grams, counts = np.unique(raw[k + 1][0] % BASE ** (k + 1), return_counts=True)
                p = getattr(Level(grams, counts), method)(codes(held, at, k + 1), p)
            bits = -np.log2(p)
            row = {"all": bits.mean(), **{n: bits[lang[at] == i].mean() for i, n in enumerate(("en", "code", "zh"))}}
            result[f"{context} {method}"] = row
            print(f"context {context} {method:12} bpb " + " ".join(f"{k} {v:.4f}" for k, v in row.items()), flush=True)
    with open(os.path.join(a.cache, "ngram.json"), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
