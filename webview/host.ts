/** The door to the extension host: VS Code's message port, the remote methods, and the state that outlives hiding. */
import { connect, type Connection, type Methods } from '../src/shared/rpc';

interface VsCodeApi {
  readonly postMessage: (message: unknown) => void;
  readonly getState: () => unknown;
  readonly setState: (state: unknown) => void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** @typeParam Page what the page lets the host call @typeParam Host what the host lets the page call */
export interface HostDoor<Page, Host extends Methods<Host>> {
  readonly connect: (local: Page) => Connection<Host>;
  readonly load: () => unknown;
  readonly save: (state: unknown) => void;
}

export function openHostDoor<Page extends Methods<Page>, Host extends Methods<Host>>(): HostDoor<Page, Host> {
  const api = acquireVsCodeApi();
  return {
    connect: (local) =>
      connect<Page, Host>(
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
