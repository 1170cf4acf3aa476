/** A character model as tutorials train and save it opens without a question, and predicts English. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headLoss, headProbabilities } from '../../src/engine/head';
import { tokenNetwork } from '../../src/engine/recurrent';
import { evaluate } from '../../src/engine/evaluate';
import { readModelBytes } from '../../src/models/readModel';

/** From the part of the play that it was not trained on. */
const TEXT = `PETRUCHIO:
How! she is busy and she cannot come!
Is that an answer?

GREMIO:
Ay, and a kind one too:
Pray God, sir, your wife send you not a worse.

PETRUCHIO:
I hope better.

HORTENSIO:
Sirrah Biondello, go and entreat my wife
To come to me forthwith.
`;

describe('charrnn.pt', () => {
  const model = readModelBytes('charrnn.pt', readFileSync('test/fixtures/pytorch/charrnn/charrnn.pt'));
  const { tokenizer } = model.notes;
  const tokens = tokenizer?.kind === 'characters' ? tokenizer.tokens : [];
  const network = tokenNetwork(model.network);
  const ids = Array.from(TEXT, (character) => tokens.indexOf(character));
  const { output } = evaluate(model.network, { tokens: ids }, { steps: ids.length, batch: 1 });
  const units = network?.layers.at(-1)?.units ?? 0;
  const hidden = (step: number): Float64Array => output.subarray(step * units, (step + 1) * units);

  it('knows its characters, and has nothing to ask or to warn of', () => {
    expect(tokens).toHaveLength(65);
    expect(tokens.slice(0, 3)).toEqual(['\n', ' ', '!']);
    expect(model).toMatchObject({
      architecture: 'LSTM',
      warnings: [],
      notRun: [],
      notes: { tokenizer: { kind: 'characters' } },
    });
    expect(network?.head?.vocab).toBe(65);
  });

  it('has less than 1.8 nats a character', () => {
    const head = network?.head;
    if (!head) throw new Error('no head');
    const losses = ids.slice(1).map((id, step) => headLoss(head, hidden(step), id));
    expect(losses.reduce((a, b) => a + b, 0) / losses.length).toBeLessThan(1.8);
  });

  it('expects a line feed behind the name of who speaks', () => {
    const head = network?.head;
    if (!head) throw new Error('no head');
    const p = headProbabilities(head, hidden(TEXT.indexOf(':')));
    expect(p[tokens.indexOf('\n')]).toBeGreaterThan(0.9);
  });
});
