/** A thread that computes gives way to those that a person waits for: the window's, the server's, the extension host's. */
import { setPriority } from 'node:os';

/** A tenth of the processor where an ordinary thread wants it too; all of it where none does. */
const NICE = 10;

/**
 * On a machine of two cores a trace held the first picture of itself back by a quarter of a second: messages waited for a
 * processor. Only Linux counts priorities by thread; elsewhere this would be the whole extension host's.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(NICE);
  } catch {
    // Forbidden by a sandbox: then it is as quick as the others.
  }
}
