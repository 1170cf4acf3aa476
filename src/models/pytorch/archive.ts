/**
 * PyTorch's zip files (1.6 and later, TorchScript's too): one folder with `data.pkl`, `data/KEY` for each storage, and
 * perhaps `byteorder` (https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/inline_container.h).
 */
import { damaged, quote, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { LIMITS } from '../limits';
import type { ModelSource } from '../source';
import type { Zip } from '../zip';
import { Cursor } from './cursor';
import { readPickle } from './pickle';
import type { Container } from './storage';

const PICKLE = /^(?<folder>[^/]*\/)?data\.pkl$/u;
const BYTE_ORDERS = ['little', 'big'];
const LONGEST_ORDER = 16;

export const holdsPytorch = ({ entries }: Zip): boolean => [...entries.keys()].some((name) => PICKLE.test(name));

/** @throws model-damaged, model-unsupported */
export function readArchive(source: ModelSource, zip: Zip): Container {
  const { name: file } = source;
  const [pickle, ...others] = [...zip.entries.values()].filter(({ name }) => PICKLE.test(name));
  if (pickle === undefined) throw damaged(file, say`The archive has no data.pkl.`);
  if (others.length > 0) throw damaged(file, say`The archive has several entries data.pkl, of which one would be it.`);
  if (pickle.size > LIMITS.pickle) {
    throw damaged(file, say`Its data.pkl has ${pickle.size} bytes; the most is ${LIMITS.pickle}.`);
  }
  const folder = PICKLE.exec(pickle.name)?.groups?.['folder'] ?? '';
  const root = readPickle(file, new Cursor(zip.open(pickle)));
  /** The last one that was opened: an unpacked one serves all of its tensors. */
  let opened: { readonly key: string; readonly bytes: ModelSource } | undefined;
  return {
    file,
    size: source.size,
    root,
    bigEndian: byteOrder(file, zip, `${folder}byteorder`) === 'big',
    storage: (key) => {
      if (opened?.key === key) return opened.bytes;
      const entry = zip.entries.get(`${folder}data/${key}`);
      if (entry === undefined) throw damaged(file, say`The archive has no storage ${quote(key)}.`);
      opened = { key, bytes: zip.open(entry) };
      return opened.bytes;
    },
  };
}

/** Little where the archive does not say. */
function byteOrder(file: string, zip: Zip, name: string): string {
  const entry = zip.entries.get(name);
  if (entry === undefined) return 'little';
  const said = Buffer.from(zip.open(entry).read(0, Math.min(entry.size, LONGEST_ORDER))).toString('latin1');
  if (BYTE_ORDERS.includes(said)) return said;
  throw unsupported(file, say`Its byte order is ${quote(said)}.`, 'little and big are supported.');
}
