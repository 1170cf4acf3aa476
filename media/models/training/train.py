#!/usr/bin/env python3
"""Trains the bundled byte-level LSTM by wall clock and writes it as safetensors.

    train.py CACHE OUT.safetensors --minutes 75

CACHE holds `train.jsonl` and `heldout.jsonl` from prepare.py. Runs on PyTorch alone (Debian's
python3-torch will do); the safetensors file is written here, so nothing else is needed. The learning
rate follows a cosine over the given minutes, whatever the speed of the machine, so a run ends in time.
CACHE/checkpoint.pt keeps the run: starting again with --resume continues it.

Text is read in lanes: each lane feeds one document after the other in steps of T bytes, the state
carried from step to step (truncated back-propagation). A document, or a piece of a long one, starts
from the zero state, so the model also learns a text's first bytes.
"""
import argparse
import json
import math
import os
import random
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import torch

H, E, V = 256, 64, 256
CALM_CELL = 4.0
DESCRIPTION = ("Byte-level LSTM language model over English prose, TypeScript/JavaScript and Chinese. "
               "State starts at zero, there is no start token: byte t is fed, softmax(head(h_t)) predicts byte t+1.")


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, E)
        self.lstm = torch.nn.LSTM(E, H)
        self.head = torch.nn.Linear(H, V)
        torch.nn.init.normal_(self.embedding.weight, std=0.5)
        for name, p in self.lstm.named_parameters():
            if "weight_hh" in name:
                for gate in p.data.chunk(4):
                    torch.nn.init.orthogonal_(gate)
        # PyTorch adds two biases; the forget gate starts open at 1 (Gers 2000, Jozefowicz 2015).
        with torch.no_grad():
            self.lstm.bias_ih_l0.zero_()
            self.lstm.bias_hh_l0.zero_()
            self.lstm.bias_ih_l0[H:2 * H] = 1.0

    def forward(self, tokens, state=None):
        out, state = self.lstm(self.embedding(tokens), state)
        return self.head(out), state


def write_safetensors(path, tensors, metadata):
    """The safetensors layout: u64 length, JSON header padded to 8 bytes, little-endian data."""
    header, offset = {"__metadata__": metadata}, 0
    for name, t in tensors.items():
        size = t.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [offset, offset + size]}
        offset += size
    raw = json.dumps(header, ensure_ascii=False).encode()
    raw += b" " * (-len(raw) % 8)
    with open(path + ".part", "wb") as f:
        f.write(struct.pack("<Q", len(raw)) + raw)
        for t in tensors.values():
            f.write(t.detach().float().contiguous().numpy().tobytes())
    os.replace(path + ".part", path)


def export(weights, path):
    write_safetensors(path, weights, {
        "format": "pt", "name": "gatescope-bytes-256", "architecture": "lstm", "tokenizer": "bytes",
        "task": "language-model", "license": "MIT", "description": DESCRIPTION})


