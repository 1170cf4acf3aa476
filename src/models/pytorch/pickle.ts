/**
 * A pickle machine that reads as data only: opcodes of the protocols 0 to 5 as CPython's Lib/pickletools.py describes
 * them. Calls, classes and functions become inert records (values.ts): nothing is imported, looked up, called or set.
 */
import { damaged, quote, unsupported } from '../errors';
import { LIMITS } from '../limits';
import type { Cursor } from './cursor';
import { integerOf, textInteger, unescaped } from './literals';
import { OP } from './opcodes';
import { PyDict, PyGlobal, PyList, PyPersistent, PyRecord, PySet, PyTuple, type PyValue } from './values';

const LATEST_PROTOCOL = 5;

/** What object.__reduce__ calls to make an object without its constructor: the class is its first argument. */
const MAKERS = new Set(['copyreg._reconstructor', 'copy_reg._reconstructor', 'copyreg.__newobj__']);

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Python 2's strings are bytes, mostly of Latin letters; one character a byte loses nothing. */
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/**
 * Reads one pickle; the cursor is left behind its STOP.
 *
 * @param file for messages
 * @throws model-damaged where the pickle breaks the format or is too large, model-unsupported for what PyTorch never
 * writes: extension codes and buffers outside of the pickle
 */
export function readPickle(file: string, cursor: Cursor): PyValue {
  return new Machine(file, cursor).run();
}

