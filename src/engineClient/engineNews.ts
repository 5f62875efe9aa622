import { Emitter, type MessageConnection } from 'vscode-jsonrpc';
import {
  farewellNotification,
  modelNotification,
  stateNotification,
  type EngineState,
  type Farewell,
  type ServedModel,
} from '../protocol/engine';

/** What an engine tells all its clients, from before the first request on. */
export class EngineNews {
  state: EngineState = { kind: 'stopped' };
  served: ServedModel | undefined;
  private readonly stateEmitter = new Emitter<EngineState>();
  private readonly servedEmitter = new Emitter<ServedModel | undefined>();
  private readonly farewellEmitter = new Emitter<Farewell>();
  readonly onState = this.stateEmitter.event;
  readonly onServed = this.servedEmitter.event;
  /** The engine ends without having failed. */
  readonly onFarewell = this.farewellEmitter.event;

  constructor(connection: MessageConnection) {
    connection.onNotification(stateNotification, (state) => {
      this.state = state;
      this.stateEmitter.fire(state);
    });
    connection.onNotification(modelNotification, (served) => {
      this.served = served ?? undefined;
      this.servedEmitter.fire(this.served);
    });
    connection.onNotification(farewellNotification, (farewell) => {
      this.farewellEmitter.fire(farewell);
    });
  }

  dispose(): void {
    for (const emitter of [this.stateEmitter, this.servedEmitter, this.farewellEmitter]) emitter.dispose();
  }
}
