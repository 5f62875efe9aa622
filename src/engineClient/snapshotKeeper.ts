import { Emitter } from 'vscode-jsonrpc';
import type { LoadOptions, ServedModel, ServePolicy } from '../protocol/engine';
import type { EngineSnapshot } from './engine';
import type { KeeperListener } from './engineKeeper';
import { afterServed, afterState, ended, shownEngine } from './sharedView';

/** Keeps the snapshot true, whichever window changes what all share. */
export class SnapshotKeeper {
  private readonly emitter = new Emitter<EngineSnapshot>();
  readonly onDidChange = this.emitter.event;
  current: EngineSnapshot = {
    state: { kind: 'stopped' },
    info: undefined,
    model: undefined,
    runtime: undefined,
  };
  /** What `chat` loads where nothing is loaded. */
  lastOptions: LoadOptions | undefined;
  /** What each engine is told at its start. */
  policy: ServePolicy | undefined;
  private disposed = false;

  /** @param isLoading whether a load of this window runs, whose own progress tells the state */
  constructor(private readonly isLoading: () => boolean) {}

  update(change: Partial<EngineSnapshot>): void {
    if (this.disposed) return;
    this.current = { ...this.current, ...change };
    this.emitter.fire(this.current);
  }

  listen(): KeeperListener {
    return {
      starting: () => this.update({ state: { kind: 'starting' }, ...ended() }),
      runtimeFound: (runtime) => this.update({ runtime }),
      started: (client) => {
        if (this.policy !== undefined) client.setPolicy(this.policy);
        // A load that waits for it goes on from "starting".
        this.update(this.isLoading() ? { info: client.info, idleEnd: undefined } : shownEngine(client));
        this.noteServed(client.served);
      },
      stateChanged: (state) => {
        const change = this.isLoading() ? undefined : afterState(this.current, state);
        if (change !== undefined) this.update(change);
      },
      servedChanged: (served) => {
        if (!this.isLoading()) this.update(afterServed(this.current, served));
        this.noteServed(served);
      },
      silenceChanged: (isSilent) => this.update({ unresponsive: isSilent || undefined }),
      crashed: (error) => this.update({ state: { kind: 'failed', error }, ...ended() }),
      stopped: (farewell) => this.update({ state: { kind: 'stopped' }, ...ended(farewell) }),
    };
  }

  dispose(): void {
    this.disposed = true;
    this.emitter.dispose();
  }

  /** After a crash or an unload the next chat loads what all windows shared. */
  private noteServed(served: ServedModel | undefined): void {
    if (served !== undefined && !this.isLoading()) this.lastOptions = served.options;
  }
}
