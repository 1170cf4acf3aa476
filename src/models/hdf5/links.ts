/** A group's links by name, in each of the ways HDF5 keeps them: a B-tree with a heap of names, messages, or a dense heap. */
import { damaged, quote, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { readRecords } from './btree2';
import type { Fields, Storage } from './fields';
import { openHeap } from './fractalHeap';
import { MESSAGE, type HeaderMessage } from './header';

/** An object's address, or why there is none to follow. */
export type Link = { readonly address: number } | { readonly refused: Text };

export type Links = ReadonlyMap<string, Link>;

const MAX_LINKS = 100_000;
const MAX_DEPTH = 32;
const MAX_NAMES_BYTES = 16 * 1024 * 1024;
const LINK_HEAP_ID_BYTES = 7;
/** A record's type: links by their names' hash. */
const BY_NAME = 5;
const SOFT = 1;
const EXTERNAL = 64;

const soft = (target: string): Link => ({ refused: say`a soft link to ${quote(target)}` });

/** @throws model-unsupported, naming the link */
export function followed(file: string, name: string, link: Link): number {
  if ('address' in link) return link.address;
  throw unsupported(
    file,
    say`${quote(name)} is ${link.refused}.`,
    say`Links are not followed; copy what they point at into the file.`,
  );
}

/** @throws model-damaged */
export function readLinks(storage: Storage, messages: readonly HeaderMessage[]): Links {
  const links = new Map<string, Link>();
  const add = (name: string, link: Link): void => {
    if (links.size >= MAX_LINKS) throw damaged(storage.file, say`A group has more than ${MAX_LINKS} links.`);
    links.set(name, link);
  };
  for (const message of messages) {
    if (message.type === MESSAGE.symbolTable) readSymbolTable(storage, message.fields(), add);
    if (message.type === MESSAGE.link) readLink(message.fields(), add);
    if (message.type === MESSAGE.linkInfo) readDense(storage, message.fields(), add);
  }
  return links;
}

type Add = (name: string, link: Link) => void;

function readSymbolTable(storage: Storage, table: Fields, add: Add): void {
  const { file, sizes } = storage;
  const tree = table.needAddress();
  const heapHead = storage.fields(say`A group's heap`, table.needAddress(), 8 + 2 * sizes.length + sizes.offset);
  heapHead.signature('HEAP');
  heapHead.version(0);
  heapHead.skip(3);
  const heapSize = heapHead.length();
  heapHead.skip(sizes.length);
  if (heapSize > MAX_NAMES_BYTES) throw damaged(file, say`A group's heap has ${heapSize} bytes.`);
  const heap = storage.fields(say`A group's heap`, heapHead.needAddress(), heapSize).bytes;
  const textAt = (offset: number): string => {
    const end = heap.indexOf(0, offset);
    if (offset >= heap.length || end < 0) throw damaged(file, say`A link's name lies outside of its group's heap.`);
    return new TextDecoder().decode(heap.subarray(offset, end));
  };
  const seen = new Set<number>();

  function visit(node: number, depth: number): void {
    if (seen.has(node) || depth > MAX_DEPTH) throw damaged(file, say`A group's B-tree runs in a circle.`);
    seen.add(node);
    const head = storage.fields(say`A node of a group's B-tree`, node, 8 + 2 * sizes.offset);
    if (String.fromCharCode(...head.bytes.subarray(0, 4)) === 'SNOD') {
      readSymbols(node);
      return;
    }
    head.signature('TREE');
    if (head.u8() !== 0) throw damaged(file, say`A group's B-tree has nodes of another kind.`);
    head.skip(1);
    const entries = head.u16();
    const fields = storage.fields(head.what, node, head.bytes.length + entries * (sizes.length + sizes.offset));
    fields.skip(head.bytes.length);
    for (let k = 0; k < entries; k++) {
      fields.skip(sizes.length);
      visit(fields.needAddress(), depth + 1);
    }
  }

  function readSymbols(node: number): void {
    const head = storage.fields(say`A table of links`, node, 8);
    head.signature('SNOD');
    head.version(1);
    head.skip(1);
    const count = head.u16();
    const fields = storage.fields(say`A table of links`, node, 8 + count * (2 * sizes.offset + 24));
    fields.skip(8);
    for (let k = 0; k < count; k++) {
      const name = textAt(fields.uint(sizes.offset));
      const address = fields.address();
      const cache = fields.u32();
      fields.skip(4);
      const scratch = fields.piece(say`A link`, 16);
      if (cache === 2) add(name, soft(textAt(scratch.u32())));
      else if (address === undefined) throw damaged(file, say`The link ${quote(name)} points nowhere.`);
      else add(name, { address });
    }
  }

  visit(tree, 0);
}

function readDense(storage: Storage, info: Fields, add: Add): void {
  info.version(0);
  if (info.u8() & 1) info.skip(8);
  const heapAddress = info.address();
  const treeAddress = info.address();
  if (heapAddress === undefined || treeAddress === undefined) return;
  const read = openHeap(storage, heapAddress);
  for (const record of readRecords(storage, treeAddress, [BY_NAME])) {
    record.skip(4);
    readLink(read(record.piece(say`A link`, LINK_HEAP_ID_BYTES), say`A link`), add);
  }
}

function readLink(fields: Fields, add: Add): void {
  fields.version(1);
  const flags = fields.u8();
  const type = flags & 0x08 ? fields.u8() : 0;
  if (flags & 0x04) fields.skip(8);
  if (flags & 0x10) fields.skip(1);
  const name = fields.text(fields.uint(1 << (flags & 3)));
  if (type === 0) {
    add(name, { address: fields.needAddress() });
    return;
  }
  const value = fields.piece(say`A link`, fields.u16());
  if (type === SOFT) {
    add(name, soft(value.text(value.left)));
  } else if (type === EXTERNAL) {
    value.skip(Math.min(1, value.left));
    add(name, { refused: say`a link into the file ${quote(value.text(value.left))}` });
  } else {
    add(name, { refused: say`a link of the unknown kind ${type}` });
  }
}
