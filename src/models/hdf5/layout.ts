/** Where a dataset's values lie: the layout message of HDF5, versions 1 to 4. */
import { damaged, unsupported } from '../errors';
import { say } from '../../shared/l10n';
import type { Fields } from './fields';

export type ChunkIndex =
  | { readonly kind: 'btree1' | 'btree2' | 'implicit' | 'fixedArray'; readonly address: number }
  /** `size` is that of the filtered bytes; undefined where there are no filters. */
  | { readonly kind: 'single'; readonly address: number; readonly size: number | undefined; readonly mask: number };

export type Layout =
  | { readonly kind: 'compact'; readonly bytes: Uint8Array }
  /** No address: never written. */
  | { readonly kind: 'contiguous'; readonly address: number | undefined }
  | {
      readonly kind: 'chunked';
      /** Of a chunk, in values. */
      readonly shape: readonly number[];
      /** Undefined where no chunk was ever written. */
      readonly index: ChunkIndex | undefined;
    };

const REMEDY = say`Copy the weights into a file of their own, with Keras or h5py.`;
const SUPPORTED = say`Datasets as Keras and h5py write them are supported.`;

/** @throws model-damaged, model-unsupported */
export function readLayout(fields: Fields): Layout {
  const version = fields.version(1, 2, 3, 4);
  if (version < 3) return readOld(fields);
  const kind = fields.u8();
  if (kind === 0) return { kind: 'compact', bytes: fields.take(fields.u16()) };
  if (kind === 1) return { kind: 'contiguous', address: fields.address() };
  if (kind === 3)
    throw unsupported(fields.file, say`It has a virtual dataset, whose values are in other files.`, REMEDY);
  if (kind !== 2) throw damaged(fields.file, say`A dataset has the layout ${kind}.`);
  return version === 3 ? readChunked3(fields) : readChunked4(fields);
}

function readOld(fields: Fields): Layout {
  const axes = fields.u8();
  const kind = fields.u8();
  fields.skip(5);
  const address = kind === 0 ? undefined : fields.address();
  const dims = Array.from({ length: axes }, () => fields.u32());
  if (kind === 0) return { kind: 'compact', bytes: fields.take(fields.u32()) };
  if (kind === 1) return { kind: 'contiguous', address };
  if (kind !== 2) throw damaged(fields.file, say`A dataset has the layout ${kind}.`);
  // Without the last, which is a value's size.
  return {
    kind: 'chunked',
    shape: dims.slice(0, -1),
    index: address === undefined ? undefined : { kind: 'btree1', address },
  };
}

function readChunked3(fields: Fields): Layout {
  const axes = fields.u8();
  const address = fields.address();
  const dims = Array.from({ length: axes }, () => fields.u32());
  return {
    kind: 'chunked',
    shape: dims.slice(0, -1),
    index: address === undefined ? undefined : { kind: 'btree1', address },
  };
}

function readChunked4(fields: Fields): Layout {
  const flags = fields.u8();
  const axes = fields.u8();
  const bytesAxis = fields.u8();
  const shape = Array.from({ length: axes }, () => fields.uint(bytesAxis)).slice(0, -1);
  const chunked = (index: ChunkIndex | undefined): Layout => ({ kind: 'chunked', shape, index });
  const kind = fields.u8();
  switch (kind) {
    case 1: {
      const filtered = (flags & 2) !== 0;
      const size = filtered ? fields.length() : undefined;
      const mask = filtered ? fields.u32() : 0;
      const address = fields.address();
      return chunked(address === undefined ? undefined : { kind: 'single', address, size, mask });
    }
    case 2:
      break;
    case 3:
      fields.skip(1);
      break;
    case 4:
      throw unsupported(fields.file, say`It has a dataset whose chunks are listed by an extensible array.`, SUPPORTED);
    case 5:
      fields.skip(6);
      break;
    default:
      throw damaged(fields.file, say`A dataset's chunks are listed in the unknown way ${kind}.`);
  }
  const address = fields.address();
  if (address === undefined) return chunked(undefined);
  return chunked({ kind: kind === 2 ? 'implicit' : kind === 3 ? 'fixedArray' : 'btree2', address });
}
