/** The pickle machine, opcode by opcode: every protocol, and what breaks the format. */
import { describe, expect, it } from 'vitest';
import { Cursor } from '../../src/models/pytorch/cursor';
import { readPickle } from '../../src/models/pytorch/pickle';
import {
  PyDict,
  PyGlobal,
  PyList,
  PyPersistent,
  PyRecord,
  PySet,
  PyTuple,
  type PyValue,
} from '../../src/models/pytorch/values';
import { bytesSource } from '../../src/models/source';

const load = (pickle: string): PyValue =>
  readPickle('m.pt', new Cursor(bytesSource('m.pt', Buffer.from(pickle, 'latin1'))));

/** As plain arrays, so that a table can say it. */
function plain(value: PyValue): unknown {
  if (value instanceof PyList) return { list: value.items.map(plain) };
  if (value instanceof PyTuple) return { tuple: value.items.map(plain) };
  if (value instanceof PySet) return { set: value.items.map(plain) };
  if (value instanceof PyDict) return { dict: value.entries.map((pair) => pair.map(plain)) };
  if (value instanceof PyGlobal) return `<${value.path}>`;
  if (value instanceof PyPersistent) return { id: plain(value.id) };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (!(value instanceof PyRecord)) return value;
  const { of, args, items, entries, state } = value;
  return {
    of: plain(of),
    args: args.map(plain),
    ...(items.length > 0 && { items: items.map(plain) }),
    ...(entries.length > 0 && { entries: entries.map((pair) => pair.map(plain)) }),
    ...(state !== undefined && { state: plain(state) }),
  };
}

