/** Names that models write after a fence, where the editor has another id. */
const aliases: Readonly<Record<string, string>> = {
  bash: 'shellscript',
  'c#': 'csharp',
  'c++': 'cpp',
  cs: 'csharp',
  golang: 'go',
  js: 'javascript',
  jsx: 'javascriptreact',
  kt: 'kotlin',
  md: 'markdown',
  ps1: 'powershell',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'shellscript',
  shell: 'shellscript',
  ts: 'typescript',
  tsx: 'typescriptreact',
  yml: 'yaml',
  zsh: 'shellscript',
};

/** The editor's language id for a fence's language; plain text where the editor does not know it. */
export function languageIdOf(fence: string, known: readonly string[]): string {
  const name = fence.trim().toLowerCase();
  const id = aliases[name] ?? name;
  return known.includes(id) ? id : 'plaintext';
}