class Machine {
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
    private readonly file: string,
    private readonly cursor: Cursor,
  ) {
    this.start = cursor.position;
  }

  run(): PyValue {
    const { cursor } = this;
    for (;;) {
      this.opcodeAt = cursor.position;
      if (this.opcodeAt - this.start > LIMITS.pickle) {
        throw this.wrong(`The pickle has over ${String(LIMITS.pickle)} bytes, the most that are read.`);
      }
      const opcode = cursor.u8();
      if (opcode === OP.STOP) return this.pop();
      this.step(opcode);
    }
  }

  private wrong(what: string): Error {
    return damaged(this.file, what);
  }

  private push(value: PyValue): void {
    if (++this.values > LIMITS.pickleValues) {
      throw this.wrong(`The pickle has over ${String(LIMITS.pickleValues)} values, the most that are read.`);
    }
    if (typeof value === 'object' && value !== null && ++this.containers > LIMITS.pickleContainers) {
      throw this.wrong(`The pickle has over ${String(LIMITS.pickleContainers)} objects, the most that are read.`);
    }
    this.stack.push(value);
  }

  /** A value that is there already. */
  private pushAgain(value: PyValue): void {
    if (++this.values > LIMITS.pickleValues) {
      throw this.wrong(`The pickle has over ${String(LIMITS.pickleValues)} values, the most that are read.`);
    }
    this.stack.push(value);
  }

  private pop(): PyValue {
    const value = this.stack.pop();
    if (value !== undefined) return value;
    throw this.wrong(`The pickle takes a value that is not there, at byte ${String(this.opcodeAt)}.`);
  }

  private top(): PyValue {
    const value = this.stack.at(-1);
    if (value !== undefined) return value;
    throw this.wrong(`The pickle uses a value that is not there, at byte ${String(this.opcodeAt)}.`);
  }

  /** All above the last mark, which is closed. */
  private popMark(): PyValue[] {
    const items = this.stack;
    const below = this.below.pop();
    if (below === undefined) {
      throw this.wrong(`The pickle closes a mark that is not there, at byte ${String(this.opcodeAt)}.`);
    }
    this.stack = below;
    return items;
  }

  private length(count: number): number {
    if (count <= LIMITS.pickle) return count;
    throw this.wrong(
      `The pickle names ${String(count)} bytes at byte ${String(this.opcodeAt)}; the most is ${String(LIMITS.pickle)}.`,
    );
  }

  private text(length: number): string {
    return UTF8.decode(this.cursor.bytes(this.length(length)));
  }

  private blob(length: number): Uint8Array {
    return this.cursor.bytes(this.length(length)).slice();
  }

  private line(): string {
    return UTF8.decode(this.cursor.line(LIMITS.pickleLine));
  }

  private append(items: readonly PyValue[]): void {
    const to = this.top();
    if (!(to instanceof PyList || to instanceof PyRecord || to instanceof PySet)) {
      throw this.wrong(`The pickle appends to what is no list, at byte ${String(this.opcodeAt)}.`);
    }
    for (const item of items) to.items.push(item);
  }

  private set(items: readonly PyValue[], to: PyValue): void {
    if (!(to instanceof PyDict || to instanceof PyRecord)) {
      throw this.wrong(`The pickle sets keys of what is no dict, at byte ${String(this.opcodeAt)}.`);
    }
    for (let k = 0; k < items.length; k += 2) {
      const [key, value] = items.slice(k, k + 2);
      if (key === undefined || value === undefined) {
        throw this.wrong(`The pickle sets a key without a value, at byte ${String(this.opcodeAt)}.`);
      }
      to.entries.push([key, value]);
    }
  }

  private list(items: readonly PyValue[]): void {
    this.push(new PyList());
    this.append(items);
  }

  private dict(items: readonly PyValue[]): void {
    const dict = new PyDict();
    this.push(dict);
    this.set(items, dict);
  }

  private setOf(items: readonly PyValue[]): void {
    this.push(new PySet());
    this.append(items);
  }

  private tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(new PyTuple(items));
  }

  private get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) {
      throw this.wrong(`The pickle recalls ${String(index)}, which was not kept, at byte ${String(this.opcodeAt)}.`);
    }
    this.pushAgain(value);
  }

  private put(index: number): void {
    // A key that was kept before is kept anew; what is counted is what takes room.
    if (this.memo.size >= LIMITS.pickleMemo && !this.memo.has(index)) {
      throw this.wrong(`The pickle keeps over ${String(LIMITS.pickleMemo)} values, the most that are read.`);
    }
    this.memo.set(index, this.top());
  }

  /** An object of `of`, which is not called. */
  private make(of: PyValue, args: readonly PyValue[]): void {
    const [first] = args;
    if (of instanceof PyGlobal && MAKERS.has(of.path) && first !== undefined) this.push(new PyRecord(first, []));
    else this.push(new PyRecord(of, args));
  }

  private argumentsOf(value: PyValue): readonly PyValue[] {
    if (value instanceof PyTuple) return value.items;
    throw this.wrong(`The pickle calls with what is no tuple, at byte ${String(this.opcodeAt)}.`);
  }

  private build(): void {
    const state = this.pop();
    const object = this.top();
    if (!(object instanceof PyRecord)) {
      throw this.wrong(`The pickle gives attributes to what is no object, at byte ${String(this.opcodeAt)}.`);
    }
    object.state = state;
  }

  private stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    if (typeof name !== 'string' || typeof module !== 'string') {
      throw this.wrong(`The pickle names a class by what is no text, at byte ${String(this.opcodeAt)}.`);
    }
    this.push(new PyGlobal(module, name));
  }

  private integer(length: number): number | bigint {
    if (length <= LIMITS.pickleInteger) return integerOf(this.cursor.bytes(length));
    throw this.wrong(
      `The pickle has an integer of ${String(length)} bytes; the most is ${String(LIMITS.pickleInteger)}.`,
    );
  }

  private number(text: string, parsed: number | bigint | boolean | undefined): void {
    if (parsed === undefined) throw this.wrong(`The pickle has the number ${quote(text)}.`);
    this.push(parsed);
  }

  private step(opcode: number): void {
    const { cursor } = this;
    switch (opcode) {
      case OP.PROTO: {
        const protocol = cursor.u8();
        if (protocol <= LATEST_PROTOCOL) return;
        throw unsupported(
          this.file,
          `It is a pickle of protocol ${String(protocol)}.`,
          `Protocols up to ${String(LATEST_PROTOCOL)} are supported.`,
        );
      }
      case OP.FRAME:
        cursor.u64();
        return;
      case OP.MARK:
        if (++this.values > LIMITS.pickleValues || this.below.length >= LIMITS.pickleMarks) {
          throw this.wrong(`The pickle has over ${String(LIMITS.pickleMarks)} open marks, the most that are read.`);
        }
        this.below.push(this.stack);
        this.stack = [];
        return;
      case OP.POP:
        // On a mark that nothing follows, it takes the mark.
        if (this.stack.length === 0) this.popMark();
        else this.stack.pop();
        return;
      case OP.POP_MARK:
        this.popMark();
        return;
      case OP.DUP:
        this.pushAgain(this.top());
        return;

      case OP.NONE:
        this.push(null);
        return;
      case OP.NEWTRUE:
      case OP.NEWFALSE:
        this.push(opcode === OP.NEWTRUE);
        return;
      case OP.INT: {
        const text = this.line();
        // Protocol 1 has its booleans as integers of two digits.
        this.number(text, text === '01' ? true : text === '00' ? false : textInteger(text));
        return;
      }
      case OP.LONG: {
        const text = this.line();
        this.number(text, textInteger(text.replace(/L$/u, '')));
        return;
      }
      case OP.BININT:
        this.push(cursor.i32());
        return;
      case OP.BININT1:
        this.push(cursor.u8());
        return;
      case OP.BININT2:
        this.push(cursor.u16());
        return;
      case OP.LONG1:
        this.push(this.integer(cursor.u8()));
        return;
      case OP.LONG4:
        this.push(this.integer(cursor.u32()));
        return;
      case OP.FLOAT: {
        const text = this.line();
        const value = Number(text.replace(/^(-?)inf$/u, '$1Infinity'));
        this.number(text, Number.isNaN(value) && text !== 'nan' ? undefined : value);
        return;
      }
      case OP.BINFLOAT:
        this.push(cursor.float64BigEndian());
        return;

      case OP.STRING:
        this.push(unescaped(this.file, latin1(cursor.line(LIMITS.pickleLine))));
        return;
      case OP.BINSTRING:
        this.push(latin1(cursor.bytes(this.length(cursor.u32()))));
        return;
      case OP.SHORT_BINSTRING:
        this.push(latin1(cursor.bytes(cursor.u8())));
        return;
      case OP.UNICODE:
        // Python escapes backslashes, line feeds and the like as \uXXXX.
        this.push(
          this.line().replace(/\\u([0-9a-f]{4})/giu, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
        );
        return;
      case OP.SHORT_BINUNICODE:
        this.push(this.text(cursor.u8()));
        return;
      case OP.BINUNICODE:
        this.push(this.text(cursor.u32()));
        return;
      case OP.BINUNICODE8:
        this.push(this.text(cursor.u64()));
        return;
      case OP.SHORT_BINBYTES:
        this.push(this.blob(cursor.u8()));
        return;
      case OP.BINBYTES:
        this.push(this.blob(cursor.u32()));
        return;
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        this.push(this.blob(cursor.u64()));
        return;

      case OP.EMPTY_LIST:
        this.list([]);
        return;
      case OP.LIST:
        this.list(this.popMark());
        return;
      case OP.APPEND: {
        const item = this.pop();
        this.append([item]);
        return;
      }
      case OP.APPENDS:
      case OP.ADDITEMS:
        this.append(this.popMark());
        return;
      case OP.EMPTY_TUPLE:
        this.tuple(0);
        return;
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        this.tuple(opcode - OP.TUPLE1 + 1);
        return;
      case OP.TUPLE: {
        const items = this.popMark();
        this.push(new PyTuple(items));
        return;
      }
      case OP.EMPTY_SET:
        this.setOf([]);
        return;
      case OP.FROZENSET:
        this.setOf(this.popMark());
        return;
      case OP.EMPTY_DICT:
        this.dict([]);
        return;
      case OP.DICT:
        this.dict(this.popMark());
        return;
      case OP.SETITEM: {
        const value = this.pop();
        const key = this.pop();
        this.set([key, value], this.top());
        return;
      }
      case OP.SETITEMS: {
        const items = this.popMark();
        this.set(items, this.top());
        return;
      }

      case OP.GET: {
        const text = this.line();
        this.get(Number(text));
        return;
      }
      case OP.BINGET:
        this.get(cursor.u8());
        return;
      case OP.LONG_BINGET:
        this.get(cursor.u32());
        return;
      case OP.PUT: {
        const text = this.line();
        this.put(Number(text));
        return;
      }
      case OP.BINPUT:
        this.put(cursor.u8());
        return;
      case OP.LONG_BINPUT:
        this.put(cursor.u32());
        return;
      case OP.MEMOIZE:
        this.put(this.memo.size);
        return;

      case OP.GLOBAL: {
        const module = this.line();
        const name = this.line();
        this.push(new PyGlobal(module, name));
        return;
      }
      case OP.STACK_GLOBAL:
        this.stackGlobal();
        return;
      case OP.REDUCE:
      case OP.NEWOBJ: {
        const args = this.argumentsOf(this.pop());
        this.make(this.pop(), args);
        return;
      }
      case OP.NEWOBJ_EX: {
        // Arguments by name are of no use to anything read here.
        this.pop();
        const args = this.argumentsOf(this.pop());
        this.make(this.pop(), args);
        return;
      }
      case OP.INST: {
        const module = this.line();
        const name = this.line();
        this.make(new PyGlobal(module, name), this.popMark());
        return;
      }
      case OP.OBJ: {
        const [of, ...args] = this.popMark();
        if (of === undefined)
          throw this.wrong(`The pickle makes an object of nothing, at byte ${String(this.opcodeAt)}.`);
        this.make(of, args);
        return;
      }
      case OP.BUILD:
        this.build();
        return;
      case OP.PERSID: {
        const id = this.line();
        this.push(new PyPersistent(id));
        return;
      }
      case OP.BINPERSID: {
        const id = this.pop();
        this.push(new PyPersistent(id));
        return;
      }

      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
        throw unsupported(this.file, 'Its pickle uses extension codes.', 'Save the model with torch.save.');
      case OP.NEXT_BUFFER:
      case OP.READONLY_BUFFER:
        throw unsupported(this.file, 'Its pickle keeps data outside of the file.', 'Save the model with torch.save.');
      default:
        throw this.wrong(`The pickle has the unknown opcode ${String(opcode)} at byte ${String(this.opcodeAt)}.`);
    }
  }
}
