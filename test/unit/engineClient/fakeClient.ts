import { Emitter } from 'vscode-jsonrpc';
import type { EngineClient } from '../../../src/engineClient/engineClient';
import { CancelledError, EngineError } from '../../../src/errors';
import type {
  Calibration,
  ChatResult,
  EngineState,
  Farewell,
  LoadedModel,
  LoadOptions,
  ServedModel,
  SimulatedUse,
  SimulateParams,
} from '../../../src/protocol/engine';
import { cancelledCompletion } from '../../../src/protocol/cancelledCompletion';
import { info, modelFor, resultOf } from './samples';

interface Pending<T> {
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

/** An engine whose every answer the test gives. */
export class FakeClient implements EngineClient {
  readonly info = info;
  private readonly stateEmitter = new Emitter<EngineState>();
  readonly onState = this.stateEmitter.event;
  private readonly servedEmitter = new Emitter<ServedModel | undefined>();
  readonly onServed = this.servedEmitter.event;
  private readonly silenceEmitter = new Emitter<boolean>();
  readonly onSilence = this.silenceEmitter.event;
  state: EngineState = { kind: 'stopped' };
  served: ServedModel | undefined;
  farewell: Farewell | undefined;
  private resolveEnded: (failure: EngineError | undefined) => void = () => undefined;
  readonly ended = new Promise<EngineError | undefined>((resolve) => {
    this.resolveEnded = resolve;
  });
  readonly loads: (Pending<LoadedModel> & {
    options: LoadOptions;
    progress: (fraction: number) => void;
    signal: AbortSignal | undefined;
  })[] = [];
  readonly chats: (Pending<ChatResult> & { signal: AbortSignal | undefined })[] = [];
  isOver = false;
  shutdowns = 0;
  leaves = 0;

  load(options: LoadOptions, progress: (fraction: number) => void = () => undefined, signal?: AbortSignal) {
    return new Promise<LoadedModel>((resolve, reject) => {
      this.loads.push({ options, progress, signal, resolve, reject });
    });
  }

  chat(_request: unknown, _onProgress: unknown, signal?: AbortSignal) {
    return new Promise<ChatResult>((resolve, reject) => {
      this.chats.push({ signal, resolve, reject });
    });
  }

  finishLoad(index = this.loads.length - 1): void {
    const load = this.loads[index];
    load?.resolve(modelFor(load.options));
  }

  tell(state: EngineState): void {
    this.state = state;
    this.stateEmitter.fire(state);
  }

  /** As after a load or an unload by another window. */
  serve(options: LoadOptions | undefined): void {
    this.served = options && { options, model: modelFor(options) };
    this.servedEmitter.fire(this.served);
  }

  crash(detail: string): void {
    this.end(new EngineError({ reason: 'crashed', detail }));
  }

  shutdown(): Promise<void> {
    this.shutdowns++;
    this.end(undefined);
    return Promise.resolve();
  }

  leave(): void {
    this.leaves++;
    this.end(undefined);
  }

  /** As another window's unload. */
  sayFarewell(farewell: Farewell = { reason: 'unloaded', loadMs: 1 }): void {
    this.farewell = farewell;
    this.end(undefined);
  }

  beSilent(isSilent: boolean): void {
    this.silenceEmitter.fire(isSilent);
  }

  dispose(): void {
    this.end(undefined);
  }

  private end(failure: EngineError | undefined): void {
    this.isOver = true;
    for (const { reject } of this.loads) reject(failure ?? new CancelledError());
    for (const { resolve, reject } of this.chats) {
      if (failure === undefined) resolve(resultOf('', 'cancelled'));
      else reject(failure);
    }
    this.resolveEnded(failure);
  }

  unload = () => Promise.resolve();
  complete = () => Promise.resolve(cancelledCompletion);
  measure = () => Promise.resolve({ total: 7, perMessage: [7], contextSize: 512 });
  countTokens = (texts: string[]) => Promise.resolve(texts.map(() => 1));
  simulate = ({ configs }: SimulateParams) =>
    Promise.resolve(configs.map(({ gpuLayers }) => useOf(gpuLayers)));
  calibrate = (onProgress?: (fraction: number) => void) => {
    onProgress?.(1);
    return Promise.resolve(calibration);
  };
  readonly forgotten: string[] = [];
  forget = (conversation: string) => {
    this.forgotten.push(conversation);
    return Promise.resolve();
  };
  setPolicy = () => undefined;
  memory = () => Promise.resolve({ rssBytes: 5, devices: [] });
}

/** One byte of VRAM a layer. */
function useOf(gpuLayers: number): SimulatedUse {
  return {
    weights: { ramBytes: 0, vramBytes: gpuLayers },
    context: { ramBytes: 0, vramBytes: 0 },
  };
}

export const calibration: Calibration = {
  ramBytesPerSecond: 40e9,
  vramBytesPerSecond: 0,
  copyBytesPerSecond: 0,
  diskBytesPerSecond: 0,
  cpuMultiplyAddsPerSecond: 200e9,
  gpuMultiplyAddsPerSecond: 0,
  offloadMinBatch: 32,
  seconds: 5,
};
