/** Entry of the webview: joins the host's port to the view and asks what to show. */
import './styles.css';
import type { Connection } from '../src/shared/rpc';
import type { ViewApi, ViewHostApi } from '../src/shared/viewApi';
import { App } from './app';
import { openHostDoor } from './host';
import { shownError, t } from './l10n';
import { registerControls } from './ui/toolkit';

function start(): void {
  const root = document.getElementById('app');
  if (root === null) throw new Error('The page has no #app.');
  registerControls();
  const door = openHostDoor<ViewApi, ViewHostApi>();
  const link: { connection?: Connection<ViewHostApi> } = {};
  const remote = (): Connection<ViewHostApi>['remote'] => {
    if (link.connection === undefined) throw new Error('The host is not connected yet.');
    return link.connection.remote;
  };
  const app = new App(root, remote, door.load(), door.save);
  link.connection = door.connect(app.api);
  link.connection.remote.ready().then(
    (beginning) => {
      app.begin(beginning);
    },
    (error: unknown) => {
      app.api.show({ kind: 'failed', file: t('the text'), message: shownError(error), remedy: undefined });
    },
  );
}

start();
