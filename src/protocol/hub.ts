/** What the download process is asked about a model hub, and what it answers: plain JSON on both ways. */

/** A file of a repository, as the hub keeps it. */
export interface HubFile {
  /** Inside the repository, with slashes. */
  path: string;
  bytes: number;
  /** Of the content, lower-case hexadecimal. */
  sha256: string;
}

/** Command `search`; answered by one `HubRepository[]`, the most fetched first. */
export interface SearchRequest {
  /** Base address of the hub or of a mirror of it. */
  endpoint: string;
  text: string;
  limit: number;
}

export interface HubRepository {
  /** `owner/name` */
  name: string;
  /** Of the last 30 days. */
  downloads: number;
  likes: number;
  /** Whether the hub gives files only to those who accepted a licence. */
  gated: boolean;
}

/** Command `repository`; answered by one `HubFiles`. */
export interface RepositoryRequest {
  endpoint: string;
  repository: string;
}

export interface HubFiles {
  repository: string;
  /** The commit that the files are of. */
  revision: string;
  gated: boolean;
  /** GGUF files alone, projectors and importance matrices left out. */
  files: HubFile[];
}

/** Command `header`; answered by a `HubHeader` for each path, in this order, as they come. */
export interface HeaderRequest {
  endpoint: string;
  repository: string;
  revision: string;
  /** Of models: of split ones the first part. */
  paths: string[];
}

export type HubHeader =
  /** `shape` is a `ModelShape` of `src/plan/shape.ts`; `bytesRead` are those of headers. */
  { path: string; shape: object; bytesRead: number } | { path: string; problem: string };

/** Command `model`; ends with the path of the first file. */
export interface ModelRequest {
  endpoint: string;
  repository: string;
  revision: string;
  /** Where the files are put, by their names alone. */
  folder: string;
  /** Of one model, the first part first. */
  files: HubFile[];
}

/** Environment variable with the person's token for the hub: arguments could be seen by others. */
export const tokenVariable = 'LAYERCAKE_HUB_TOKEN';

/** The name of a file whose content is not checked yet: none that any program takes for a model's. */
export function uncheckedName(fileName: string): string {
  return `${fileName}.unchecked`;
}

/** The names that an unfinished download may leave beside its target. */
export function leftOvers(fileName: string): string[] {
  const unchecked = uncheckedName(fileName);
  return [unchecked, `${unchecked}.ipull`, `${fileName}.owner`];
}
