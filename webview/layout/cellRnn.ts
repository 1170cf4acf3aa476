/** Where the parts of a SimpleRNN's drawing are: one sum, one tanh, no belt. */
import { BOX_HEIGHT, frameOf, RING, wire, type CellPlan } from './cellParts';

export function rnnPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 186);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const line = 84;
  const plus = Math.round(left + (right - left) * (wide ? 0.36 : 0.38));
  const squash = Math.round(left + (right - left) * (wide ? 0.68 : 0.72));
  const box = gate('hidden', 'tanh', squash, line - BOX_HEIGHT / 2);
  return {
    ...frame,
    belt: undefined,
    wires: [
      wire(
        'fromState',
        [
          [left, line],
          [plus - RING, line],
        ],
        { arrow: true },
      ),
      wire(
        'fromInput',
        [
          [plus, body.y + body.height - 18],
          [plus, line + RING],
        ],
        { arrow: true },
      ),
      wire(
        'bias',
        [
          [plus, 44],
          [plus, line - RING],
        ],
        { arrow: true },
      ),
      wire(
        'sum',
        [
          [plus + RING, line],
          [box.x, line],
        ],
        { arrow: true },
      ),
      wire(
        'hidden',
        [
          [box.x + box.width, line],
          [right, line],
        ],
        { arrow: true },
      ),
    ],
    dots: [],
    gates: [box],
    operations: [operation('+', plus, line)],
    ports: [
      port('all', 'h′', frame.edge, line),
      port('x', 'x', plus, body.y + body.height),
      port('hidden', 'h', frame.width - frame.edge, line),
    ],
    labels: [
      label('fromState', 'U h′', (left + plus - RING) / 2 - 16, line - 8),
      label('bias', 'b', plus + 6, 44),
      label('fromInput', 'W x', plus + 6, 126),
      label('sum', 'Σ', (plus + RING + box.x) / 2 - 18, line - 8),
    ],
  };
}
