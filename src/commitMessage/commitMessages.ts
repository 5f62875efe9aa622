import * as path from 'node:path';
import * as vscode from 'vscode';
import { underProgress } from '../ask/askProgress';
import { asHistory, type ModelAsker } from '../ask/modelAsker';
import { keyMark, mayHoldSecret, withoutKeys } from '../context/secrets';
import { UserError } from '../errors';
import type { ModelReadiness } from '../models/modelReadiness';
import { commitPrompt, commitSystemPrompt } from '../prompts/actionPrompts';
import { formatCount } from '../status/format';
import { fitDiffs, type CountedDiff } from './fitDiffs';
import { gitIsReachable, type GitApi, type GitRepository } from './gitApi';
import { messageFrom } from './messageText';
import { diffsByFile, headOf, withoutPlumbing } from './stagedDiff';

export interface CommitMessagesDeps {
  /** undefined: out of reach, or switched off. */
  git: () => Promise<GitApi | undefined>;
  asker: Pick<ModelAsker, 'ask' | 'cost'>;
  readiness: Pick<ModelReadiness, 'ensureLoaded'>;
  /** Tokens that a prompt may hold here by the person's patience; Infinity: not known. */
  limit: () => Promise<number>;
  /** While a message is being written the button stops it. */
  onRunning: (running: boolean) => void;
}

/** Tokens of a message. */
const answerTokens = 300;
/** Tokens for all of the prompt but the diffs. */
const promptTokens = 300;
/** A message gets no better by more of a diff, and each token is waited for. Tokens. */
const mostDiffTokens = 6000;
/** A text of this size needs no exact count: it is cut anyway. Characters. */
const surelyTooLong = 12 * mostDiffTokens;
const earlierSubjects = 5;

/** Writes commit messages from what is staged, into the input box of the source control view. */
export class CommitMessages {
  private running: AbortController | undefined;

  constructor(private readonly deps: CommitMessagesDeps) {}

  /** @param sourceControl the one whose button was pressed; anything else: the one that a person means */
  async write(sourceControl: unknown): Promise<void> {
    if (this.running !== undefined) return;
    const repository = await this.repository(rootOf(sourceControl));
    if (repository === undefined) return;
    const running = new AbortController();
    this.running = running;
    this.deps.onRunning(true);
    try {
      await this.writeFor(repository, running);
    } finally {
      this.running = undefined;
      this.deps.onRunning(false);
    }
  }

  /** Stops the message on its way; what came of it stays. False where none is. */
  stop(): boolean {
    this.running?.abort();
    return this.running !== undefined;
  }

  private async writeFor(repository: GitRepository, running: AbortController): Promise<void> {
    const staged = diffsByFile(await repository.diff(true));
    if (staged === undefined) {
      throw new UserError(
        vscode.l10n.t(
          'The changes cannot be read: git writes them in a form that is not its own. Remove the settings diff.external and color.diff=always from git’s configuration, then try again.',
        ),
      );
    }
    if (staged.length === 0) {
      throw new UserError(
        vscode.l10n.t('Nothing is staged. Stage the changes that the message is about, then try again.'),
      );
    }
    // What may hold a secret is named, and its content stays where it is.
    const files = staged.map(({ path, paths, text }) => ({
      path,
      text: paths.some(mayHoldSecret) ? headOf(text) : withoutKeys(withoutPlumbing(text), keyMark),
    }));
    const { inputBox } = repository;
    const before = inputBox.value;
    // The editor tells each value back, later than the next ones are written.
    const ours = new Set([before]);
    const show = (answer: string) => {
      const message = messageFrom(answer);
      if (message === '') return;
      // A person who types meanwhile wants to write it.
      if (!ours.has(inputBox.value)) {
        running.abort();
        return;
      }
      ours.add(message);
      inputBox.value = message;
    };
    const title = vscode.l10n.t('Writing the commit message');
    await underProgress(
      title,
      async (report, signal) => {
        const { contextSize } = await this.deps.readiness.ensureLoaded(signal);
        const room = contextSize - answerTokens - promptTokens;
        const budget = Math.max(0, Math.min(mostDiffTokens, room, await this.deps.limit()));
        const { text: diff, cut } = fitDiffs(await this.count(files), budget);
        if (cut.length > 0) void vscode.window.showInformationMessage(cutWords(cut, budget));
        const prompt = commitPrompt({ subjects: await subjectsOf(repository), note: before.trim(), diff });
        const question = {
          kind: 'inline' as const,
          messages: asHistory(commitSystemPrompt, prompt),
          maxTokens: answerTokens,
        };
        let answer = '';
        const result = await this.deps.asker.ask(
          question,
          (progress) => {
            report(progress);
            if (progress.kind === 'text') show((answer += progress.text));
          },
          signal,
        );
        if (!signal.aborted) show(result.text);
      },
      running.signal,
    );
  }

