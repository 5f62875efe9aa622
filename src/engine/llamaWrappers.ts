import { stat } from 'node:fs/promises';
import {
  ChatMLChatWrapper,
  QwenChatWrapper,
  resolveChatWrapper,
  type ChatWrapper,
  type LlamaModel,
} from 'node-llama-cpp';

/**
 * What renders histories for a file. To find it the library renders the template again and again, beside those that it
 * knows: 0.5 to 1.3 s of the engine's thread (measured, 2 cores). That is done once for a file; it holds no model.
 */
export class LlamaWrappers {
  private readonly known = new Map<string, ChatWrapper>();

  async of(model: LlamaModel, path: string): Promise<ChatWrapper> {
    const { size, mtimeMs } = await stat(path);
    const key = `${path} ${size} ${mtimeMs}`;
    const wrapper = this.known.get(key) ?? withHermesCalls(resolveChatWrapper(model), model);
    this.known.set(key, wrapper);
    return wrapper;
  }
}

/**
 * Models of the Hermes line and their like speak ChatML and call tools as Qwen's do. The library knows the former by
 * the template, and has them call in a syntax of its own.
 */
function withHermesCalls(wrapper: ChatWrapper, { fileInfo }: LlamaModel): ChatWrapper {
  const { general, tokenizer } = fileInfo.metadata;
  const isHermes = /hermes/i.test(general.name ?? '') || tokenizer.chat_template?.includes('<tool_call>');
  return wrapper instanceof ChatMLChatWrapper && isHermes === true ? new HermesChatWrapper() : wrapper;
}

class HermesChatWrapper extends QwenChatWrapper {
  override readonly wrapperName = 'Hermes';
  /** They do not think. */
  override readonly settings = { ...new QwenChatWrapper().settings, segments: {} };
}
