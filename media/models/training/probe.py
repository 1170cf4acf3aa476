#!/usr/bin/env python3
"""Looks for cells of the bundled model that track something a person can name, on held-out text.

    probe.py CACHE MODEL.safetensors

For each feature (inside quotes, column, bracket depth, ...) every unit's cell state is scored over held-out documents:
the area under the ROC curve for yes/no features, the rank correlation for numbers. The unit is chosen on one half of the
documents and its score is given for the other half, so a lucky unit among 256 does not pass for a finding. The state
counted at byte t is the one after reading byte t. Needs PyTorch and NumPy.
"""
import json
import random
import struct
import sys

import numpy as np
import torch

from train import Model, load

LIMIT, HALVES = 4000, ("choose", "score")


def read_safetensors(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    return {k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], np.float32).reshape(v["shape"]).copy())
            for k, v in header.items() if k != "__metadata__"}


@torch.no_grad()
def cells(model, raws):
    """The cell state after every byte of every text: a list of [bytes, units]."""
    x = torch.nn.utils.rnn.pad_sequence([torch.tensor(list(r)) for r in raws])
    state, out = None, []
    for t in range(len(x)):
        _, state = model.lstm(model.embedding(x[t:t + 1]), state)
        out.append(state[1][0].numpy())
    out = np.stack(out, 1)
    return [out[b, :len(r)] for b, r in enumerate(raws)]


def code_features(raw):
    """Per byte: inside a string, inside a comment, bracket depth, by a small scanner of TypeScript/JavaScript."""
    string, comment, depth = [], [], []
    mode, stack, level, i = None, [], 0, 0
    while i < len(raw):
        ch, two, step = raw[i:i + 1], raw[i:i + 2], 1
        if mode is None:
            if two in (b"//", b"/*"):
                mode, step = two, 2
            elif ch in (b"'", b'"', b"`"):
                mode = ch
            elif ch in (b"(", b"[", b"{"):
                level += 1
            elif ch in (b")", b"]", b"}"):
                if ch == b"}" and stack and stack[-1] == level:
                    stack.pop()
                    mode = b"`"
                level = max(0, level - 1)
        elif mode == b"//":
            mode = None if ch == b"\n" else mode
        elif mode == b"/*":
            if two == b"*/":
                mode, step = None, 2
        elif ch == b"\\":
            step = 2
        elif mode == b"`" and two == b"${":
            mode, step, level = None, 2, level + 1
            stack.append(level)
        elif ch == mode or (ch == b"\n" and mode != b"`"):
            mode = None
        for _ in range(min(step, len(raw) - i)):
            string.append(mode in (b"'", b'"', b"`"))
            comment.append(mode in (b"//", b"/*"))
            depth.append(level)
        i += step
    return string, comment, depth


def features(doc, raw):
    """name -> values per byte; NaN where the feature has no meaning."""
    n, lang = len(raw), doc["lang"]
    b = np.frombuffer(raw, np.uint8)
    ascii_text = raw.decode("latin-1")
    out = {}
    column, indent, at, lead, leading = [], [], 0, 0, True
    for ch in ascii_text:
        if ch == "\n":
            at, lead, leading = 0, 0, True
        else:
            at += 1
            if leading and ch in " \t":
                lead += 1
            else:
                leading = False
        column.append(at)
        indent.append(np.nan if leading else lead)
    out["column (English)"] = column if lang == "en" else np.nan
    out["column (code)"] = column if lang == "code" else np.nan
    out["indentation of the line (code)"] = indent if lang == "code" else np.nan
    out["is code"] = float(lang == "code")
    out["is Chinese"] = float(lang == "zh")
    out["inside a word (English)"] = np.isin(b | 32, list(range(97, 123))) if lang == "en" else np.nan
    # Inside a character: its last byte has not come yet.
    left, unfinished, second = 0, [], []
    for v in b:
        left = left - 1 if 0x80 <= v < 0xC0 else 1 if 0xC0 <= v < 0xE0 else 2 if 0xE0 <= v < 0xF0 else 3 if v >= 0xF0 else 0
        unfinished.append(left > 0)
        second.append(left == 1)
    out["character unfinished (Chinese)"] = unfinished if lang == "zh" else np.nan
    quoted, spans, parens, round_ = False, [], 0, []
    for k, ch in enumerate(ascii_text):
        if ch == "\n" and ascii_text[k - 1:k] == "\n":
            quoted, parens = False, 0
        if ch == '"':
            quoted = not quoted
        elif raw[k - 2:k + 1] == "“".encode():
            quoted = True
        elif raw[k - 2:k + 1] == "”".encode():
            quoted = False
        parens = max(0, parens + (ch == "(") - (ch == ")"))
        spans.append(quoted)
        round_.append(parens > 0)
    out["inside double quotes (English)"] = spans if lang == "en" else np.nan
    out["inside parentheses (English)"] = round_ if lang == "en" else np.nan
    if lang == "code":
        string, comment, depth = code_features(raw)
    out["inside a string (code)"] = string if lang == "code" else np.nan
    out["inside a comment (code)"] = comment if lang == "code" else np.nan
    out["bracket depth (code)"] = np.minimum(depth, 10) if lang == "code" else np.nan
    return {k: np.broadcast_to(np.asarray(v, np.float32), n) for k, v in out.items()}


