import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import type { ModelRequest } from '../protocol/hub';
import { hubFile } from './hubAnswers';

/** A download as it is kept until it has ended: all that is needed to go on with it. */
export interface DownloadRecord extends ModelRequest {
  id: string;
  /** As shown. */
  label: string;
}

const record: v.GenericSchema<unknown, DownloadRecord> = v.object({
  ...{ id: v.string(), label: v.string(), endpoint: v.string(), repository: v.string() },
  ...{ revision: v.string(), folder: v.string() },
  files: v.pipe(v.array(hubFile), v.minLength(1)),
});

/** The same for the same target: a model that is asked for twice is one download. */
export function downloadId({ folder, files }: Pick<ModelRequest, 'folder' | 'files'>): string {
  return createHash('sha256')
    .update(JSON.stringify([folder, files[0]?.path]))
    .digest('hex')
    .slice(0, 16);
}

/** Downloads under way, each in a file of its own: windows do not overwrite what others keep. */
export class DownloadRecords {
  constructor(private readonly folder: string) {}

  /** What cannot be read is left out. */
  async all(): Promise<DownloadRecord[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith('.json'));
    const records = await Promise.all(names.map((name) => this.read(name)));
    return records.flatMap((each) => (each === undefined ? [] : [each]));
  }

  async keep(each: DownloadRecord): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFileAtomic(this.file(each.id), JSON.stringify(each));
  }

  async remove(id: string): Promise<void> {
    await rm(this.file(id), { force: true });
  }

  private async read(name: string): Promise<DownloadRecord | undefined> {
    try {
      const parsed = v.safeParse(record, JSON.parse(await readFile(path.join(this.folder, name), 'utf8')));
      return parsed.success && `${parsed.output.id}.json` === name ? parsed.output : undefined;
    } catch {
      return undefined;
    }
  }

  private file(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }
}
