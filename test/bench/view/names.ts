/** Names that the rows of this group share. */
export const GROUP = 'view';
export const PRODUCT = 'gatescope.gatescope';
/** The extension that does nothing. */
export const EMPTY_PRODUCT = 'gatescope-bench.empty';
/** The same text twice: one that is traced, and one of a language whose hover is constant. */
export const TRACED = 'traced.txt';
export const CONSTANT = 'same.constant';
