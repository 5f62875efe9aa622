import type { ChatMessage } from '../protocol/engine';
import { agentsPart, systemMessage } from './history';
import type { ReadSetting } from './requestSettings';

export interface AgentsFile {
  text: string;
  /** True where the file is longer than what is sent of it. */
  truncated: boolean;
}

/** AGENTS.md is read before every first question: a long one would cost minutes on a slow machine. Bytes. */
export const maxAgentsBytes = 32 * 1024;

/** The file's text, cut at the end of a line where it is longer than `maxAgentsBytes`. */
export function agentsFile(bytes: Uint8Array): AgentsFile {
  const decoder = new TextDecoder();
  if (bytes.length <= maxAgentsBytes) return { text: decoder.decode(bytes), truncated: false };
  const head = decoder.decode(bytes.subarray(0, maxAgentsBytes));
  const lineEnd = head.lastIndexOf('\n');
  return { text: head.slice(0, lineEnd > 0 ? lineEnd + 1 : undefined), truncated: true };
}

export interface PrefixSources {
  base: string;
  read: ReadSetting;
  /** AGENTS.md of the trusted workspace; undefined: none. */
  readAgents: () => Promise<AgentsFile | undefined>;
  /** Called when a file was cut, with each prompt. */
  onTruncated: () => void;
}

/** What every prompt begins with, put together anew for each one from settings and workspace. */
export class PromptPrefix {
  readonly #sources: PrefixSources;

  constructor(sources: PrefixSources) {
    this.#sources = sources;
  }

  /** The system message, and the part of it that AGENTS.md takes ('' where it is not sent). */
  async build(): Promise<{ message: ChatMessage; agents: string }> {
    const { base, read, readAgents, onTruncated } = this.#sources;
    const file = read('chat.useAgentsFile') ? await readAgents() : undefined;
    if (file?.truncated === true) onTruncated();
    const agents = file?.text ?? '';
    const message = systemMessage({ base, own: read('chat.systemPrompt'), agents });
    return { message, agents: agents.trim() === '' ? '' : agentsPart(agents) };
  }
}
