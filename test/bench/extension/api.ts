/** What the bench may ask of its extension, which connects to it from inside of VS Code: JSON, a message a line. */
import type { Socket } from 'node:net';
import type { Port } from '../../../src/shared/rpc';

/** Name of the file in the workspace that holds the bench's port. */
export const PORT_FILE = '.bench-port';
/** Said in a page once what is measured was painted, by `performance.mark`. */
export const PAINTED = 'gatescope-bench:painted';

export interface LargeTrace {
  readonly tokens: number;
  readonly units: number;
}

/** What went to the large trace's page since it was last asked. */
export interface Sent {
  /** All messages as structured clones. */
  readonly bytes: number;
  readonly tileBytes: number;
  readonly tiles: number;
  readonly messages: number;
  /** The last told, or undefined. */
  readonly look: { readonly from: number; readonly to: number } | undefined;
  /** Of the tiles that were asked for: one line each, how it lies and how many rows it had. */
  readonly asked: readonly AskedTile[];
}

export interface AskedTile {
  readonly track: string;
  readonly level: number;
  readonly index: number;
  readonly rows: number;
}

export interface ExtensionApi {
  /** Any command of VS Code. Its result is dropped. */
  execute(command: string, ...args: (string | number | boolean)[]): Promise<void>;
  /** Opens a file of the workspace in the first or second editor column, with the cursor at the start of a line. */
  openText(name: string, column: 1 | 2, line: number): Promise<void>;
  /** Activates extensions, one after the other. @returns what each took, milliseconds */
  activate(ids: readonly string[]): Promise<readonly number[]>;
  /** Opens the product's page in an editor tab, over a trace that a formula answers for. */
  openLarge(trace: LargeTrace): void;
  /** Opens a page that draws one ready texture of a size in device pixels each time it is scrolled. */
  openTexture(width: number, height: number): void;
  closePages(): void;
  /** When each of the product's marks was made last in the extension host. */
  marks(): Readonly<Record<string, number>>;
  /** Counts from now on. */
  takeSent(): Sent;
}

/** What the extension says without being asked. */
export interface BenchApi {
  /** An extension host has started, and is the one to be asked from now on. */
  hello(): void;
}

export function linePort(socket: Socket): Port {
  socket.setNoDelay(true);
  return {
    post: (message) => {
      socket.write(`${JSON.stringify(message)}\n`);
    },
    listen: (receive) => {
      let rest = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) receive(JSON.parse(line));
      });
    },
  };
}
