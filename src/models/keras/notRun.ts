import { textIn, type Text } from '../../shared/l10n';

/** Thrown at a layer that cannot be run; its message names the layer. The path before it still can be. */
export class NotRun extends Error {
  constructor(readonly text: Text) {
    super(textIn(text));
  }
}
