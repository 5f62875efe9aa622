/** What no prompt may hold unasked, by its name and by its content. */

const secretFolders = new Set(['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker']);
const secretNames = new Set([
  ...['.npmrc', '.pypirc', '.netrc', '_netrc', '.htpasswd', '.pgpass', '.my.cnf', '.git-credentials'],
  ...['credentials', 'credentials.json', 'secrets.json', 'secrets.yml', 'secrets.yaml', 'secrets.toml'],
  ...['.dockercfg', '.vault-token', 'master.key', '.envrc'],
]);
/** Keys, certificates and key stores. */
const secretEnds =
  /\.(pem|key|p8|p12|pfx|ppk|crt|cer|der|csr|jks|keystore|kdbx?|gpg|asc|ovpn|mobileprovision|tfvars|tfstate)$/;
const secretBeginnings = /^(id_(rsa|dsa|ecdsa|ed25519)|service[-_]account)/;
/** Meant to be shared: what to fill in. */
const examples = /\.(example|sample|template|dist|defaults)$/;

/** Whether a file is, by its path alone, likely to hold a password, a key or a certificate. */
export function mayHoldSecret(path: string): boolean {
  const parts = path.toLowerCase().split(/[\\/]/);
  const name = parts.pop() ?? '';
  if (parts.some((part) => secretFolders.has(part))) return true;
  if (/^\.env(\.|$)/.test(name) || /\.env$/.test(name)) return !examples.test(name);
  if (name.endsWith('.pub')) return false;
  return secretNames.has(name) || secretEnds.test(name) || secretBeginnings.test(name);
}

const keyBlock =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g;

/** Whether a text holds a private key, whatever its file is called. */
export function holdsKey(text: string): boolean {
  return text.search(keyBlock) >= 0;
}

/** The text with each private key in it replaced by `mark`. */
export function withoutKeys(text: string, mark: string): string {
  return text.replaceAll(keyBlock, () => mark);
}

/** What a model reads where a private key stood. */
export const keyMark = '[a private key was left out]';
