import type { SettingKey } from '../contributions';
import type { Logger } from '../log';
import type { DoctorAction, DoctorEvent, DoctorSnapshot, DoctorStepView } from '../protocol/doctor';
import type { Translate } from '../translate';
import { checksOf } from './checks';
import { parseDoctorCommand } from './command';
import type { Diagnosis } from './diagnosis';
import { findingsOf } from './findings';
import { describeLeftOut } from './leftOutWords';
import { writeReport, type ReportInput } from './report';
import { runDoctor, type RunDeps, type RunProgress } from './run';

export interface DoctorDeps extends RunDeps {
  t: Translate;
  log: Logger;
  versions: ReportInput['versions'];
  settings: (key: SettingKey) => unknown;
  privateFolders: () => readonly string[];
  act: (action: DoctorAction) => void;
  copy: (text: string) => PromiseLike<void>;
  /** Asks where to, and writes; rejects where that fails. */
  save: (text: string) => Promise<void>;
  /** Shows a failure. */
  showError: (message: string) => void;
}

const stepIds = ['machine', 'plan', 'question'] as const;

/** The doctor page's side in the extension: whole snapshots out, checked commands in. */
export class DoctorController {
  #running: { abort: AbortController; progress: RunProgress | undefined } | undefined;
  #result: Diagnosis | undefined;
  #disposed = false;

  constructor(
    private readonly deps: DoctorDeps,
    private readonly post: (event: DoctorEvent) => void,
  ) {}

  /** Whether the question, or what comes before it, is under way. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Takes a message of the page, of whatever shape. Never rejects. */
  async handle(message: unknown): Promise<void> {
    const { deps } = this;
    const command = parseDoctorCommand(message);
    if (!command) {
      deps.log.warn('The doctor page sent a message of an unknown shape.');
      return;
    }
    switch (command.kind) {
      case 'ready':
        if (this.#running || this.#result) this.#send();
        else await this.run();
        return;
      case 'run':
        await this.run();
        return;
      case 'cancel':
        this.#running?.abort.abort();
        return;
      case 'act':
        deps.act(command.action);
        return;
      case 'copyReport':
        await this.#withReport(async (report) => {
          await deps.copy(report);
          this.#post({ kind: 'copied' });
        });
        return;
      case 'saveReport':
        await this.#withReport(deps.save);
    }
  }

  /** Examines; a run that is under way goes on. */
  async run(): Promise<void> {
    if (this.#running) return;
    const running = { abort: new AbortController(), progress: undefined as RunProgress | undefined };
    this.#running = running;
    this.#result = undefined;
    const tell = (progress: RunProgress) => {
      running.progress = progress;
      this.#send();
    };
    try {
      this.#result = await runDoctor(this.deps, tell, running.abort.signal);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
      this.#send();
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#running?.abort.abort();
  }

  async #withReport(use: (report: string) => Promise<void>): Promise<void> {
    const { deps } = this;
    const diagnosis = this.#result;
    if (!diagnosis) return;
    const report = writeReport({
      ...{ diagnosis, versions: deps.versions, settings: deps.settings },
      checks: checksOf(diagnosis, inEnglish),
      findings: findingsOf(diagnosis, inEnglish),
      leftOut: describeLeftOut(diagnosis, inEnglish),
      privateFolders: deps.privateFolders(),
    });
    try {
      await use(report);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.deps.log.error(error instanceof Error ? error : String(error));
    this.deps.showError(this.deps.describe(error));
  }

  #send(): void {
    this.#post(this.#snapshot());
  }

  #post(event: DoctorEvent): void {
    if (!this.#disposed) this.post(event);
  }

  #snapshot(): DoctorSnapshot {
    const { t } = this.deps;
    const diagnosis = this.#result ?? this.#running?.progress?.diagnosis;
    return {
      kind: 'snapshot',
      running: this.#running !== undefined,
      steps: stepIds.map((id, index) => this.#step(id, index)),
      checks: diagnosis ? checksOf(diagnosis, t) : [],
      findings: this.#result && findingsOf(this.#result, t),
    };
  }

  #step(id: DoctorStepView['id'], index: number): DoctorStepView {
    const step = { id, fraction: undefined, reason: undefined };
    if (this.#result) {
      const reason = id === 'question' ? describeLeftOut(this.#result, this.deps.t) : undefined;
      const left = reason !== undefined || (id === 'plan' && this.#result.plan === undefined);
      return { ...step, state: left ? 'leftOut' : 'done', reason };
    }
    const progress = this.#running?.progress;
    const at = progress ? stepIds.indexOf(progress.step) : -1;
    if (index > at) return { ...step, state: 'waiting' };
    if (index < at) return { ...step, state: 'done' };
    return { ...step, state: 'running', fraction: progress?.fraction };
  }
}

/** Reports are read by whoever mends things. */
function inEnglish(message: string, ...values: (string | number | boolean)[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}