  private async count(files: readonly { path: string; text: string }[]): Promise<CountedDiff[]> {
    const exact = files.filter(({ text }) => text.length < surelyTooLong);
    const costs = await this.deps.asker.cost(exact.map(({ text }) => text));
    const tokens = new Map(exact.map((file, index) => [file, costs?.[index]?.tokens]));
    // Three characters a token where nothing better is known: code has rather more.
    return files.map((file) => ({ ...file, tokens: tokens.get(file) ?? Math.ceil(file.text.length / 3) }));
  }

  /** undefined: a person was asked which, and chose none. */
  private async repository(root: vscode.Uri | undefined): Promise<GitRepository | undefined> {
    const git = await this.deps.git();
    if (git === undefined) throw new UserError(outOfReachWords());
    const named = root && git.repositories.find(({ rootUri }) => rootUri.toString() === root.toString());
    if (named !== undefined) return named;
    const [first, ...others] = git.repositories;
    if (first === undefined) {
      throw new UserError(vscode.l10n.t('No git repository is open in this window.'));
    }
    if (others.length === 0) return first;
    const selected = git.repositories.filter(({ ui }) => ui.selected);
    if (selected.length === 1) return selected[0];
    const items = git.repositories.map((repository) => ({
      label: path.posix.basename(repository.rootUri.path),
      description: repository.rootUri.fsPath,
      repository,
    }));
    const placeHolder = vscode.l10n.t('Repository whose staged changes the message is about');
    return (await vscode.window.showQuickPick(items, { placeHolder }))?.repository;
  }
}

/** A source control's title button hands the source control over. */
function rootOf(sourceControl: unknown): vscode.Uri | undefined {
  if (typeof sourceControl !== 'object' || sourceControl === null) return undefined;
  return 'rootUri' in sourceControl && sourceControl.rootUri instanceof vscode.Uri
    ? sourceControl.rootUri
    : undefined;
}

async function subjectsOf(repository: GitRepository): Promise<string[]> {
  const commits = await repository.log({ maxEntries: earlierSubjects }).catch(() => []);
  return commits.flatMap(({ message }) => message.split('\n')[0]?.trim() || []);
}

function cutWords(cut: readonly string[], budget: number): string {
  const [first = '', ...others] = cut;
  const tokens = formatCount(budget);
  if (others.length === 0) {
    return vscode.l10n.t(
      'The model reads {0} tokens of changes at most, so that of {1} was cut.',
      tokens,
      first,
    );
  }
  return vscode.l10n.t(
    'The model reads {0} tokens of changes at most, so those of {1} files were cut: {2}.',
    tokens,
    cut.length,
    cut.slice(0, 5).join(', ') + (cut.length > 5 ? ', …' : ''),
  );
}

function outOfReachWords(): string {
  if (vscode.env.remoteName !== undefined && !gitIsReachable()) {
    return vscode.l10n.t(
      'The changes cannot be read: VS Code’s git extension runs on the remote machine, and Layercake on this one.',
    );
  }
  return vscode.l10n.t(
    'The changes cannot be read: VS Code’s git extension is switched off. Enable the extension “Git” and the setting git.enabled.',
  );
}
