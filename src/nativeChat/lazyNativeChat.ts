import * as vscode from 'vscode';
import { participantId, vendorId } from '../contributions';
import type { NativeChat, NativeChatParts } from './createNativeChat';

export interface LazyNativeChat {
  handlers: { reviewAnswer: (id: unknown) => Promise<void> };
  /** Stops what others asked; false where nothing runs. */
  stop: () => boolean;
  dispose: () => void;
}

/** The models for VS Code's own chat and other extensions, and `@layercake`; loaded when one of them is first asked. */
export function lazyNativeChat(parts: NativeChatParts): LazyNativeChat {
  const changed = new vscode.EventEmitter<void>();
  let part: NativeChat | undefined;
  let loading: Promise<NativeChat> | undefined;
  const load = () =>
    (loading ??= import('./createNativeChat').then(
      (module) => (part = module.createNativeChat(parts, () => changed.fire())),
    ));
  const owned: { dispose(): unknown }[] = [changed];
  // Editors that are built upon VS Code may have left these out.
  const { lm, chat } = vscode as {
    lm?: Partial<typeof vscode.lm>;
    chat?: Partial<typeof vscode.chat>;
  };
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
  register(() =>
    chat?.createChatParticipant?.(participantId, async (...request) =>
      (await load()).participant.answer(...request),
    ),
  );
  return {
    handlers: { reviewAnswer: async (id) => (await load()).participant.review(id) },
    stop: () => part?.stop() ?? false,
    dispose() {
      part?.dispose();
      for (const each of owned) each.dispose();
    },
  };
}
