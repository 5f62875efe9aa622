import * as vscode from 'vscode';
import type { ComposerSource, ResolvedText } from '../chat/composerSources';
import type { ContextSources } from '../context/contextSources';
import type { ReadSetting } from '../chat/requestSettings';
import type { ComposerOffer } from '../protocol/webview';
import {
  promptFromFile,
  promptFromSetting,
  promptText,
  withoutEnding,
  type OwnPrompt,
  type ParsedPrompt,
} from './ownPrompt';

/** Below each folder of a trusted workspace. */
const promptsFolder = ['.layercake', 'prompts'];
/** Above this no model here reads it. Bytes. */
const mostBytes = 64 * 1024;

export interface ListedPrompts {
  /** By name; a file's is before one of the settings. */
  prompts: readonly OwnPrompt[];
  /** What cannot be used, in sentences that are ready to show. */
  problems: readonly string[];
}

/** Prompts of a person's own, from files and settings. Read anew each time: they are few, and change. */
export class OwnPrompts implements ComposerSource {
  readonly trigger = '/';

  constructor(
    private readonly read: ReadSetting,
    private readonly sources: ContextSources,
  ) {}

  async list(): Promise<ListedPrompts> {
    const byName = new Map<string, OwnPrompt>();
    const problems: string[] = [];
    for (const { where, parsed } of await this.parsed()) {
      if (parsed.kind === 'problem') problems.push(problemWords(where, parsed));
      else if (!byName.has(keyOf(parsed.prompt.name))) byName.set(keyOf(parsed.prompt.name), parsed.prompt);
    }
    const prompts = [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
    return { prompts, problems };
  }

  async find(name: string): Promise<OwnPrompt | undefined> {
    const { prompts } = await this.list();
    return prompts.find((prompt) => keyOf(prompt.name) === keyOf(name));
  }

  /** Why there is no prompt of a name though something is called so, ready to show. */
  async problemOf(name: string): Promise<string | undefined> {
    for (const { where, parsed } of await this.parsed()) {
      if (parsed.kind === 'prompt') continue;
      const names = [parsed.name, where.slice(where.lastIndexOf('/') + 1)].map(withoutEnding);
      if (names.some((each) => keyOf(each) === keyOf(name))) return problemWords(where, parsed);
    }
    return undefined;
  }

  async offers(typed: string): Promise<ComposerOffer[]> {
    const begun = keyOf(typed.slice(1));
    const { prompts } = await this.list();
    return prompts
      .filter(({ name }) => keyOf(name).startsWith(begun))
      .map(({ name, description, text }) => ({
        ...{ insert: `/${name}`, label: name, kind: 'prompt' as const },
        detail: description === '' ? (text.split('\n')[0] ?? '') : description,
      }));
  }

  /** A message that begins with "/name" becomes the prompt, with what follows added to it. */
  async resolve(text: string): Promise<ResolvedText> {
    const [, name = '', input = ''] = /^\s*\/([\p{L}\p{N}_-]+)(?:\s+([\s\S]*))?$/u.exec(text) ?? [];
    const prompt = name === '' ? undefined : await this.find(name);
    if (prompt === undefined) return { text, attachments: [], problems: [] };
    const { attachments, problems } = await this.sources.resolve(prompt.context);
    return { text: promptText(prompt, input), attachments, problems };
  }

  private async parsed(): Promise<ParsedEntry[]> {
    const files = vscode.workspace.isTrusted ? await promptFiles() : [];
    const settings = Object.entries(this.read('prompts')).map(([name, value]) => ({
      where: `layercake.prompts.${name}`,
      parsed: promptFromSetting(name, value),
    }));
    return [...files, ...settings];
  }
}

interface ParsedEntry {
  /** File or setting, as a person knows it. */
  where: string;
  parsed: ParsedPrompt;
}

/** "/Review" is meant as "/review". */
function keyOf(name: string): string {
  return name.toLowerCase();
}

async function promptFiles(): Promise<ParsedEntry[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const lists = await Promise.all(
    folders.map(async ({ uri }) => {
      const folder = vscode.Uri.joinPath(uri, ...promptsFolder);
      const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(folder)).catch(() => []);
      const names = entries.map(([name]) => name).filter((name) => /\.md$/i.test(name));
      return Promise.all(names.sort().map((name) => promptFile(folder, name)));
    }),
  );
  return lists.flat();
}

async function promptFile(folder: vscode.Uri, name: string): Promise<ParsedEntry> {
  const uri = vscode.Uri.joinPath(folder, name);
  const where = vscode.workspace.asRelativePath(uri);
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostBytes) return { where, parsed: { kind: 'problem', name, problem: 'unreadable' } };
    const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return { where, parsed: promptFromFile(name, content) };
  } catch {
    return { where, parsed: { kind: 'problem', name, problem: 'unreadable' } };
  }
}

function problemWords(where: string, { problem }: Extract<ParsedPrompt, { kind: 'problem' }>): string {
  const { t } = vscode.l10n;
  switch (problem) {
    case 'noText':
      return t('{0} holds no prompt.', where);
    case 'badName':
      return t('{0}: a prompt’s name is made of letters, digits, “-” and “_”.', where);
    case 'badMode':
      return t('{0}: the mode of a prompt is chat, edit or inline.', where);
    case 'unreadable':
      return t(
        '{0} cannot be read as a prompt: a file is Markdown of at most 64 KB, an entry of the settings a text or an object with “prompt”.',
        where,
      );
  }
}
