import { createHash, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ModelAsker } from '../ask/modelAsker';
import type { Engine } from '../engineClient/engine';
import { describeError } from '../errorMessages';
import { CancelledError, UserError } from '../errors';
import type { ModelReadiness } from '../models/modelReadiness';
import type { ChatMessage, Thinking } from '../protocol/engine';
import type { ModelInformation } from './modelInformation';
import type { NativeModels } from './nativeModels';
import type { RunningRequests } from './runningRequests';
import { messageText, requestMessages, requestTools } from './requestMessages';

export interface NativeProviderDeps {
  models: Pick<NativeModels, 'list' | 'find'>;
  engine: Pick<Engine, 'snapshot' | 'countTokens'>;
  asker: Pick<ModelAsker, 'ask'>;
  readiness: Pick<ModelReadiness, 'configuredPath'>;
  /** Makes a file the model in use, and loads it. */
  loadFile: (modelPath: string, signal: AbortSignal) => Promise<void>;
  /** Asks a person whether a model is to be loaded. */
  askToLoad: (model: ModelInformation) => Promise<boolean>;
  thinking: () => Thinking;
  running: RunningRequests;
}

type Request = Parameters<vscode.LanguageModelChatProvider['provideLanguageModelChatResponse']>;

/** Bytes of a token in texts of a model that is not loaded: few, so that too many tokens are counted. */
const bytesPerToken = 3;

/** Answers what the editor's own chat and other extensions ask of the models on this machine. */
export class NativeProvider {
  private readying: Promise<void> = Promise.resolve();

  constructor(private readonly deps: NativeProviderDeps) {}

  /** Asked silently or not, the list is the same: nothing is loaded for it, and nobody asked. */
  information(): Promise<readonly ModelInformation[]> {
    return this.deps.models.list();
  }

  async respond(
    id: string,
    messages: Request[1],
    { tools = [], toolMode }: Request[2],
    progress: Request[3],
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { asker, thinking, running } = this.deps;
    await running.during(token, async (signal) => {
      try {
        await this.ready(await this.find(id), signal);
        const history = requestMessages(messages);
        const { toolCalls = [] } = await asker.ask(
          {
            ...{
              kind: 'chat',
              messages: history,
              conversation: conversationOf(history),
              thinking: thinking(),
            },
            ...(tools.length > 0 && { tools: requestTools(tools) }),
            mustCallTool: tools.length > 0 && toolMode === vscode.LanguageModelChatToolMode.Required,
          },
          (step) => {
            if (step.kind === 'text') progress.report(new vscode.LanguageModelTextPart(step.text));
          },
          signal,
        );
        for (const { name, input } of toolCalls) {
          progress.report(new vscode.LanguageModelToolCallPart(randomUUID(), name, input));
        }
      } catch (error) {
        if (CancelledError.is(error)) throw new vscode.CancellationError();
        if (!signal.aborted) throw inWords(error);
      }
      if (signal.aborted) throw new vscode.CancellationError();
    });
  }

  /** By the model's own tokenizer; of a model that is not loaded an estimate, rather too high. */
  async count(id: string, text: string | Request[1][number]): Promise<number> {
    const { engine } = this.deps;
    const model = await this.find(id);
    const whole = typeof text === 'string' ? text : messageText(text);
    if (engine.snapshot.model?.path !== model.path) {
      return Math.ceil(Buffer.byteLength(whole) / bytesPerToken);
    }
    const [tokens = 0] = await engine.countTokens([whole]);
    return tokens;
  }

  private async find(id: string): Promise<ModelInformation> {
    const model = await this.deps.models.find(id);
    if (model !== undefined) return model;
    throw new UserError(vscode.l10n.t('This model is no longer on this machine. Choose another one.'));
  }

  /**
   * One after the other: a person is asked once about a model that two requests want, and no load stops another.
   * Rejects with a `UserError` where the person does not want the model loaded.
   */
  private ready(model: ModelInformation, signal: AbortSignal): Promise<void> {
    const before = this.readying.catch(() => undefined);
    this.readying = before.then(() => (signal.aborted ? undefined : this.readyNow(model, signal)));
    return this.readying;
  }

  private async readyNow(model: ModelInformation, signal: AbortSignal): Promise<void> {
    const { engine, readiness, askToLoad, loadFile } = this.deps;
    const { model: loaded, idleEnd } = engine.snapshot;
    if (loaded?.path === model.path) return;
    // The model in use went for its idleness alone: it comes back as it does in the chat.
    if (idleEnd !== undefined && readiness.configuredPath() === model.path) return;
    if (!(await askToLoad(model))) {
      throw new UserError(
        vscode.l10n.t(
          '{0} is not loaded, so it does not answer. Load it, or choose another model.',
          model.name,
        ),
      );
    }
    if (!signal.aborted) await loadFile(model.path, signal);
  }
}

/** As the editor shows it: all that it is given, the place in our code included. */
function inWords(error: unknown): Error {
  const said = new Error(describeError(error)?.message ?? String(error));
  said.stack = '';
  return said;
}

/** A conversation is known by how it begins: its next request begins the same, and finds that in the cache. */
function conversationOf(history: readonly ChatMessage[]): string {
  const first = history.findIndex(({ role }) => role !== 'system');
  const start = history.slice(0, first + 1).map(({ content }) => content);
  return `native-${createHash('sha256').update(JSON.stringify(start)).digest('hex').slice(0, 24)}`;
}