def load(cache, split):
    with open(os.path.join(cache, split + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


class Lanes:
    """B lanes of documents; each step gives [T, B] inputs and targets (-100 where a lane waits) and which lanes start anew."""

    def __init__(self, docs, B, T, seed):
        self.docs = [torch.frombuffer(bytearray(d["text"].encode()), dtype=torch.uint8) for d in docs]
        self.B, self.T, self.rng = B, T, random.Random(seed)
        self.queue, self.lanes = [], [(None, 0)] * B

    def next_piece(self):
        if not self.queue:
            for doc in self.docs:
                at = 0
                while at < len(doc) - 1:
                    # Long documents restart from the zero state every 2 to 20 KB.
                    size = self.rng.randint(2_000, 20_000)
                    if len(doc) - at - size < 1_000:
                        size = len(doc) - at
                    self.queue.append((doc, at, at + size))
                    at += size
            self.rng.shuffle(self.queue)
        doc, start, end = self.queue.pop()
        return doc[start:end]

    def step(self):
        x = torch.zeros(self.T, self.B, dtype=torch.long)
        y = torch.full((self.T, self.B), -100)
        keep = torch.ones(1, self.B, 1)
        for b, (piece, at) in enumerate(self.lanes):
            if piece is None or at >= len(piece) - 1:
                piece, at = self.next_piece(), 0
                keep[0, b, 0] = 0
            n = min(self.T, len(piece) - 1 - at)
            x[:n, b] = piece[at:at + n]
            y[:n, b] = piece[at + 1:at + 1 + n]
            self.lanes[b] = (piece, at + n)
        return x, y, keep


@torch.no_grad()
def evaluate(model, docs, limit=None):
    """Bits per byte on whole documents from the zero state, in float32: total and per language."""
    bits, count = {}, {}
    docs = sorted(docs, key=lambda d: len(d["text"].encode()))
    for k in range(0, len(docs), 64):
        group = docs[k:k + 64]
        raw = [torch.frombuffer(bytearray(d["text"].encode()[:limit]), dtype=torch.uint8).long() for d in group]
        x = torch.nn.utils.rnn.pad_sequence(raw)
        state, total = None, torch.zeros(len(group), dtype=torch.float64)
        for at in range(0, len(x) - 1, 1024):
            part = x[at:at + 1025]
            logits, state = model(part[:-1], state)
            loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), part[1:], reduction="none")
            valid = torch.arange(at + 1, at + len(part)).unsqueeze(1) < torch.tensor([len(r) for r in raw])
            total += (loss * valid).double().sum(0)
        for d, r, t in zip(group, raw, total):
            for key in ("all", d["lang"]):
                bits[key] = bits.get(key, 0) + t.item() / math.log(2)
                count[key] = count.get(key, 0) + len(r) - 1
    return {k: bits[k] / count[k] for k in ("all", "en", "code", "zh") if k in count}


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("cache")
    a.add_argument("out")
    a.add_argument("--minutes", type=float, default=75)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--workers", type=int, default=2, help="replicas, one thread each; divides --batch")
    a.add_argument("--length", type=int, default=256)
    a.add_argument("--rate", type=float, default=4e-3)
    a.add_argument("--bf16-share", type=float, default=0.95,
                   help="share of the time with bfloat16 products (twice as fast where the processor has them); the rest is float32")
    a.add_argument("--calm", type=float, default=0.02,
                   help="cost of a cell state beyond +-%g at the end of a step: without it, some cells count for ever (|c| near 1000 after "
                        "1000 bytes), which drowns the others in a picture and loses float32 digits" % CALM_CELL)
    a.add_argument("--first", type=float, default=6, help="minutes until OUT is written for the first time")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--resume", action="store_true")
    a = a.parse_args()
    torch.manual_seed(a.seed)
    train, held = load(a.cache, "train"), load(a.cache, "heldout")
    model = Model()
    opt = torch.optim.AdamW(model.parameters(), lr=a.rate, betas=(0.9, 0.99), weight_decay=0.01)
    # One replica a core, each on its own half of the batch with one thread. PyTorch's own threads meet at every time step:
    # measured 125 k bytes/s with two of them on an idle two-core machine, and half when something else runs; so, 87 k a core.
    replicas = [model] + [Model() for _ in range(a.workers - 1)]
    for replica in replicas[1:]:
        for p, shared in zip(replica.parameters(), model.parameters()):
            p.data = shared.data
    size = a.batch // a.workers
    lanes = [Lanes(train, size, a.length, a.seed + 1000 * k) for k in range(a.workers)]
    states = [(torch.zeros(1, size, H), torch.zeros(1, size, H)) for _ in range(a.workers)]
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(a.workers, initializer=torch.set_num_threads, initargs=(1,))
    ema = {k: v.detach().clone() for k, v in model.state_dict().items()}
    step, tokens, spent, written = 0, 0, 0.0, False
    checkpoint = os.path.join(a.cache, "checkpoint.pt")
    if a.resume:
        s = torch.load(checkpoint)
        model.load_state_dict(s["model"])
        opt.load_state_dict(s["opt"])
        ema, step, tokens, spent, written = s["ema"], s["step"], s["tokens"], s["spent"], True
        for k, lane in enumerate(lanes):
            lane.rng.seed(a.seed + step + 1000 * k)
    averaged = Model()
    begun, saved, shown, recent, total = time.time() - spent, time.time(), time.time(), [], a.minutes * 60

    def work(k, fast):
        """Forward and backward of one replica on its next step; leaves the gradient in the replica."""
        x, y, keep = lanes[k].step()
        h, c = ((s * keep).detach() for s in states[k])
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            logits, (h, c) = replicas[k](x, (h, c))
        states[k] = (h.float(), c.float())
        loss = torch.nn.functional.cross_entropy(logits.float().view(-1, V), y.view(-1))
        over = (c.float().abs() - CALM_CELL).clamp(min=0)
        (loss + a.calm * (over + 0.1 * over * over).mean()).backward()
        return loss.item(), int((y >= 0).sum())

    def save(note):
        averaged.load_state_dict(ema)
        # On the way, documents are cut at 3 KB to save time; the final figure is over whole documents.
        bpb = evaluate(averaged, held, None if note == "final" else 3000)
        print(f"{note} step {step} tokens {tokens} minutes {(time.time() - begun) / 60:.1f} heldout bpb "
              + " ".join(f"{k} {v:.4f}" for k, v in bpb.items()), flush=True)
        torch.save({"model": model.state_dict(), "opt": opt.state_dict(), "ema": ema, "step": step, "tokens": tokens,
                    "spent": time.time() - begun}, checkpoint + ".part")
        os.replace(checkpoint + ".part", checkpoint)
        export(ema, os.path.join(a.cache, "latest.safetensors"))
        return bpb

    while True:
        done = (time.time() - begun) / total
        if done >= 1:
            break
        warm = min(1.0, (step + 1) / 300)
        rate = a.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        for g in opt.param_groups:
            g["lr"] = rate
        opt.zero_grad()
        losses, counts = zip(*pool.map(work, range(a.workers), [done < a.bf16_share] * a.workers))
        for parts in zip(*(replica.parameters() for replica in replicas)):
            parts[0].grad.div_(a.workers)
            for p in parts[1:]:
                parts[0].grad.add_(p.grad, alpha=1 / a.workers)
                p.grad = None
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not torch.isfinite(norm):
            print(f"step {step}: gradient {norm}, skipped", flush=True)
            states[:] = [(torch.zeros(1, size, H), torch.zeros(1, size, H)) for _ in states]
            continue
        opt.step()
        step += 1
        tokens += sum(counts)
        recent.append(sum(losses) / a.workers / math.log(2))
        decay = min(0.9995, (step + 1) / (step + 20))
        with torch.no_grad():
            for k, v in model.state_dict().items():
                ema[k].lerp_(v, 1 - decay)
        now = time.time()
        if now - shown > 30:
            print(f"step {step} tokens {tokens} minutes {(now - begun) / 60:.1f} rate {rate:.5f} train bpb {sum(recent) / len(recent):.4f}", flush=True)
            shown, recent = now, []
        if not written and now - begun > a.first * 60:
            save("first")
            export(ema, a.out)
            written, saved = True, time.time()
        elif now - saved > 420:
            save("checkpoint")
            saved = time.time()
    export(ema, a.out)
    bpb = save("final")
    with open(os.path.join(a.cache, "result.json"), "w", encoding="utf-8") as f:
        json.dump({"bpb": bpb, "steps": step, "tokens": tokens, "minutes": (time.time() - begun) / 60}, f, indent=1)


if __name__ == "__main__":
    main()
