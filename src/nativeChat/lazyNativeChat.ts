import * as vscode from 'vscode';
import { participantId, vendorId } from '../contributions';
import type { NativeChat, NativeChatParts } from './createNativeChat';

export interface LazyNativeChat {
  handlers: { reviewAnswer: (id: unknown) => Promise<void> };
  /** Stops what others asked; false where nothing runs. */
  stop: () => boolean;
  dispose: () => void;
}

/** Editors that are built upon VS Code may have left these out. */
interface EditorApis {
  lm?: Partial<Pick<typeof vscode.lm, 'registerLanguageModelChatProvider'>>;
  chat?: Partial<Pick<typeof vscode.chat, 'createChatParticipant'>>;
}

/** The disk is not searched while an editor starts, ms. */
const firstListMs = 10_000;

/** The models for VS Code's own chat and other extensions, and `@layercake`; loaded when one of them is first asked. */
export function lazyNativeChat(parts: NativeChatParts, { lm, chat }: EditorApis = vscode): LazyNativeChat {
  const changed = new vscode.EventEmitter<void>();
  let part: NativeChat | undefined;
  let loading: Promise<NativeChat> | undefined;
  const load = () =>
    (loading ??= import('./createNativeChat').then(
      (module) => (part = module.createNativeChat(parts, () => changed.fire())),
    ));
  const owned: { dispose(): unknown }[] = [changed];
  const register = (what: () => { dispose(): unknown } | undefined) => {
    try {
      const registered = what();
      if (registered !== undefined) owned.push(registered);
    } catch (error) {
      parts.log.warn(`VS Code's own chat does without Layercake: ${String(error)}`);
    }
  };
  register(() =>
    lm?.registerLanguageModelChatProvider?.(vendorId, {
      onDidChangeLanguageModelChatInformation: changed.event,
      provideLanguageModelChatInformation: async () => [...(await (await load()).provider.information())],
      provideLanguageModelChatResponse: async ({ id }, ...request) =>
        (await load()).provider.respond(id, ...request),
      provideTokenCount: async ({ id }, text) => (await load()).provider.count(id, text),
    }),
  );
  register(() => {
    const participant = chat?.createChatParticipant?.(participantId, async (...request) =>
      (await load()).participant.answer(...request),
    );
    if (participant !== undefined) {
      participant.iconPath = vscode.Uri.joinPath(parts.context.extensionUri, 'media', 'icon.png');
    }
    return participant;
  });
  // The editor asks for the list only when it is told of one: for what is loaded now, and once for what can be.
  let loaded = parts.engine.snapshot.model?.path;
  owned.push(
    parts.engine.onDidChange(({ model }) => {
      if (model?.path === loaded) return;
      loaded = model?.path;
      changed.fire();
    }),
  );
  const first = setTimeout(() => {
    if (parts.readiness.configuredPath() !== undefined && !isSwitchedOff()) changed.fire();
  }, firstListMs);
  owned.push({ dispose: () => clearTimeout(first) });
  return {
    handlers: { reviewAnswer: async (id) => (await load()).participant.review(id) },
    stop: () => part?.stop() ?? false,
    dispose() {
      part?.dispose();
      for (const each of owned) each.dispose();
    },
  };
}

/** The editor's own chat is hidden. */
function isSwitchedOff(): boolean {
  return vscode.workspace.getConfiguration('chat').get('disableAIFeatures') === true;
}
