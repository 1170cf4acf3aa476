/** The one place where an error is shown to a person, with what can be done about it; and the log. */
import * as vscode from 'vscode';
import { asGatescopeError, type ErrorCode } from '../shared/errors';
import { shownError, t } from './l10n';

interface Action {
  readonly title: string;
  readonly command: string;
}

const SELECT_MODEL: Action = { title: t('Select Model…'), command: 'gatescope.selectModel' };
const MANAGE_TRUST: Action = { title: t('Manage Trust'), command: 'workbench.trust.manage' };
const CHOOSE_TOKENIZER: Action = { title: t('Choose Tokenizer…'), command: 'gatescope.models.tokenizer' };
const TRACE_AGAIN: Action = { title: t('Trace Again'), command: 'gatescope.traceAgain' };

const ACTIONS: Partial<Record<ErrorCode, readonly Action[]>> = {
  'model-not-found': [SELECT_MODEL],
  'model-damaged': [SELECT_MODEL],
  'model-unsupported': [SELECT_MODEL],
  'workspace-untrusted': [MANAGE_TRUST, SELECT_MODEL],
  'tokenizer-needed': [CHOOSE_TOKENIZER, SELECT_MODEL],
  'worker-exited': [TRACE_AGAIN],
  'trace-gone': [TRACE_AGAIN],
  'file-unreadable': [TRACE_AGAIN],
};

/** Faults whose cause is in the log. */
const LOGGED: readonly ErrorCode[] = ['worker-exited', 'internal', 'bad-request', 'model-damaged'];

export class Notifier implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel('Gatescope', { log: true });

  dispose(): void {
    this.log.dispose();
  }

  /** Shows an error; a cancellation was the person's own wish and is not shown. */
  error(error: unknown): void {
    const { code, stack } = asGatescopeError(error);
    if (code === 'cancelled') return;
    const message = shownError(error);
    this.log.error(`${code}: ${message}`);
    if (LOGGED.includes(code) && stack !== undefined) this.log.debug(stack);
    const showLog: Action = { title: t('Show Log'), command: '' };
    const actions = [...(ACTIONS[code] ?? []), ...(LOGGED.includes(code) ? [showLog] : [])];
    void vscode.window.showErrorMessage(message, ...actions.map(({ title }) => title)).then((title) => {
      const action = actions.find((candidate) => candidate.title === title);
      if (action === showLog) this.log.show();
      else if (action !== undefined) void vscode.commands.executeCommand(action.command);
    });
  }

  /** Writes down what went wrong where nobody waits for it. */
  quiet(error: unknown): void {
    const { code } = asGatescopeError(error);
    if (code !== 'cancelled') this.log.warn(`${code}: ${shownError(error)}`);
  }
}
