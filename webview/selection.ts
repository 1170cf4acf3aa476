/** The selection of a stretch of time: one for this view, the editor, and what is copied. Verbs over the state; no DOM. */
import { lookAt, traceOf, type Cursor, type State, type Stretch } from './state';

const endOf = ({ token, count }: Stretch): number => token + count;

/** What is selected; undefined where only the editor's cursor is somewhere. */
export const selectionOf = ({ followed }: State): Stretch | undefined =>
  followed?.anchor === undefined ? undefined : { token: followed.token, count: followed.count };

/** Selects from where it began to where it has got, both included, in either direction. */
export function selectBetween(state: State, anchor: Stretch, to: Stretch): State {
  const token = Math.min(anchor.token, to.token);
  const count = Math.max(endOf(anchor), endOf(to)) - token;
  return { ...state, followed: { token, count, anchor } };
}

/**
 * Where a selection that is extended from a mark began: it goes on while the mark is at one of its ends.
 *
 * @param mark the tokens of the mark's column, before it moves
 */
export function anchorOf({ followed }: State, mark: Stretch): Stretch {
  if (followed?.anchor === undefined) return mark;
  const atEnd = mark.token === followed.token || endOf(mark) === endOf(followed);
  return atEnd ? followed.anchor : mark;
}

/** Nothing is selected any more; what the editor is at is known when it moves again. */
export const clearSelection = (state: State): State =>
  selectionOf(state) === undefined ? state : { ...state, followed: undefined };

/** A click elsewhere: the editor's selection will be that character. */
export const followMark = (state: State, { token }: Pick<Cursor, 'token'>): State => ({
  ...state,
  followed: { token, count: 1 },
});

/** Room beside what is zoomed to, as a share of it. */
const MARGIN = 0.04;

/** Has the selection fill the width; nothing where nothing is selected. */
export function zoomToSelection(state: State): State {
  const selection = selectionOf(state);
  const tokens = traceOf(state)?.info.tokens ?? 0;
  if (selection === undefined) return state;
  const margin = selection.count * MARGIN;
  return lookAt(state, {
    from: Math.max(0, selection.token - margin),
    to: Math.min(tokens, endOf(selection) + margin),
  });
}
