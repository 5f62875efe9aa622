import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { EngineSnapshot } from '../../src/engineClient/engine';
import type { NativeChatParts } from '../../src/nativeChat/createNativeChat';
import { lazyNativeChat } from '../../src/nativeChat/lazyNativeChat';
import { loadedModel } from '../support/loadedModel';

type Apis = NonNullable<Parameters<typeof lazyNativeChat>[1]>;

describe('what is registered for VS Code’s own chat', () => {
  let warnings: string[];
  let engine: vscode.EventEmitter<EngineSnapshot>;
  let parts: NativeChatParts;

  beforeEach(() => {
    warnings = [];
    engine = new vscode.EventEmitter();
    parts = {
      context: { extensionUri: vscode.Uri.file('/extension') },
      engine: { snapshot: {}, onDidChange: engine.event },
      readiness: { configuredPath: () => undefined },
      log: { warn: (message: string) => warnings.push(message) },
    } as unknown as NativeChatParts;
  });
  afterEach(() => engine.dispose());

  it('is nothing where the editor has no such chat, and that is no error', () => {
    for (const apis of [{}, { lm: {}, chat: {} }] satisfies Apis[]) {
      const native = lazyNativeChat(parts, apis);
      assert.equal(native.stop(), false);
      native.dispose();
    }
    assert.deepEqual(warnings, []);
  });

  it('is logged where the editor refuses it, and the rest goes on', () => {
    const created: string[] = [];
    const native = lazyNativeChat(parts, {
      lm: {
        registerLanguageModelChatProvider: () => {
          throw new Error('UNKNOWN vendor');
        },
      },
      chat: {
        createChatParticipant: (id) => {
          created.push(id);
          return { dispose: () => created.push('disposed') } as unknown as vscode.ChatParticipant;
        },
      },
    });
    native.dispose();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /UNKNOWN vendor/);
    assert.deepEqual(created, ['layercake.participant', 'disposed']);
  });

  it('tells of each model that is loaded, and of its end', () => {
    let provider: vscode.LanguageModelChatProvider | undefined;
    const native = lazyNativeChat(parts, {
      lm: {
        registerLanguageModelChatProvider: (_vendor, registered) => {
          provider = registered;
          return new vscode.Disposable(() => undefined);
        },
      },
    });
    let told = 0;
    provider?.onDidChangeLanguageModelChatInformation?.(() => told++);
    const model = loadedModel({ path: '/a.gguf' });
    for (const each of [model, model, loadedModel({ path: '/b.gguf' }), undefined]) {
      engine.fire({ model: each } as EngineSnapshot);
    }
    native.dispose();
    assert.equal(told, 3);
  });
});
