/** The page's line to the extension: the only place that takes the editor's API. */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What a page may do towards the extension. `Command` is the union that the page sends. */
export interface Host<Command> {
  post(command: Command): void;
  /**
   * Calls `listener` with each message that `parse` recognises; what it does not is dropped.
   * Returns a function that ends the subscription.
   */
  subscribe<Event>(parse: (data: unknown) => Event | undefined, listener: (event: Event) => void): () => void;
  /** What `saveState` last stored, as it stands: check its shape. undefined: nothing. */
  loadState(): unknown;
  /** Kept by the editor while the view exists, across reloads of the page. Must survive JSON. */
  saveState(state: unknown): void;
}

/** Connects to the extension. The editor allows this once a page. */
export function connectHost<Command>(): Host<Command> {
  const api = acquireVsCodeApi();
  return {
    post: (command) => api.postMessage(command),
    subscribe(parse, listener) {
      const onMessage = (message: MessageEvent<unknown>): void => {
        const event = parse(message.data);
        if (event !== undefined) listener(event);
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
    loadState: () => api.getState(),
    saveState: (state) => api.setState(state),
  };
}
