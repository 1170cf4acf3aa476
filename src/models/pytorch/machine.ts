/**
 * What a pickle machine keeps: a stack, marks in it, and a memo. Each is held against its limit before it grows. What
 * Python would import, call or set becomes an inert record.
 */
import { damaged, quote } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { LIMITS } from '../limits';
import type { Cursor } from './cursor';
import { integerOf } from './literals';
import { PyDict, PyGlobal, PyList, PyRecord, PySet, PyTuple, type PyValue } from './values';

/** What object.__reduce__ calls to make an object without its constructor: the class is its first argument. */
const MAKERS = new Set(['copyreg._reconstructor', 'copy_reg._reconstructor', 'copyreg.__newobj__']);

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class Machine {
  private stack: PyValue[] = [];
  /** Stacks below the open marks. */
  private readonly below: PyValue[][] = [];
  private readonly memo = new Map<number, PyValue>();
  private values = 0;
  private containers = 0;
  private readonly start: number;
  /** Where the opcode in hand lies. */
  private opcodeAt = 0;

  constructor(
    readonly file: string,
    readonly cursor: Cursor,
  ) {
    this.start = cursor.position;
  }

  /** @returns the next opcode */
  next(): number {
    const { cursor } = this;
    this.opcodeAt = cursor.position;
    if (this.opcodeAt - this.start > LIMITS.pickle) {
      throw this.wrong(say`The pickle has over ${LIMITS.pickle} bytes, the most that are read.`);
    }
    return cursor.u8();
  }

  openMark(): void {
    if (++this.values > LIMITS.pickleValues || this.below.length >= LIMITS.pickleMarks) {
      throw this.wrong(say`The pickle has over ${LIMITS.pickleMarks} open marks, the most that are read.`);
    }
    this.below.push(this.stack);
    this.stack = [];
  }

  /** Takes the last value; on a mark that nothing follows, the mark. */
  drop(): void {
    if (this.stack.length === 0) this.popMark();
    else this.stack.pop();
  }

  unknown(opcode: number): Error {
    return this.wrong(say`The pickle has the unknown opcode ${opcode} at byte ${this.opcodeAt}.`);
  }

  /** An object of the first of `parts`, given the others. */
  object([of, ...args]: readonly PyValue[]): void {
    if (of === undefined) throw this.wrong(say`The pickle makes an object of nothing, at byte ${this.opcodeAt}.`);
    this.make(of, args);
  }

  private wrong(what: Text): Error {
    return damaged(this.file, what);
  }

  push(value: PyValue): void {
    if (++this.values > LIMITS.pickleValues) {
      throw this.wrong(say`The pickle has over ${LIMITS.pickleValues} values, the most that are read.`);
    }
    if (typeof value === 'object' && value !== null && ++this.containers > LIMITS.pickleContainers) {
      throw this.wrong(say`The pickle has over ${LIMITS.pickleContainers} objects, the most that are read.`);
    }
    this.stack.push(value);
  }

  /** A value that is there already. */
  pushAgain(value: PyValue): void {
    if (++this.values > LIMITS.pickleValues) {
      throw this.wrong(say`The pickle has over ${LIMITS.pickleValues} values, the most that are read.`);
    }
    this.stack.push(value);
  }

  pop(): PyValue {
    const value = this.stack.pop();
    if (value !== undefined) return value;
    throw this.wrong(say`The pickle takes a value that is not there, at byte ${this.opcodeAt}.`);
  }

  top(): PyValue {
    const value = this.stack.at(-1);
    if (value !== undefined) return value;
    throw this.wrong(say`The pickle uses a value that is not there, at byte ${this.opcodeAt}.`);
  }

  /** All above the last mark, which is closed. */
  popMark(): PyValue[] {
    const items = this.stack;
    const below = this.below.pop();
    if (below === undefined) {
      throw this.wrong(say`The pickle closes a mark that is not there, at byte ${this.opcodeAt}.`);
    }
    this.stack = below;
    return items;
  }

  length(count: number): number {
    if (count <= LIMITS.pickle) return count;
    throw this.wrong(say`The pickle names ${count} bytes at byte ${this.opcodeAt}; the most is ${LIMITS.pickle}.`);
  }

  text(length: number): string {
    return UTF8.decode(this.cursor.bytes(this.length(length)));
  }

  blob(length: number): Uint8Array {
    return this.cursor.bytes(this.length(length)).slice();
  }

  line(): string {
    return UTF8.decode(this.cursor.line(LIMITS.pickleLine));
  }

  append(items: readonly PyValue[]): void {
    const to = this.top();
    if (!(to instanceof PyList || to instanceof PyRecord || to instanceof PySet)) {
      throw this.wrong(say`The pickle appends to what is no list, at byte ${this.opcodeAt}.`);
    }
    for (const item of items) to.items.push(item);
  }

  set(items: readonly PyValue[], to: PyValue): void {
    if (!(to instanceof PyDict || to instanceof PyRecord)) {
      throw this.wrong(say`The pickle sets keys of what is no dict, at byte ${this.opcodeAt}.`);
    }
    for (let k = 0; k < items.length; k += 2) {
      const [key, value] = items.slice(k, k + 2);
      if (key === undefined || value === undefined) {
        throw this.wrong(say`The pickle sets a key without a value, at byte ${this.opcodeAt}.`);
      }
      to.entries.push([key, value]);
    }
  }

  list(items: readonly PyValue[]): void {
    this.push(new PyList());
    this.append(items);
  }

  dict(items: readonly PyValue[]): void {
    const dict = new PyDict();
    this.push(dict);
    this.set(items, dict);
  }

  setOf(items: readonly PyValue[]): void {
    this.push(new PySet());
    this.append(items);
  }

  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(new PyTuple(items));
  }

  get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) {
      throw this.wrong(say`The pickle recalls ${index}, which was not kept, at byte ${this.opcodeAt}.`);
    }
    this.pushAgain(value);
  }

  /** Keeps the last value under the next number. */
  memoize(): void {
    this.put(this.memo.size);
  }

  put(index: number): void {
    // A key that was kept before is kept anew; what is counted is what takes room.
    if (this.memo.size >= LIMITS.pickleMemo && !this.memo.has(index)) {
      throw this.wrong(say`The pickle keeps over ${LIMITS.pickleMemo} values, the most that are read.`);
    }
    this.memo.set(index, this.top());
  }

  /** An object of `of`, which is not called. */
  make(of: PyValue, args: readonly PyValue[]): void {
    const [first] = args;
    if (of instanceof PyGlobal && MAKERS.has(of.path) && first !== undefined) this.push(new PyRecord(first, []));
    else this.push(new PyRecord(of, args));
  }

  argumentsOf(value: PyValue): readonly PyValue[] {
    if (value instanceof PyTuple) return value.items;
    throw this.wrong(say`The pickle calls with what is no tuple, at byte ${this.opcodeAt}.`);
  }

  build(): void {
    const state = this.pop();
    const object = this.top();
    if (!(object instanceof PyRecord)) {
      throw this.wrong(say`The pickle gives attributes to what is no object, at byte ${this.opcodeAt}.`);
    }
    object.state = state;
  }

  stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    if (typeof name !== 'string' || typeof module !== 'string') {
      throw this.wrong(say`The pickle names a class by what is no text, at byte ${this.opcodeAt}.`);
    }
    this.push(new PyGlobal(module, name));
  }

  integer(length: number): number | bigint {
    if (length <= LIMITS.pickleInteger) return integerOf(this.cursor.bytes(length));
    throw this.wrong(say`The pickle has an integer of ${length} bytes; the most is ${LIMITS.pickleInteger}.`);
  }

  number(text: string, parsed: number | bigint | boolean | undefined): void {
    if (parsed === undefined) throw this.wrong(say`The pickle has the number ${quote(text)}.`);
    this.push(parsed);
  }
}
