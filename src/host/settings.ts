/** The settings under `gatescope.*`, read when they are needed so that a change takes effect at once. */
import * as vscode from 'vscode';

const MIB = 1024 * 1024;
// As declared in package.json; a value from a hand-written settings.json may lie outside.
const MEMORY: Bounds = { least: 32, usual: 64, most: 4096 };
const MODEL_SIZE: Bounds = { least: 1, usual: 1024, most: 65_536 };

/** In megabytes. */
interface Bounds {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

const read = (name: string): unknown => vscode.workspace.getConfiguration('gatescope').get(name);
const text = (name: string): string => {
  const value = read(name);
  return typeof value === 'string' ? value.trim() : '';
};
/** In bytes. */
function size(name: string, { least, usual, most }: Bounds): number {
  const value = Number(read(name));
  const mib = Number.isFinite(value) ? Math.min(Math.max(value, least), most) : usual;
  return Math.floor(mib * MIB);
}
const flag = (name: string): boolean => read(name) !== false;

export const settings = {
  /** Path of the model's file; empty for the bundled one. */
  get model(): string {
    return text('model');
  },
  /** Most memory of one trace, in bytes. */
  get memory(): number {
    return size('memory', MEMORY);
  },
  /** Largest model file whose weights are read, in bytes. */
  get modelSize(): number {
    return size('models.maxSize', MODEL_SIZE);
  },
  /** Limits of model files by name, as they were written; the worker checks them. */
  get modelLimits(): unknown {
    // VS Code hands out a proxy, which no message can carry: the worker would not start.
    return JSON.parse(JSON.stringify(read('models.limits') ?? {})) as unknown;
  },
  get hover(): boolean {
    return flag('hover.enabled');
  },
  /** Whether the trace of a text follows its edits. */
  get followEdits(): boolean {
    return flag('followEdits');
  },
  get followCursor(): boolean {
    return flag('followCursor');
  },
  /** Whether the worker is started ahead of the first trace. */
  get startReady(): boolean {
    return flag('startReady');
  },
  /** The same results, bit for bit, on every machine. */
  get strict(): boolean {
    return read('strict') === true;
  },
  /** Workspace-relative file to open and trace when the window opens; empty for none. */
  get openOnStart(): string {
    return text('openOnStart');
  },
};
