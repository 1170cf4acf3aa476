/** `verify MODEL TEXT REFERENCE.npz`: whether our states are those of the framework that the model came from. */
import { resolve } from 'node:path';
import { textIn } from '../shared/l10n';
import type { VerifyResult } from '../shared/modelInfo';
import { createHandler } from '../worker/handler';
import type { EngineFactory } from '../trace/create';
import type { ModelReader } from '../worker/models';

export interface VerifyCommand {
  readonly model: string;
  readonly text: string;
  readonly reference: string;
  readonly tolerance: number | undefined;
  readonly json: boolean;
}

/** @returns whether they agree */
export async function verifyCommand(
  { model, text, reference, tolerance, json }: VerifyCommand,
  createEngine: EngineFactory,
  terminal: { readonly write: (text: string) => void },
  readModel?: ModelReader,
): Promise<boolean> {
  const worker = createHandler(createEngine, { progress: () => undefined }, readModel);
  const result = await worker.verify({
    model: { kind: 'file', path: resolve(model) },
    text: { kind: 'file', path: resolve(text) },
    reference: { kind: 'file', path: resolve(reference) },
    ...(tolerance !== undefined && { tolerance }),
  });
  terminal.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : readable(result));
  return result.agrees;
}

const error = (value: number): string => value.toExponential(1);

/** The verdict first, then what it rests on. */
export function readable({
  agrees,
  tolerance,
  tokens,
  maxError,
  compared,
  ignored,
  difference,
  causes,
}: VerifyResult): string {
  const lines: string[] = [];
  if (agrees)
    lines.push(`agrees (max error ${error(maxError)}, tolerance ${String(tolerance)}, ${String(tokens)} steps)`);
  if (difference !== undefined) {
    const { token, label, range, layer, signal, unit, ours, theirs } = difference;
    const where = range === undefined ? '' : `, characters ${String(range.start)} to ${String(range.end)}`;
    const what = signal === 'tokens' ? 'the token' : `${layer}, ${signal}, unit ${String(unit)}`;
    lines.push(
      `differs (max error ${error(maxError)}, tolerance ${String(tolerance)})`,
      `first at token ${String(token)}${label === '' ? '' : ` ${JSON.stringify(label)}`}${where}: ${what} is ${String(ours)} here, ${String(theirs)} in the reference`,
    );
    for (const cause of causes) {
      const how = cause.fits
        ? `with this it agrees (max error ${error(cause.maxError)})`
        : `not all of it: ${error(cause.maxError)} is left`;
      lines.push(
        `likely cause, ${cause.name}: ${textIn(cause.text)} ${signal === 'tokens' ? '' : `(${how})`}`.trimEnd(),
      );
    }
    if (causes.length === 0) lines.push('No change that was tried explains it.');
  }
  lines.push('');
  for (const { name, reference, maxError: most } of compared) {
    lines.push(`  ${name.padEnd(20)} ${reference.padEnd(20)} max error ${error(most)}`);
  }
  if (ignored.length > 0) lines.push(`  not compared: ${ignored.join(', ')}`);
  return `${lines.join('\n')}\n`;
}
