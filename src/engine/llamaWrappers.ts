import { stat } from 'node:fs/promises';
import { resolveChatWrapper, type ChatWrapper, type LlamaModel } from 'node-llama-cpp';

/**
 * What renders histories for a file. To find it the library renders the template again and again, beside those that it
 * knows: 0.5 to 1.3 s of the engine's thread (measured, 2 cores). That is done once for a file; it holds no model.
 */
export class LlamaWrappers {
  private readonly known = new Map<string, ChatWrapper>();

  async of(model: LlamaModel, path: string): Promise<ChatWrapper> {
    const { size, mtimeMs } = await stat(path);
    const key = `${path} ${size} ${mtimeMs}`;
    const wrapper = this.known.get(key) ?? resolveChatWrapper(model);
    this.known.set(key, wrapper);
    return wrapper;
  }
}
