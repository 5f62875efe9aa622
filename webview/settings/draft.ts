import type {
  InspectedEvent,
  LoadForm,
  ModelFileView,
  PlannedEvent,
  SettingsSnapshot,
} from '../../src/protocol/webview';

/** What a person may change on the page. */
export interface Values extends LoadForm {
  perModel: boolean;
}
export type ValueName = keyof Values;

/**
 * What the page knows: the last snapshot, and the person's edits over it. Only edits that differ from what is saved
 * are kept, so that a change made elsewhere shows and what is unsaved is always true.
 */
export interface Draft {
  readonly snapshot: SettingsSnapshot;
  readonly edits: Partial<Values>;
  /** Of the file that `edits.modelPath` names. */
  readonly inspected: InspectedEvent | undefined;
  /** The last one that came; it may be of the file before. */
  readonly planned: PlannedEvent | undefined;
}

export function savedValues({ saved, perModel }: SettingsSnapshot): Values {
  return { ...saved, perModel };
}

export function currentValues({ snapshot, edits }: Draft): Values {
  return { ...savedValues(snapshot), ...edits };
}

/** What is known of the file that is chosen now. */
export function currentFile({ snapshot, edits, inspected }: Draft): {
  file: ModelFileView | undefined;
  problem: string | undefined;
  quants: ModelFileView[];
} {
  if (edits.modelPath === undefined) {
    return { file: snapshot.file, problem: snapshot.fileProblem, quants: snapshot.quants };
  }
  return {
    file: inspected?.file,
    problem: inspected?.problem,
    // A file that is no good has no others beside it; those shown before are a way back.
    quants: inspected?.file ? inspected.quants : snapshot.quants,
  };
}

/** Names of what differs from what is saved, in the page's order. */
export function changedNames({ edits }: Draft): ValueName[] {
  return valueOrder.filter((name) => name in edits);
}

const valueOrder: readonly ValueName[] = [
  'modelPath',
  'vramBudget',
  'gpuLayers',
  'contextSize',
  'threads',
  'batchSize',
  'kvCacheType',
  'flashAttention',
  'sequences',
  'mmap',
  'mlock',
  'perModel',
];

/** A new snapshot takes the place of the old one; edits that it has taken over are done. */
export function withSnapshot(draft: Draft | undefined, snapshot: SettingsSnapshot): Draft {
  if (!draft) return { snapshot, edits: {}, inspected: undefined, planned: undefined };
  return dropSaved({ ...draft, snapshot });
}

/** Another file: its layers bound the number that is set. */
export function withInspected(draft: Draft, inspected: InspectedEvent): Draft {
  const next = dropSaved({ ...draft, inspected, edits: { ...draft.edits, modelPath: inspected.path } });
  const { gpuLayers } = currentValues(next);
  const most = inspected.file?.totalLayers;
  if (gpuLayers === null || most === undefined || gpuLayers <= most) return next;
  return withEdit(next, { gpuLayers: most });
}

export function withEdit(draft: Draft, edit: Partial<Values>): Draft {
  return dropSaved({ ...draft, edits: { ...draft.edits, ...edit } });
}

export function withoutEdits(draft: Draft): Draft {
  return { ...draft, edits: {}, inspected: undefined };
}

/** What the page would load. */
export function formOf(draft: Draft): { form: LoadForm; perModel: boolean } {
  const { perModel, ...form } = currentValues(draft);
  return { form, perModel };
}

/** The plan to show: the last one until that of another file has come, none for a file that is no good. */
export function currentPlan(draft: Draft): PlannedEvent | undefined {
  return currentFile(draft).file ? draft.planned : undefined;
}

function dropSaved(draft: Draft): Draft {
  const saved = savedValues(draft.snapshot);
  const edits = Object.fromEntries(
    Object.entries(draft.edits).filter(([name, value]) => saved[name as ValueName] !== value),
  ) as Partial<Values>;
  return { ...draft, edits, inspected: edits.modelPath === undefined ? undefined : draft.inspected };
}
