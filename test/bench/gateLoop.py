"""What a user of PyTorch writes today to see the gates: the cell's equations in a loop over steps, one thread.

For each line on stdin runs the loop once and prints the milliseconds that it took.
"""
import sys
import time

import torch

UNITS, STEPS, WIDTH = int(sys.argv[1]), int(sys.argv[2]), 64
torch.set_num_threads(1)
torch.manual_seed(0)
lstm = torch.nn.LSTM(WIDTH, UNITS)
x = torch.randn(STEPS, WIDTH)


@torch.no_grad()
def trace():
    W, U, b, d = lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0
    h, c = torch.zeros(UNITS), torch.zeros(UNITS)
    record = []
    for t in range(STEPS):
        i, f, g, o = (W @ x[t] + b + U @ h + d).chunk(4)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        h = o * torch.tanh(c)
        record.append((i, f, g, o, c, h))
    return record


for _ in sys.stdin:
    start = time.perf_counter()
    trace()
    print((time.perf_counter() - start) * 1000, flush=True)
