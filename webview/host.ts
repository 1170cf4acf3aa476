/** The door to the extension host: VS Code's message port, the remote methods, and the state that outlives hiding. */
import { connect, type Connection } from '../src/shared/rpc';
import type { ViewApi, ViewHostApi } from '../src/shared/viewApi';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface HostDoor {
  connect(local: ViewApi): Connection<ViewHostApi>;
  load(): unknown;
  save(state: unknown): void;
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
