/** Entry of the webview: joins the host's port to the view and asks what to show. */
import './styles.css';
import type { Connection } from '../src/shared/rpc';
import type { ViewApi, ViewHostApi } from '../src/shared/viewApi';
import { App } from './app';
import { openHostDoor } from './host';
import { shownError, t } from './l10n';

/** Milliseconds after which a picture is no longer waited for. */
const PATIENCE = 500;

/**
 * Runs the script that the page has for later: the toolkit, which takes as long to run as all else until the first
 * picture. Until then its controls take clicks, and the style has room for them.
 */
function runLater(nonce: string): void {
  const text = document.getElementById('later')?.textContent;
  if (text === undefined) return;
  const script = document.createElement('script');
  script.nonce = nonce;
  script.textContent = text;
  document.body.append(script);
}

function start(): void {
  performance.mark('gatescope:script');
  const root = document.getElementById('app');
  if (root === null) throw new Error('The page has no #app.');
  // Known only while the script runs for the first time.
  const nonce = document.currentScript?.nonce ?? '';
  const door = openHostDoor<ViewApi, ViewHostApi>();
  const link: { connection?: Connection<ViewHostApi> } = {};
  const remote = (): Connection<ViewHostApi>['remote'] => {
    if (link.connection === undefined) throw new Error('The host is not connected yet.');
    return link.connection.remote;
  };
  let asked = false;
  const first = (): void => {
    if (asked) return;
    asked = true;
    requestIdleCallback(
      () => {
        runLater(nonce);
      },
      { timeout: PATIENCE },
    );
  };
  const app = new App(root, remote, door.load(), door.save, first);
  link.connection = door.connect(app.api);
  performance.mark('gatescope:built');
  // A trace that has no picture yet must have its controls all the same.
  window.setTimeout(first, PATIENCE);
  link.connection.remote.ready().then(
    (beginning) => {
      // The host says it by itself, as a rule, before it hears that the page listens.
      if (!app.begun) app.api.begin(beginning);
    },
    (error: unknown) => {
      app.api.show({ kind: 'failed', file: t('the text'), message: shownError(error), remedy: undefined });
    },
  );
}

start();
