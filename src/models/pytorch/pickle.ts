/**
 * Reads pickles as data only: the opcodes of the protocols 0 to 5 as CPython's Lib/pickletools.py describes them. Calls,
 * classes and functions become inert records (values.ts): nothing is imported, looked up, called or set.
 */
import { unsupported } from '../errors';
import { say } from '../../shared/l10n';
import { LIMITS } from '../limits';
import type { Cursor } from './cursor';
import { textInteger, unescaped } from './literals';
import { Machine } from './machine';
import { OP } from './opcodes';
import { PyGlobal, PyPersistent, PyTuple, type PyValue } from './values';

const LATEST_PROTOCOL = 5;

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
  const machine = new Machine(file, cursor);
  for (;;) {
    const opcode = machine.next();
    if (opcode === OP.STOP) return machine.pop();
    step(machine, opcode);
  }
}

function step(machine: Machine, opcode: number): void {
  const { cursor, file } = machine;
  switch (opcode) {
    case OP.PROTO: {
      const protocol = cursor.u8();
      if (protocol <= LATEST_PROTOCOL) return;
      throw unsupported(
        file,
        say`It is a pickle of protocol ${protocol}.`,
        say`Protocols up to ${LATEST_PROTOCOL} are supported.`,
      );
    }
    case OP.FRAME:
      cursor.u64();
      return;
    case OP.MARK:
      machine.openMark();
      return;
    case OP.POP:
      machine.drop();
      return;
    case OP.POP_MARK:
      machine.popMark();
      return;
    case OP.DUP:
      machine.pushAgain(machine.top());
      return;

    case OP.NONE:
      machine.push(null);
      return;
    case OP.NEWTRUE:
    case OP.NEWFALSE:
      machine.push(opcode === OP.NEWTRUE);
      return;
    case OP.INT: {
      const text = machine.line();
      // Protocol 1 has its booleans as integers of two digits.
      machine.number(text, text === '01' ? true : text === '00' ? false : textInteger(text));
      return;
    }
    case OP.LONG: {
      const text = machine.line();
      machine.number(text, textInteger(text.replace(/L$/u, '')));
      return;
    }
    case OP.BININT:
      machine.push(cursor.i32());
      return;
    case OP.BININT1:
      machine.push(cursor.u8());
      return;
    case OP.BININT2:
      machine.push(cursor.u16());
      return;
    case OP.LONG1:
      machine.push(machine.integer(cursor.u8()));
      return;
    case OP.LONG4:
      machine.push(machine.integer(cursor.u32()));
      return;
    case OP.FLOAT: {
      const text = machine.line();
      const value = Number(text.replace(/^(-?)inf$/u, '$1Infinity'));
      machine.number(text, Number.isNaN(value) && text !== 'nan' ? undefined : value);
      return;
    }
    case OP.BINFLOAT:
      machine.push(cursor.float64BigEndian());
      return;

    case OP.STRING:
      machine.push(unescaped(file, latin1(cursor.line(LIMITS.pickleLine))));
      return;
    case OP.BINSTRING:
      machine.push(latin1(cursor.bytes(machine.length(cursor.u32()))));
      return;
    case OP.SHORT_BINSTRING:
      machine.push(latin1(cursor.bytes(cursor.u8())));
      return;
    case OP.UNICODE:
      // Python escapes backslashes, line feeds and the like as \uXXXX.
      machine.push(
        machine.line().replace(/\\u([0-9a-f]{4})/giu, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
      );
      return;
    case OP.SHORT_BINUNICODE:
      machine.push(machine.text(cursor.u8()));
      return;
    case OP.BINUNICODE:
      machine.push(machine.text(cursor.u32()));
      return;
    case OP.BINUNICODE8:
      machine.push(machine.text(cursor.u64()));
      return;
    case OP.SHORT_BINBYTES:
      machine.push(machine.blob(cursor.u8()));
      return;
    case OP.BINBYTES:
      machine.push(machine.blob(cursor.u32()));
      return;
    case OP.BINBYTES8:
    case OP.BYTEARRAY8:
      machine.push(machine.blob(cursor.u64()));
      return;

    case OP.EMPTY_LIST:
      machine.list([]);
      return;
    case OP.LIST:
      machine.list(machine.popMark());
      return;
    case OP.APPEND: {
      const item = machine.pop();
      machine.append([item]);
      return;
    }
    case OP.APPENDS:
    case OP.ADDITEMS:
      machine.append(machine.popMark());
      return;
    case OP.EMPTY_TUPLE:
      machine.tuple(0);
      return;
    case OP.TUPLE1:
    case OP.TUPLE2:
    case OP.TUPLE3:
      machine.tuple(opcode - OP.TUPLE1 + 1);
      return;
    case OP.TUPLE: {
      const items = machine.popMark();
      machine.push(new PyTuple(items));
      return;
    }
    case OP.EMPTY_SET:
      machine.setOf([]);
      return;
    case OP.FROZENSET:
      machine.setOf(machine.popMark());
      return;
    case OP.EMPTY_DICT:
      machine.dict([]);
      return;
    case OP.DICT:
      machine.dict(machine.popMark());
      return;
    case OP.SETITEM: {
      const value = machine.pop();
      const key = machine.pop();
      machine.set([key, value], machine.top());
      return;
    }
    case OP.SETITEMS: {
      const items = machine.popMark();
      machine.set(items, machine.top());
      return;
    }

    case OP.GET: {
      const text = machine.line();
      machine.get(Number(text));
      return;
    }
    case OP.BINGET:
      machine.get(cursor.u8());
      return;
    case OP.LONG_BINGET:
      machine.get(cursor.u32());
      return;
    case OP.PUT: {
      const text = machine.line();
      machine.put(Number(text));
      return;
    }
    case OP.BINPUT:
      machine.put(cursor.u8());
      return;
    case OP.LONG_BINPUT:
      machine.put(cursor.u32());
      return;
    case OP.MEMOIZE:
      machine.memoize();
      return;

    case OP.GLOBAL: {
      const module = machine.line();
      const name = machine.line();
      machine.push(new PyGlobal(module, name));
      return;
    }
    case OP.STACK_GLOBAL:
      machine.stackGlobal();
      return;
    case OP.REDUCE:
    case OP.NEWOBJ: {
      const args = machine.argumentsOf(machine.pop());
      machine.make(machine.pop(), args);
      return;
    }
    case OP.NEWOBJ_EX: {
      // Arguments by name are of no use to anything read here.
      machine.pop();
      const args = machine.argumentsOf(machine.pop());
      machine.make(machine.pop(), args);
      return;
    }
    case OP.INST: {
      const module = machine.line();
      const name = machine.line();
      machine.make(new PyGlobal(module, name), machine.popMark());
      return;
    }
    case OP.OBJ:
      machine.object(machine.popMark());
      return;
    case OP.BUILD:
      machine.build();
      return;
    case OP.PERSID: {
      const id = machine.line();
      machine.push(new PyPersistent(id));
      return;
    }
    case OP.BINPERSID: {
      const id = machine.pop();
      machine.push(new PyPersistent(id));
      return;
    }

    case OP.EXT1:
    case OP.EXT2:
    case OP.EXT4:
      throw unsupported(file, say`Its pickle uses extension codes.`, say`Save the model with torch.save.`);
    case OP.NEXT_BUFFER:
    case OP.READONLY_BUFFER:
      throw unsupported(file, say`Its pickle keeps data outside of the file.`, say`Save the model with torch.save.`);
    default:
      throw machine.unknown(opcode);
  }
}
