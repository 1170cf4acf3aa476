/** What the list of models says, and how the setting `gatescope.model` names a file. Pure. */
import type { ModelInfo } from '../shared/trace';

/** What the setting names; `bundled` when it is empty. */
export type ModelName =
  | { readonly kind: 'bundled' }
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'absolute'; readonly path: string }
  | { readonly kind: 'relative'; readonly path: string };

/** @param home the user's home folder, for `~/` */
export function parseModelName(setting: string, home: string): ModelName {
  if (setting === '') return { kind: 'bundled' };
  // One letter before the colon is a drive of Windows.
  if (/^[a-z][a-z0-9+.-]+:\//i.test(setting)) return { kind: 'uri', uri: setting };
  if (/^~[\\/]/.test(setting)) return { kind: 'absolute', path: `${home}/${setting.slice(2)}` };
  if (/^([\\/]|[a-z]:[\\/])/i.test(setting)) return { kind: 'absolute', path: setting };
  return { kind: 'relative', path: setting.replace(/^\.[\\/]/, '') };
}

/** A model as the list shows it before anything was read. */
export interface ModelEntry {
  readonly label: string;
  /** Value of the setting that chooses it. */
  readonly setting: string;
  /** The same, whatever the workspace. */
  readonly absolute: string;
  /** Folder of the file, for people. */
  readonly place: string;
  readonly bytes: number | undefined;
  /** Known when it was read already in this window. */
  readonly info: ModelInfo | undefined;
}

/** The text right of a model's label. */
export function describeModel({ place, bytes, info }: ModelEntry): string {
  return [info && shapeOf(info), bytes === undefined ? undefined : sizeOf(bytes), place]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

/** `LSTM, 2 × 256 units`. */
export function shapeOf({ architecture, layers }: ModelInfo): string {
  const units = layers.map((layer) => layer.units);
  const same = units.every((n) => n === units[0]);
  const shape = same && units.length > 1 ? `${String(units.length)} × ${String(units[0])}` : units.join(' + ');
  return `${architecture}, ${shape} units`;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** The name of a model's file, without folder and ending. */
export const modelLabel = (path: string): string => (path.split(/[\\/]/).pop() ?? path).replace(/\.safetensors$/i, '');
