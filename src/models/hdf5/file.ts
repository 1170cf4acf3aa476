/**
 * An HDF5 file read in parts: groups, attributes and datasets, as Keras and h5py write them
 * (https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html). Links out of the file or by name, virtual datasets
 * and external storage are refused by name: a model needs none, and they reach what was not opened.
 */
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { weightsLimit } from '../limits';
import type { ModelSource } from '../source';
import type { Tensor } from '../tensors';
import { readAttributes, type Attributes, type AttributeValue } from './attributes';
import { readChunked } from './chunks';
import { countOf, decoderOf, readDataspace, readDatatype, type Datatype } from './datatype';
import { Storage, type Fields, type FieldSizes } from './fields';
import { readFilters } from './filters';
import { GlobalHeap } from './globalHeap';
import { MESSAGE, readHeader, type HeaderMessage } from './header';
import { readLayout } from './layout';
import { followed, readLinks, type Link } from './links';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** The signature stands at 0, or behind a block of the user's own at one of these. */
const STARTS = [0, 512, 1024, 2048];

export interface Hdf5Node {
  /** From the root: `/model_weights/lstm`. */
  readonly path: string;
  /** @throws model-damaged, model-unsupported */
  attribute(name: string): AttributeValue;
}

export interface Hdf5Group extends Hdf5Node {
  readonly kind: 'group';
  /** Names of what is in it, in the order of the file. */
  readonly names: readonly string[];
  /**
   * What is at a path below; undefined where there is nothing.
   *
   * @throws model-unsupported for a link that is not followed, model-damaged
   */
  find(path: string): Hdf5Group | Hdf5Dataset | undefined;
}

export interface Hdf5Dataset extends Hdf5Node, Tensor {
  readonly kind: 'dataset';
  readonly floating: boolean;
}

export const looksLikeHdf5 = (source: ModelSource): boolean => startOf(source) !== undefined;

function startOf(source: ModelSource): number | undefined {
  return STARTS.find((at) => {
    if (at + SIGNATURE.length > source.size) return false;
    const bytes = source.read(at, SIGNATURE.length);
    return SIGNATURE.every((byte, k) => bytes[k] === byte);
  });
}

/** @returns the root group @throws model-damaged, model-unsupported */
export function openHdf5(source: ModelSource): Hdf5Group {
  const start = startOf(source);
  if (start === undefined) throw damaged(source.name, say`It does not begin as an HDF5 file.`);
  const { storage, root } = readSuperblock(source, start);
  const node = new Opener(storage).open('', root);
  if (node.kind !== 'group') throw damaged(source.name, say`Its root is no group.`);
  return node;
}

function readSuperblock(source: ModelSource, start: number): { storage: Storage; root: number } {
  const sizesOf = (offset: number, length: number): FieldSizes => {
    if (![2, 4, 8].includes(offset) || ![2, 4, 8].includes(length)) {
      throw damaged(source.name, say`Its addresses have ${offset} bytes and its lengths ${length}.`);
    }
    return { offset, length };
  };
  const open = (sizes: FieldSizes): Fields => new Storage(source, 0, sizes).fields(say`The superblock`, start, 128);
  const head = open({ offset: 8, length: 8 });
  head.skip(SIGNATURE.length);
  const version = head.version(0, 1, 2, 3);
  if (version < 2) head.skip(4);
  const sizes = sizesOf(head.u8(), head.u8());
  const fields = open(sizes);
  fields.skip(version < 2 ? (version === 0 ? 24 : 28) : 12);
  const base = fields.needAddress();
  // Free space, or more of the superblock.
  fields.address();
  const end = fields.needAddress();
  if (version < 2) {
    // Driver; then the root's link, whose name comes first.
    fields.address();
    fields.uint(sizes.offset);
  }
  if (end > source.size) {
    throw damaged(source.name, say`It should have ${end} bytes, and has ${source.size}.`);
  }
  const root = fields.needAddress();
  // Addresses count from the base, which a file behind a user's block states in either of two ways.
  return { storage: new Storage(source, base === 0 ? start : base, sizes), root };
}

class Opener {
  private readonly heap: GlobalHeap;
  private readonly file: string;

  constructor(private readonly storage: Storage) {
    this.heap = new GlobalHeap(storage);
    this.file = storage.file;
  }

