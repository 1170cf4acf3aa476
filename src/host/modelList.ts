/** What the list of models says, and how the setting `gatescope.model` names a file. Pure. */
import type { GatescopeError } from '../shared/errors';
import type { Translate } from '../shared/l10n';
import type { ModelDescription } from '../shared/modelInfo';
import { shapeText, sizesText, sizeText } from '../shared/modelText';
import type { ModelInfo } from '../shared/trace';
import { modelLabel } from './modelFiles';

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

/** A model as the list shows it. */
export interface ModelEntry {
  /** Path of the file; its name is all that counts here. */
  readonly path: string;
  /** Folder of the file, for people; empty for a bundled one. */
  readonly place: string;
  readonly bytes: number | undefined;
  readonly description: ModelDescription | undefined;
  /** In a few words, where it cannot be described. */
  readonly problem: string | undefined;
}

/** In a few words why a model cannot be described. */
export const problemOf = ({ code }: GatescopeError, t: Translate): string =>
  code === 'workspace-untrusted' ? t('needs trust') : t('cannot be read');

/** The text right of a model's label. */
export function describeModel({ path, place, bytes, description, problem }: ModelEntry, t: Translate): string {
  // A model that calls itself otherwise than its file is told apart by the file.
  const renamed = description !== undefined && description.name !== modelLabel(path);
  const name = path.split(/[\\/]/u).at(-1) ?? path;
  return [
    description && t('{0}, {1}', description.architecture, shapeText(description.layers, t)),
    bytes === undefined ? undefined : sizeText(bytes),
    renamed ? [place, name].filter((part) => part !== '').join('/') : place,
    problem,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

/** `LSTM, 2 × 256 units`. */
export function shapeOf({ architecture, layers }: ModelInfo, t: Translate): string {
  const own = layers.filter(({ name }) => !name.endsWith('_reverse'));
  const units = (own.length === 0 ? layers : own).map((layer) => layer.units);
  return t('{0}, {1}', architecture, sizesText(units, own.length > 0 && own.length < layers.length, t));
}
