/** The door to the extension host: VS Code's message port, the remote methods, and the state that outlives hiding. */
import { connect, type Connection } from '../src/shared/rpc';
import type { ViewApi, ViewHostApi } from '../src/shared/viewApi';

interface VsCodeApi {
  readonly postMessage: (message: unknown) => void;
  readonly getState: () => unknown;
  readonly setState: (state: unknown) => void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface HostDoor {
  readonly connect: (local: ViewApi) => Connection<ViewHostApi>;
  readonly load: () => unknown;
  readonly save: (state: unknown) => void;
}

export function openHostDoor(): HostDoor {
  const api = acquireVsCodeApi();
  return {
    connect: (local) =>
      connect<ViewApi, ViewHostApi>(
        {
          post: (message) => {
            api.postMessage(message);
          },
          listen: (receive) => {
            window.addEventListener('message', (event: MessageEvent<unknown>) => {
              receive(event.data);
            });
          },
        },
        local,
      ),
    load: () => api.getState(),
    save: (state) => {
      api.setState(state);
    },
  };
}