describe('a pickle', () => {
  it.each<[what: string, pickle: string, value: unknown]>([
    ['None', 'N.', null],
    ['True of protocol 0', 'I01\n.', true],
    ['False of protocol 0', 'I00\n.', false],
    ['True and False of protocol 2', '\x88\x89\x86.', { tuple: [true, false] }],
    ['integers as text', 'I-7\nL123456789012345678901L\n\x86.', { tuple: [-7, 123456789012345678901n] }],
    ['integers of 1, 2 and 4 bytes', 'K\xffM\x00\x01J\xfe\xff\xff\xff\x87.', { tuple: [255, 256, -2] }],
    ['LONG1', '\x8a\x00\x8a\x01\xff\x8a\x02\xff\x00\x87.', { tuple: [0, -1, 255] }],
    ['LONG1 beyond doubles', '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.', 2n ** 63n - 1n],
    ['LONG4', '\x8b\x01\x00\x00\x00\x05.', 5],
    ['floats', 'F1.5\nFinf\nG\xbf\xf0\x00\x00\x00\x00\x00\x00\x87.', { tuple: [1.5, Infinity, -1] }],
    ['strings of Python 2', "S'it\\'s\\n\\x41\\101'\nU\x01aT\x01\x00\x00\x00b\x87.", { tuple: ["it's\nAA", 'a', 'b'] }],
    ['UNICODE', 'Va\\u0416\\u000a\n.', 'aЖ\n'],
    [
      'texts of each length',
      'X\x02\x00\x00\x00\xd0\x96\x8c\x01a\x8d\x01\0\0\0\0\0\0\0b\x87.',
      { tuple: ['Ж', 'a', 'b'] },
    ],
    ['a text that is a byte order mark', 'X\x03\x00\x00\x00\xef\xbb\xbf.', '\ufeff'],
    [
      'bytes of each length',
      'C\x01aB\x01\x00\x00\x00b\x8e\x01\0\0\0\0\0\0\0c\x87.',
      { tuple: [{ bytes: [97] }, { bytes: [98] }, { bytes: [99] }] },
    ],
    ['a bytearray', '\x96\x01\0\0\0\0\0\0\0a.', { bytes: [97] }],
    ['lists', ']K\x01a(K\x02K\x03e(K\x04l\x86.', { tuple: [{ list: [1, 2, 3] }, { list: [4] }] }],
    ['tuples', ')K\x01\x85(K\x02t\x87.', { tuple: [{ tuple: [] }, { tuple: [1] }, { tuple: [2] }] }],
    [
      'dicts',
      '}K\x01K\x02s(K\x03K\x04u.',
      {
        dict: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    ['a dict of protocol 0', '(K\x01K\x02d.', { dict: [[1, 2]] }],
    ['sets', '\x8f(K\x01\x90(K\x02\x91\x86.', { tuple: [{ set: [1] }, { set: [2] }] }],
    [
      'what is kept and recalled',
      'K\x07p5\nq\x06r\x07\x01\x00\x000g5\nh\x06j\x07\x01\x00\x00\x87.',
      { tuple: [7, 7, 7] },
    ],
    ['what is memoized', '\x80\x04\x95\x09\0\0\0\0\0\0\0K\x05\x94K\x06\x940h\x00h\x01\x87.', { tuple: [5, 5, 6] }],
    ['what is taken back', 'K\x01K\x020(NN12\x86.', { tuple: [1, 1] }],
    ['a class', 'cos\nsystem\n.', '<os.system>'],
    ['a class from the stack', '\x8c\x02os\x8c\x06system\x93.', '<os.system>'],
    ['a call', 'cos\nsystem\n(S"x"\ntR.', { of: '<os.system>', args: ['x'] }],
    [
      'a call of what a call gives',
      'cbuiltins\ngetattr\n(cos\nS"system"\ntR(S"x"\ntR.'.replace('cos\n', 'cos\npath\n'),
      { of: { of: '<builtins.getattr>', args: ['<os.path>', 'system'] }, args: ['x'] },
    ],
    ['an object', 'cm\nC\n)\x81}K\x01K\x02sb.', { of: '<m.C>', args: [], state: { dict: [[1, 2]] } }],
    ['an object with named arguments', 'cm\nC\nK\x01\x85}\x92.', { of: '<m.C>', args: [1] }],
    ['an object of protocol 0', '(K\x01im\nC\n.', { of: '<m.C>', args: [1] }],
    ['an object of protocol 1', '(cm\nC\nK\x01o.', { of: '<m.C>', args: [1] }],
    [
      'an object without its constructor',
      'ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.',
      { of: '<m.C>', args: [] },
    ],
    [
      'a dict of another class',
      'ccollections\nOrderedDict\n)R(K\x01K\x02u.',
      { of: '<collections.OrderedDict>', args: [], entries: [[1, 2]] },
    ],
    ['a list of another class', 'cm\nL\n)R(K\x01e.', { of: '<m.L>', args: [], items: [1] }],
    ['what lies elsewhere', 'K\x01\x85Q.', { id: { tuple: [1] } }],
    ['what lies elsewhere, of protocol 0', 'Pkey\n.', { id: 'key' }],
  ])('says %s', (_, pickle, expected) => {
    expect(plain(load(pickle))).toEqual(expected);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /cut off: 1 bytes are due at byte 0, 0 are left/],
    ['no end', 'N', /cut off/],
    ['only an end', '.', /takes a value that is not there, at byte 0/],
    ['an opcode that there is not', 'N\x01.', /unknown opcode 1 at byte 1/],
    ['a text beyond the end', 'X\x09\x00\x00\x00abc.', /9 bytes are due at byte 5, 4 are left/],
    ['a line without an end', 'I12', /cut off/],
    ['a number that is none', 'I1x\n.', /the number "1x"/],
    ['a float that is none', 'F1..5\n.', /the number "1..5"/],
    ['a text without quotes', 'Sabc\n.', /without its quotes/],
    ['a mark that is not open', 'Nt.', /closes a mark that is not there, at byte 1/],
    ['a key without a value', '}(Nu.', /sets a key without a value/],
    ['keys of a list', '](NNu.', /sets keys of what is no dict/],
    ['an item of a dict', '}Na.', /appends to what is no list/],
    ['attributes of a list', ']}b.', /gives attributes to what is no object/],
    ['a call without a tuple', 'cm\nf\nNR.', /calls with what is no tuple/],
    ['a class that is no text', 'NN\x93.', /names a class by what is no text/],
    ['an object of nothing', '(o.', /makes an object of nothing/],
    ['what was not kept', 'h\x05.', /recalls 5, which was not kept/],
    ['a place that is no number', 'gx\n.', /recalls NaN/],
    ['a later protocol', '\x80\x06N.', /protocol 6/],
    ['an extension', '\x82\x01.', /extension codes/],
    ['a buffer outside', '\x97.', /outside of the file/],
  ])('that has %s is refused', (_, pickle, message) => {
    expect(() => load(pickle)).toThrow(message);
  });

  it('may be longer than what is read at once', () => {
    const texts = Array.from({ length: 300 }, (_, k) => `V${'x'.repeat(k * 7)}${String(k)}\n`);
    const value = load(`(${texts.join('')}V${'y'.repeat(200_000)}\nl.`);
    const items = value instanceof PyList ? value.items : [];
    expect(items.map((item) => (typeof item === 'string' ? item.length : NaN))).toEqual([
      ...texts.map((text) => text.length - 2),
      200_000,
    ]);
  });
});
