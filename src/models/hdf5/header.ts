/** Object headers of HDF5, versions 1 and 2: the list of messages that say what a group or dataset is. */
import { damaged, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { Fields, type Storage } from './fields';

/** Message types that are read, by name. */
export const MESSAGE = {
  dataspace: 0x1,
  linkInfo: 0x2,
  datatype: 0x3,
  link: 0x6,
  external: 0x7,
  layout: 0x8,
  filters: 0xb,
  attribute: 0xc,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface HeaderMessage {
  readonly type: number;
  /** A fresh reader of its content. @throws model-unsupported where it stands elsewhere in the file */
  fields(): Fields;
}

const MAX_CONTINUATIONS = 4096;
/** A header has some hundreds of bytes; attributes up to 64 KiB each. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
const SHARED = 0x02;

/** @throws model-damaged, model-unsupported */
export function readHeader(storage: Storage, address: number): readonly HeaderMessage[] {
  const start = storage.fields(say`An object header`, address, 64);
  return String.fromCharCode(...start.bytes.subarray(0, 4)) === 'OHDR'
    ? readVersion2(storage, address, start)
    : readVersion1(storage, address, start);
}

/** A block of messages that another points at. */
interface Block {
  readonly address: number;
  readonly length: number;
}

function blockFields(storage: Storage, { address, length }: Block): Fields {
  if (length > MAX_BLOCK_BYTES) {
    throw damaged(storage.file, say`An object header has a block of ${length} bytes.`);
  }
  return storage.fields(say`A block of an object header`, address, length);
}

/** Reads block by block; each may name more. @param read the messages of one block */
function readBlocks(
  storage: Storage,
  first: Block,
  read: (block: Fields, index: number) => HeaderMessage[],
): readonly HeaderMessage[] {
  const blocks = [first];
  const seen = new Set([first.address]);
  const messages: HeaderMessage[] = [];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (block === undefined) break;
    for (const message of read(blockFields(storage, block), index)) {
      if (message.type !== MESSAGE.continuation) {
        messages.push(message);
        continue;
      }
      const fields = message.fields();
      const next = { address: fields.needAddress(), length: fields.length() };
      if (seen.has(next.address) || blocks.length > MAX_CONTINUATIONS) {
        throw damaged(storage.file, say`An object header at byte ${first.address} goes on in itself.`);
      }
      seen.add(next.address);
      blocks.push(next);
    }
  }
  return messages;
}

function readVersion1(storage: Storage, address: number, start: Fields): readonly HeaderMessage[] {
  start.version(1);
  start.skip(1);
  const count = start.u16();
  start.skip(4);
  const length = start.u32();
  let left = count;
  return readBlocks(storage, { address: address + 16, length }, (block) => {
    const messages: HeaderMessage[] = [];
    while (left > 0 && block.left >= 8) {
      left--;
      const type = block.u16();
      const size = block.u16();
      const flags = block.u8();
      block.skip(3);
      messages.push(messageFrom(storage, block, type, flags, size));
    }
    return messages;
  });
}

function readVersion2(storage: Storage, address: number, start: Fields): readonly HeaderMessage[] {
  start.signature('OHDR');
  start.version(2);
  const flags = start.u8();
  if (flags & 0x20) start.skip(16);
  if (flags & 0x10) start.skip(4);
  const length = start.uint(1 << (flags & 3));
  const ordered = (flags & 0x04) !== 0;
  const headerBytes = ordered ? 6 : 4;
  return readBlocks(storage, { address: address + start.position, length }, (block, index) => {
    const messages: HeaderMessage[] = [];
    if (index > 0) block.signature('OCHK');
    // A block that continues ends with a checksum; a few bytes too few for a message are a gap.
    const end = index > 0 ? 4 : 0;
    while (block.left - end >= headerBytes) {
      const type = block.u8();
      const size = block.u16();
      const messageFlags = block.u8();
      if (ordered) block.skip(2);
      messages.push(messageFrom(storage, block, type, messageFlags, size));
    }
    return messages;
  });
}

const WHAT: Readonly<Record<number, Text>> = {
  [MESSAGE.dataspace]: say`A dataspace`,
  [MESSAGE.datatype]: say`A datatype`,
  [MESSAGE.link]: say`A link`,
  [MESSAGE.layout]: say`A dataset's layout`,
  [MESSAGE.filters]: say`A filter pipeline`,
  [MESSAGE.attribute]: say`An attribute`,
};

function messageFrom(storage: Storage, block: Fields, type: number, flags: number, size: number): HeaderMessage {
  const content = block.take(size);
  const what = WHAT[type] ?? say`A message of type ${type}`;
  return {
    type,
    fields: () => {
      if (flags & SHARED) {
        throw unsupported(
          storage.file,
          say`${what} is shared between objects.`,
          say`Objects with messages of their own, as Keras and h5py write, are supported.`,
        );
      }
      return new Fields(storage.file, what, content, storage.sizes);
    },
  };
}