  open(path: string, address: number): Hdf5Group | Hdf5Dataset {
    const messages = readHeader(this.storage, address);
    const first = (type: number): HeaderMessage | undefined => messages.find((message) => message.type === type);
    const attribute = this.attributesOf(messages);
    const [space, type, layout] = [first(MESSAGE.dataspace), first(MESSAGE.datatype), first(MESSAGE.layout)];
    if (!space || !type || !layout) return this.group(path, messages, attribute);
    return this.dataset(path, messages, attribute, {
      shape: readDataspace(space.fields()),
      type: readDatatype(type.fields()),
      layout,
    });
  }

  private attributesOf(messages: readonly HeaderMessage[]): (name: string) => AttributeValue {
    let attributes: Attributes | undefined;
    return (name) => {
      attributes ??= readAttributes(this.storage, this.heap, messages);
      return attributes.get(name)?.();
    };
  }

  private group(path: string, messages: readonly HeaderMessage[], attribute: Hdf5Node['attribute']): Hdf5Group {
    const links = readLinks(this.storage, messages);
    const opened = new Map<string, Hdf5Group | Hdf5Dataset>();
    const child = (name: string, link: Link): Hdf5Group | Hdf5Dataset => {
      const whole = `${path}/${name}`;
      const found = opened.get(name) ?? this.open(whole, followed(this.file, whole, link));
      opened.set(name, found);
      return found;
    };
    return {
      kind: 'group',
      path,
      names: [...links.keys()],
      attribute,
      find: (below) => {
        const [name, ...rest] = below.split('/').filter((part) => part !== '' && part !== '.');
        const link = name === undefined ? undefined : links.get(name);
        if (name === undefined || link === undefined) return undefined;
        const found = child(name, link);
        if (rest.length === 0) return found;
        return found.kind === 'group' ? found.find(rest.join('/')) : undefined;
      },
    };
  }

  private dataset(
    path: string,
    messages: readonly HeaderMessage[],
    attribute: Hdf5Node['attribute'],
    { shape, type, layout }: { shape: readonly number[]; type: Datatype; layout: HeaderMessage },
  ): Hdf5Dataset {
    const { storage, file } = this;
    const what = say`Dataset ${quote(path)}`;
    const length = countOf(shape) * type.size;
    if (countOf(shape) * Math.max(type.size, 4) > weightsLimit(storage.source.size)) {
      const size = String(storage.source.size);
      throw damaged(file, say`${what} has the shape ${shapeText(shape)}, too much for a file of ${size} bytes.`);
    }
    if (messages.some((message) => message.type === MESSAGE.external)) {
      throw unsupported(file, say`${what} keeps its values in other files.`, say`Copy them into the file.`);
    }
    const bytes = length === 0 ? () => new Uint8Array(0) : this.bytesOf(what, messages, shape, type, layout);
    return {
      kind: 'dataset',
      name: path,
      path,
      shape,
      floating: ['float', 'bfloat'].includes(storedAs(type, attribute).kind),
      attribute,
      read: () => {
        const decode = decoderOf(storedAs(type, attribute));
        if (decode === undefined) {
          const kind = type.kind === 'other' ? type.what : type.kind;
          throw unsupported(file, say`${what} holds values of the type ${kind}.`, say`Numbers are supported.`);
        }
        return decode(bytes());
      },
    };
  }

  /** Checks where the values lie. @returns reads them */
  private bytesOf(
    what: Text,
    messages: readonly HeaderMessage[],
    shape: readonly number[],
    type: Datatype,
    message: HeaderMessage,
  ): () => Uint8Array {
    const { storage, file } = this;
    const length = countOf(shape) * type.size;
    const layout = readLayout(message.fields());
    if (layout.kind === 'compact') {
      if (layout.bytes.length >= length) return () => layout.bytes.subarray(0, length);
      throw damaged(file, say`${what} has ${layout.bytes.length} of ${length} bytes.`);
    }
    if (layout.kind === 'contiguous') {
      const { address } = layout;
      if (address === undefined) throw damaged(file, say`${what} was never written.`);
      storage.checkData(what, address, length);
      return () => storage.data(address, length);
    }
    const { index, shape: chunkShape } = layout;
    if (index === undefined) throw damaged(file, say`${what} was never written.`);
    const found = messages.find(({ type: kind }) => kind === MESSAGE.filters);
    const filters = found ? readFilters(found.fields()) : [];
    return () => readChunked(storage, { shape, chunkShape, valueBytes: type.size, filters, index });
  }
}

/** Keras stores bfloat16 as bytes of no meaning, and says so beside them. */
function storedAs(type: Datatype, attribute: Hdf5Node['attribute']): Datatype {
  if (type.kind !== 'opaque' || type.size !== 2 || attribute('dtype') !== 'bfloat16') return type;
  return { kind: 'bfloat', size: 2, littleEndian: true };
}
