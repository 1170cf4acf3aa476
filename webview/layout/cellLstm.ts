/** Where the parts of an LSTM's drawing are: the state along the top, three gates and a candidate below it. */
import {
  BELT,
  BEND,
  beltOf,
  BOX_HEIGHT,
  BOX_TOP,
  frameOf,
  placed,
  RING,
  wire,
  type CellPlan,
  type Wire,
} from './cellParts';

export function lstmPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 282);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const bus = 222;
  // Where there is little room, the gates whose numbers have no sign stand closer.
  const shares = wide ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.22, 0.45, 0.75, 1];
  const [f = 0, i = 0, g = 0, o = 0, tail = 0] = placed(left + (wide ? 56 : 20), right - (wide ? 72 : 17), shares);
  const bottom = BOX_TOP + BOX_HEIGHT;
  const [times, squash, show, number] = [106, 78, 136, 140];
  const tap = (x: number): Wire =>
    wire(
      'all',
      [
        [x, bus],
        [x, bottom],
      ],
      { arrow: true },
    );
  const belt = beltOf(frame, f, g, 'cell');
  return {
    ...frame,
    belt: belt.belt,
    wires: [
      ...belt.wires,
      wire(
        'all',
        [
          [left, bus],
          [o - BEND, bus],
          [o, bus],
          [o, bottom],
        ],
        { arrow: true },
      ),
      tap(i),
      tap(g),
      wire(
        'x',
        [
          [f, body.y + body.height - 18],
          [f, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'forget',
        [
          [f, BOX_TOP],
          [f, BELT + RING],
        ],
        { arrow: true },
      ),
      wire(
        'input',
        [
          [i, BOX_TOP],
          [i, times],
          [g - RING, times],
        ],
        { arrow: true },
      ),
      wire(
        'candidate',
        [
          [g, BOX_TOP],
          [g, times + RING],
        ],
        { arrow: true },
      ),
      wire(
        'written',
        [
          [g, times - RING],
          [g, BELT + RING],
        ],
        { arrow: true },
      ),
      wire(
        'cell',
        [
          [tail, BELT],
          [tail, squash - 12],
        ],
        { arrow: true },
      ),
      wire(
        'shown',
        [
          [tail, squash + 12],
          [tail, show - RING],
        ],
        { arrow: true },
      ),
      wire(
        'output',
        [
          [o, BOX_TOP],
          [o, show],
          [tail - RING, show],
        ],
        { arrow: true },
      ),
      wire(
        'hidden',
        [
          [tail, show + RING],
          [tail, bus],
          [right, bus],
        ],
        { arrow: true },
      ),
    ],
    dots: [
      { x: f, y: bus },
      { x: i, y: bus },
      { x: g, y: bus },
      { x: tail, y: BELT },
    ],
    gates: [gate('forget', 'σ', f), gate('input', 'σ', i), gate('candidate', 'tanh', g), gate('output', 'σ', o)],
    operations: [
      ...belt.operations,
      operation('×', g, times),
      operation('tanh', tail, squash),
      operation('×', tail, show),
    ],
    ports: [
      port('before', 'c′', frame.edge, BELT),
      port('cell', 'c', frame.width - frame.edge, BELT),
      port('all', 'h′', frame.edge, bus),
      port('x', 'x', f, body.y + body.height),
      port('hidden', 'h', frame.width - frame.edge, bus),
    ],
    labels: [
      label('kept', 'f·c′', (f + g) / 2, BELT - 12, 'middle'),
      label('forget', 'f', f + 6, number),
      label('input', 'i', i + 6, number),
      label('candidate', 'g', g + 6, number),
      label('written', 'i·g', g + 6, 80),
      label('shown', 'tanh c', tail + 6, 112),
      label('output', 'o', o + 5, show - 6),
    ],
  };
}
