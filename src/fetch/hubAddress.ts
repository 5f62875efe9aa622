/** Where a hub gives out a file of a repository at one revision. */
export function fileAddress(
  endpoint: string,
  { repository, revision, path }: { repository: string; revision: string; path: string },
): string {
  const parts = [...repository.split('/'), 'resolve', revision, ...path.split('/')];
  return `${endpoint.replace(/\/+$/, '')}/${parts.map(encodeURIComponent).join('/')}`;
}
