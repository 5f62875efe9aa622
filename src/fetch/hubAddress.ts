/** The hub that the person's environment names, else Hugging Face. */
export function defaultEndpoint(): string {
  return process.env['HF_ENDPOINT'] ?? 'https://huggingface.co';
}

/** Where a hub gives out a file of a repository at one revision. */
export function fileAddress(
  endpoint: string,
  { repository, revision, path }: { repository: string; revision: string; path: string },
): string {
  const parts = [...repository.split('/'), 'resolve', revision, ...path.split('/')];
  return `${endpoint.replace(/\/+$/, '')}/${parts.map(encodeURIComponent).join('/')}`;
}