def ranks(c):
    """Mean-free ranks of each column, ties in order of place (cell states hardly tie)."""
    r = np.empty(c.shape, np.float32)
    for u in range(c.shape[1]):
        r[np.argsort(c[:, u], kind="stable"), u] = np.arange(len(c), dtype=np.float32)
    return r


def tied_ranks(v):
    order = np.sort(v)
    return (np.searchsorted(order, v, "left") + np.searchsorted(order, v, "right")) / 2


def scores(c, v):
    """Per unit: AUC for a yes/no feature, Spearman's correlation otherwise."""
    r = ranks(c)
    if set(np.unique(v)) <= {0.0, 1.0}:
        yes = v == 1
        a, b = yes.sum(), (~yes).sum()
        return "AUC", (r[yes].sum(0, dtype=np.float64) - a * (a - 1) / 2) / (a * b), 0.5
    w = tied_ranks(v)
    w = w - w.mean()
    r = r - r.mean(0)
    return "rank correlation", (r * w[:, None]).sum(0, dtype=np.float64) / np.sqrt((r.astype(np.float64)**2).sum(0) * (w**2).sum()), 0.0


def excerpt(raw, c, v, width=72):
    """A stretch where the feature changes most, as three lines: text, feature, and tanh(cell) in tenths (- for negative)."""
    best, at = -1, 0
    for k in range(0, max(1, len(raw) - width), 8):
        part = v[k:k + width]
        if np.isnan(part).any():
            continue
        gain = np.std(part) - 0.02 * np.count_nonzero(np.diff(part)) / 4
        if gain > best:
            best, at = gain, k
    rows = ["", "", "", ""]
    text, k = raw[at:at + width], 0
    for k, byte in enumerate(text):
        value = np.tanh(c[at + k])
        rows[0] += chr(byte) if 32 <= byte < 127 else "\u21b5" if byte == 10 else "\u00b7"
        rows[1] += "%d" % min(9, v[at + k])
        rows[2] += "-" if value < 0 else "+"
        rows[3] += "%d" % min(9, abs(value) * 10)
    return rows


def main(cache, path):
    torch.set_num_threads(1)
    model = Model()
    model.load_state_dict(read_safetensors(path))
    docs = sorted(load(cache, "heldout"), key=lambda d: d["name"])
    random.Random(1).shuffle(docs)
    raws = [d["text"].encode()[:LIMIT] for d in docs]
    states = cells(model, raws)
    big = np.abs(np.concatenate(states))
    print(f"{len(docs)} held-out documents, {sum(map(len, raws))} bytes, |cell|: max {big.max():.1f}, "
          f"99.9 % below {np.quantile(big, 0.999):.2f}, median {np.median(big):.2f}")
    del big
    tables = [features(d, r) for d, r in zip(docs, raws)]
    result = []
    for name in tables[0]:
        half = []
        for parity in (0, 1):
            pick = [k for k in range(parity, len(docs), 2) if not np.isnan(tables[k][name]).all()]
            v = np.concatenate([tables[k][name] for k in pick])
            c = np.concatenate([states[k] for k in pick])
            ok = ~np.isnan(v)
            half.append((scores(c[ok], v[ok]), int(ok.sum()), pick))
        (kind, s, zero), _, _ = half[0]
        order = np.argsort(-np.abs(s - zero))[:3]
        (_, t, _), n, pick = half[1]
        u = int(order[0])
        print(f"\n{name}: unit {u}, {kind} {t[u]:+.3f} on {n} bytes of the scoring half ({s[u]:+.3f} when chosen); "
              + "next " + ", ".join(f"unit {k} {t[k]:+.3f}" for k in order[1:]))
        result.append({"feature": name, "unit": u, "measure": kind, "chosen": float(s[u]), "score": float(t[u]), "bytes": n})
        shown = max(pick, key=lambda k: np.nanstd(tables[k][name][:2000]))
        for row in excerpt(raws[shown], states[shown][:, u], tables[shown][name]):
            print("    " + row)
    with open(cache + "/probe.json", "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
