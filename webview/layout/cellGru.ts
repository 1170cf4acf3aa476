/** Where the parts of a GRU's drawing are: what it puts out is its state, and runs along the top. */
import { BELT, BEND, beltOf, BOX_HEIGHT, BOX_TOP, frameOf, placed, RING, wire, type CellPlan } from './cellParts';

export function gruPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 300);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const [state, input] = [218, 246];
  const ends = [left + (wide ? 56 : 28), right - (wide ? 90 : 44)] as const;
  const [z = 0, reset = 0, pass = 0, n = 0] = placed(...ends, [0, 0.36, 0.66, 1]);
  const bottom = BOX_TOP + BOX_HEIGHT;
  const [branch, loop] = [96, 130];
  const side = 8;
  const flip = Math.round((z + n) / 2) - (wide ? 0 : 6);
  const belt = beltOf(frame, z, n, 'hidden');
  return {
    ...frame,
    belt: belt.belt,
    wires: [
      ...belt.wires,
      wire(
        'all',
        [
          [left, state],
          [pass - RING, state],
        ],
        { arrow: true },
      ),
      wire(
        'all',
        [
          [z - side, state],
          [z - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'all',
        [
          [reset - side, state],
          [reset - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'x',
        [
          [z + side, body.y + body.height - 18],
          [z + side, bottom],
        ],
        { arrow: true, over: true },
      ),
      wire(
        'x',
        [
          [z + side, input],
          [reset + side - BEND, input],
          [reset + side, input],
          [reset + side, bottom],
        ],
        {
          arrow: true,
          over: true,
        },
      ),
      wire(
        'x',
        [
          [reset + side - BEND, input],
          [n + side, input],
          [n + side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'passed',
        [
          [pass + RING, state],
          [n - side, state],
          [n - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'update',
        [
          [z, BOX_TOP],
          [z, BELT + RING],
        ],
        { arrow: true },
      ),
      wire(
        'update',
        [
          [z, branch],
          [flip - 13, branch],
        ],
        { arrow: true },
      ),
      wire(
        'rest',
        [
          [flip + 13, branch],
          [n - RING, branch],
        ],
        { arrow: true },
      ),
      wire(
        'reset',
        [
          [reset, BOX_TOP],
          [reset, loop],
          [pass, loop],
          [pass, state - RING],
        ],
        { arrow: true },
      ),
      wire(
        'candidate',
        [
          [n, BOX_TOP],
          [n, branch + RING],
        ],
        { arrow: true },
      ),
      wire(
        'written',
        [
          [n, branch - RING],
          [n, BELT + RING],
        ],
        { arrow: true },
      ),
    ],
    dots: [
      { x: z - side, y: state },
      { x: reset - side, y: state },
      { x: z + side, y: input },
      { x: z, y: branch },
    ],
    gates: [gate('update', 'σ', z), gate('reset', 'σ', reset), gate('candidate', 'tanh', n)],
    operations: [
      ...belt.operations,
      operation('1−', flip, branch),
      operation('×', n, branch),
      operation('×', pass, state),
    ],
    ports: [
      port('before', 'h′', frame.edge, BELT),
      port('hidden', 'h', frame.width - frame.edge, BELT),
      port('all', 'h′', frame.edge, state),
      port('x', 'x', z + side, body.y + body.height),
    ],
    labels: [
      label('kept', 'z·h′', (z + n) / 2, BELT - 12, 'middle'),
      label('update', 'z', z + 6, 140),
      label('rest', '1−z', flip + 18, branch - 6),
      label('reset', 'r', reset + 6, 154),
      label('candidate', 'n', n + 6, 140),
      label('passed', wide ? 'r, U h′' : '', (pass + n) / 2, state + 16, 'middle'),
      label('written', '(1−z)·n', n + 6, 79),
    ],
  };
}
