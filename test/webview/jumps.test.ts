/** Jumps: the newest counts, what is not there is said, and what takes long is told. */
import { describe, expect, it } from 'vitest';
import type { JumpRequest } from '../../src/shared/trace';
import { Jumps } from '../../webview/jumps';

const request = (from: number, by: JumpRequest['by'] = 'loss', to: JumpRequest['to'] = 'next'): JumpRequest => ({
  trace: 1,
  from,
  to,
  by,
  layer: 0,
});

function setUp() {
  const log: string[] = [];
  const answers: { resolve: (token: number | undefined) => void; reject: (error: Error) => void }[] = [];
  const timers: (() => void)[] = [];
  const jumps = new Jumps({
    ask: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
    arrive: (token) => log.push(`at ${String(token)}`),
    say: (text) => log.push(text),
    wait: (text) => log.push(text ?? 'done'),
    failed: (error) => log.push(`failed: ${String(error)}`),
    later: (run) => timers.push(run),
  });
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 5; n++) await Promise.resolve();
  };
  return { jumps, log, answers, timers, settle };
}

describe('a jump', () => {
  it('arrives', async () => {
    const { jumps, log, answers, settle } = setUp();
    jumps.to(request(0));
    answers[0]?.resolve(17);
    await settle();
    expect(log).toEqual(['done', 'at 17']);
  });

  it.each([
    ['line', 'next', 'No later line'],
    ['line', 'previous', 'No earlier line'],
    ['loss', 'next', 'No later loss spike'],
    ['loss', 'previous', 'No earlier loss spike'],
    ['loss', 'largest', 'This text has no loss.'],
    ['change', 'next', 'No later state change'],
    ['change', 'previous', 'No earlier state change'],
    ['change', 'largest', 'The state does not change in this text.'],
  ] as const)('says when there is none: %s %s', async (by, to, says) => {
    const { jumps, log, answers, settle } = setUp();
    jumps.to(request(5, by, to));
    answers[0]?.resolve(undefined);
    await settle();
    expect(log).toEqual(['done', says]);
  });

  it('gives way to a newer one', async () => {
    const { jumps, log, answers, settle } = setUp();
    jumps.to(request(0));
    jumps.to(request(50));
    answers[1]?.resolve(99);
    answers[0]?.resolve(17);
    await settle();
    expect(log).toEqual(['done', 'done', 'at 99']);
  });

  it('asked for again meanwhile goes on from where it arrives', async () => {
    const { jumps, log, answers, settle } = setUp();
    for (let press = 0; press < 3; press++) jumps.to(request(0));
    answers[0]?.resolve(17);
    await settle();
    answers[1]?.resolve(40);
    await settle();
    answers[2]?.resolve(undefined);
    await settle();
    expect(log).toEqual(['done', 'at 17', 'done', 'at 40', 'done', 'No later loss spike']);
    expect(answers.length).toBe(3);
  });

  it('is told while it lasts, and left off', async () => {
    const { jumps, log, answers, timers, settle } = setUp();
    jumps.to(request(0));
    timers[0]?.();
    expect(log).toEqual(['Looking for the loss spike… (Esc stops)']);
    expect([jumps.cancel(), jumps.cancel()]).toEqual([true, false]);
    answers[0]?.resolve(17);
    await settle();
    expect(log.slice(1)).toEqual(['done']);
  });

  it('that fails says so, unless it was left off', async () => {
    const { jumps, log, answers, settle } = setUp();
    jumps.to(request(0));
    answers[0]?.reject(new Error('no'));
    await settle();
    jumps.to(request(0));
    jumps.cancel();
    answers[1]?.reject(new Error('no'));
    await settle();
    expect(log).toEqual(['done', 'failed: Error: no', 'done']);
  });
});
