import type { QuantAdvice } from '../plan/quantAdvice';
import type { ModelShape } from '../plan/shape';
import type { HubModelHeader } from './hubAnswers';
import type { QuantGroup } from './quantGroups';
import type { Advise } from './suggestions';

/** A model of the repository, by its own header where that has been read, else by its size. */
export type GroupLevel = { name: string; group: QuantGroup } & ({ shape: ModelShape } | { bytes: number });

/**
 * The plans of a repository's models before any is here. One header tells of all by their sizes; each one's own,
 * some megabytes, is read where it matters.
 */
export class QuantPlans {
  private readonly shapes = new Map<QuantGroup, ModelShape>();
  private readonly problems = new Map<QuantGroup, string>();

  constructor(
    readonly groups: readonly QuantGroup[],
    private readonly readHeader: (path: string, signal: AbortSignal) => Promise<HubModelHeader>,
    private readonly advise: Advise,
  ) {}

  /** The one to read first: likely to be recommended, and there in most repositories. */
  get first(): QuantGroup | undefined {
    const whole = this.groups.filter(({ missing }) => missing === 0);
    return whole.find(({ level }) => level === 'Q4_K_M') ?? whole[Math.floor(whole.length / 2)];
  }

  /** What is wrong with a model; undefined where nothing is known to be. */
  problemOf(group: QuantGroup): string | undefined {
    return this.problems.get(group);
  }

  isRead(group: QuantGroup): boolean {
    return this.shapes.has(group) || this.problems.has(group) || group.missing > 0;
  }

  /** Reads a model's own header. Rejects as the hub does; what is wrong with the model itself is kept. */
  async read(group: QuantGroup, signal: AbortSignal): Promise<void> {
    const path = group.files[0]?.path;
    if (path === undefined || this.isRead(group)) return;
    const header = await this.readHeader(path, signal);
    if ('shape' in header) this.shapes.set(group, header.shape);
    else this.problems.set(group, header.problem);
  }

  /** Plans of all that can be had; undefined before any header was read. Estimated. */
  async plans(): Promise<QuantAdvice<GroupLevel> | undefined> {
    const [known] = this.shapes.values();
    if (known === undefined) return undefined;
    const usable = this.groups.filter((group) => group.missing === 0 && !this.problems.has(group));
    const levels = usable.map((group): GroupLevel => {
      const shape = this.shapes.get(group);
      const level = { name: group.level, group };
      return shape === undefined ? { ...level, bytes: group.bytes } : { ...level, shape };
    });
    return await this.advise(known, levels);
  }
}
