import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Logger } from '../log';
import type { LoadForm, ModelFileView, PlannedEvent, PlanView, QuantAdviceView } from '../protocol/webview';
import type { PlanSource } from './planSource';

/** A form that stays for so long is worth a simulation, ms. */
const settledMs = 120;

/** Plans the form that was asked for last: an estimate at once, the exact plan once the form has settled. */
export class LivePlan {
  #running: AbortController | undefined;
  /** As last told: they take longer than a slider may wait. */
  #quants: QuantAdviceView | undefined;

  constructor(
    private readonly plans: PlanSource,
    /** Files of the same model as the one at a path. */
    private readonly filesBeside: (path: string) => Promise<readonly ModelFileView[]>,
    private readonly post: (event: PlannedEvent) => void,
    private readonly log: Pick<Logger, 'error'>,
  ) {}

  /** Takes the place of what was asked before. Never rejects. */
  async ask(form: LoadForm): Promise<void> {
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    try {
      await this.#plan(form, running.signal);
    } catch (error) {
      if (!running.signal.aborted) this.#report(error);
    }
  }

  cancel(): void {
    this.#running?.abort();
  }

  /** Rejects once `signal` aborts. */
  async #plan(form: LoadForm, signal: AbortSignal): Promise<void> {
    // Of several forms that have already come only the last is planned.
    await setImmediate(undefined, { signal });
    const [files] = await Promise.all([this.filesBeside(form.modelPath), this.plans.prepare(form.modelPath)]);
    signal.throwIfAborted();
    const estimate = this.plans.estimate(form);
    if (estimate) this.#send(form, estimate, true);
    await setTimeout(settledMs, undefined, { signal });
    for (const { path } of files) await this.plans.prepare(path);
    signal.throwIfAborted();
    const exact = await this.#exact(form, files, signal);
    signal.throwIfAborted();
    const plan = exact ?? estimate;
    this.#sendFinal(form, files, plan);
    if (!plan || !(await this.plans.findLevels(form.modelPath))) return;
    signal.throwIfAborted();
    this.#sendFinal(form, files, plan);
  }

  #sendFinal(form: LoadForm, files: readonly ModelFileView[], plan: PlanView | undefined): void {
    this.#quants = plan && this.plans.quants(form, files);
    this.#send(form, plan, false);
  }

  /** An estimate is better than nothing. */
  async #exact(
    form: LoadForm,
    files: readonly ModelFileView[],
    signal: AbortSignal,
  ): Promise<PlanView | undefined> {
    try {
      return await this.plans.exact(form, files, signal);
    } catch (error) {
      if (!signal.aborted) this.#report(error);
      return undefined;
    }
  }

  #send({ modelPath }: LoadForm, plan: PlanView | undefined, checking: boolean): void {
    this.post({ kind: 'planned', modelPath, plan, quants: this.#quants, checking });
  }

  #report(error: unknown): void {
    this.log.error(error instanceof Error ? error : String(error));
  }
}
