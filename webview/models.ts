/** Entry of a model's page: joins the host's port to the page and asks what to show. */
import './styles.css';
import './model/model.css';
import type { ModelHostApi, ModelViewApi } from '../src/shared/modelViewApi';
import type { Connection } from '../src/shared/rpc';
import { openHostDoor } from './host';
import { shownError, t } from './l10n';
import { ModelPage } from './model/page';
import { registerControls } from './ui/controls';

function start(): void {
  const root = document.getElementById('app');
  if (root === null) throw new Error('The page has no #app.');
  registerControls();
  const link: { connection?: Connection<ModelHostApi> } = {};
  const remote = (): Connection<ModelHostApi>['remote'] => {
    if (link.connection === undefined) throw new Error('The host is not connected yet.');
    return link.connection.remote;
  };
  const page = new ModelPage(root, {
    matrix: (name) => remote().matrix(name),
    run: (action) => remote().run(action),
  });
  link.connection = openHostDoor<ModelViewApi, ModelHostApi>().connect(page.api);
  link.connection.remote.ready().then(
    (scene) => {
      page.api.show(scene);
    },
    (error: unknown) => {
      page.api.show({ kind: 'failed', file: t('The file'), message: shownError(error), untrusted: false });
    },
  );
}

start();
