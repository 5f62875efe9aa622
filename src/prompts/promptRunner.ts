import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { EditAsker } from '../actions/editAsker';
import type { Asker } from '../chat/chatApi';
import { askedFor, attachmentOf } from '../commands/askedCode';
import type { ContextSources } from '../context/contextSources';
import { inStableOrder } from '../context/stableOrder';
import { commandIds } from '../contributions';
import type { EditorTracker } from '../edit/editorTracker';
import { UserError } from '../errors';
import { inputMark, promptText, type OwnPrompt } from './ownPrompt';
import type { OwnPrompts } from './ownPrompts';
import { wholeCode } from './prompts';

export interface PromptRunnerDeps {
  prompts: Pick<OwnPrompts, 'list' | 'find' | 'problemOf'>;
  sources: ContextSources;
  chat: Asker;
  edits: Pick<EditAsker, 'ask'>;
  editors: Pick<EditorTracker, 'current'>;
}

/** What a keybinding hands over: a name, or a name with what is added to the prompt. */
const argument = v.union([v.string(), v.object({ name: v.string(), input: v.optional(v.string()) })]);

/** Runs prompts of a person's own. */
export class PromptRunner {
  constructor(private readonly deps: PromptRunnerDeps) {}

  /** @param given names a prompt; else the person chooses */
  async run(given: unknown): Promise<void> {
    const chosen = v.is(argument, given) ? await this.named(given) : await this.pick();
    if (chosen === undefined) return;
    const { prompt } = chosen;
    const input = chosen.input ?? (prompt.text.includes(inputMark) ? await askInput(prompt) : '');
    if (input === undefined) return;
    switch (prompt.mode) {
      case 'chat':
        await this.inChat(prompt, input);
        return;
      case 'edit':
        await this.asEdit(prompt, input);
        return;
      case 'inline':
        await vscode.commands.executeCommand(commandIds.inlineChat, {
          ask: [promptText(prompt, input), prompt.context].filter((part) => part !== '').join('\n'),
        });
    }
  }

  private async named(
    given: v.InferOutput<typeof argument>,
  ): Promise<{ prompt: OwnPrompt; input?: string | undefined }> {
    const { name, input } = typeof given === 'string' ? { name: given, input: undefined } : given;
    const wanted = name.replace(/^\//, '');
    const prompt = await this.deps.prompts.find(wanted);
    if (prompt === undefined) {
      throw new UserError((await this.deps.prompts.problemOf(wanted)) ?? missingWords(name));
    }
    return { prompt, input };
  }

  private async pick(): Promise<{ prompt: OwnPrompt; input?: string | undefined } | undefined> {
    const { prompts, problems } = await this.deps.prompts.list();
    for (const problem of problems) void vscode.window.showWarningMessage(problem);
    if (prompts.length === 0) {
      throw new UserError(
        vscode.workspace.isTrusted
          ? vscode.l10n.t(
              'There are no prompts yet. Write one as a Markdown file in .layercake/prompts, or in the setting layercake.prompts.',
            )
          : vscode.l10n.t(
              'There are no prompts in your settings, and those of this folder are not read in Restricted Mode.',
            ),
      );
    }
    const items = prompts.map((prompt) => ({
      label: `/${prompt.name}`,
      description: modeWords(prompt),
      detail: prompt.description === '' ? (prompt.text.split('\n')[0] ?? '') : prompt.description,
      prompt,
    }));
    const placeHolder = vscode.l10n.t('Prompt to run');
    return vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true });
  }

  private async inChat(prompt: OwnPrompt, input: string): Promise<void> {
    const { text, attachments } = await this.resolved(prompt, input);
    await this.deps.chat.ask({ text, attachments });
  }

  private async asEdit(prompt: OwnPrompt, input: string): Promise<void> {
    const code = await askedFor([], this.deps.editors.current);
    const { text, attachments } = await this.resolved(prompt, input);
    // The code itself goes along in any case.
    const others = attachments.filter(({ kind }) => kind !== 'selection');
    await this.deps.edits.ask({
      code,
      title: prompt.description === '' ? `/${prompt.name}` : prompt.description,
      attachments: [...others, attachmentOf(code, randomUUID())],
      text: `${text}\n${wholeCode}`,
    });
  }

  /** Shows what cannot be had, and goes on without it. */
  private async resolved(prompt: OwnPrompt, input: string) {
    const body = await this.deps.sources.resolve(promptText(prompt, input));
    const context = await this.deps.sources.resolve(prompt.context);
    for (const problem of [...body.problems, ...context.problems]) {
      void vscode.window.showWarningMessage(problem);
    }
    return { text: body.text, attachments: inStableOrder([...context.attachments, ...body.attachments]) };
  }
}

function missingWords(name: string): string {
  return vscode.workspace.isTrusted
    ? vscode.l10n.t(
        'There is no prompt “{0}”, neither in .layercake/prompts nor in the setting layercake.prompts.',
        name,
      )
    : vscode.l10n.t(
        'There is no prompt “{0}” in your settings, and those of this folder are not read in Restricted Mode.',
        name,
      );
}

function askInput({ name, description }: OwnPrompt): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: `/${name}`,
    prompt: description === '' ? vscode.l10n.t('What to add to the prompt') : description,
  });
}

function modeWords({ mode }: OwnPrompt): string {
  switch (mode) {
    case 'chat':
      return vscode.l10n.t('in the chat');
    case 'edit':
      return vscode.l10n.t('changes the selected code');
    case 'inline':
      return vscode.l10n.t('below the selected code');
  }
}
