import {
  ChatWrapper,
  FunctionaryChatWrapper,
  HarmonyChatWrapper,
  JinjaTemplateChatWrapper,
  LlamaText,
  type ChatModelFunctions,
  type ChatWrapperGenerateContextStateOptions,
  type ChatWrapperGeneratedContextState,
} from 'node-llama-cpp';
import type { Tool, ToolCalling } from '../protocol/engine';
import { problem } from './failure';
import { grammarSchema, typedSchema } from './llamaToolSchema';

/** What a request lets the model call. */
export interface LlamaTools {
  /** Renders histories with the tools in them. */
  readonly wrapper: ChatWrapper;
  /** The same tools, as a grammar is made of them. */
  readonly functions: ChatModelFunctions;
}

export function toolCallingOf(wrapper: ChatWrapper): ToolCalling {
  const { call, parallelism } = wrapper.settings.functions;
  const opening = LlamaText([parallelism?.call.sectionPrefix ?? '', call.prefix]).toString();
  const generic = LlamaText(ChatWrapper.defaultSettings.functions.call.prefix).toString();
  // Some templates give no opening away: then there is nothing to know a call by.
  if (opening.trim() === '' || opening === generic) return 'generic';
  return wrapper instanceof JinjaTemplateChatWrapper ? 'template' : 'own';
}

/**
 * @param mustCall the answer is to be a call
 * @throws EngineProblem `badRequest` for names that the model cannot write
 */
export function toolsFor(wrapper: ChatWrapper, tools: readonly Tool[], mustCall: boolean): LlamaTools {
  const wrong = tools.find(({ name }) => name === '' || /\s/.test(name));
  if (wrong !== undefined) throw problem('badRequest', `"${wrong.name}" is no name of a tool`);
  return {
    // The model reads the schema as it is, as far as it can be written; the grammar of the library knows less.
    wrapper: documenting(wrapper, functionsOf(tools, documentedBy(wrapper)), mustCall),
    functions: functionsOf(tools, grammarSchema),
  };
}

type Schema = NonNullable<Tool['schema']>;
type FunctionSchema = ChatModelFunctions[string]['params'];

function documentedBy(wrapper: ChatWrapper): (schema: Schema) => Schema {
  const writesTypes = wrapper instanceof HarmonyChatWrapper || wrapper instanceof FunctionaryChatWrapper;
  return writesTypes || toolCallingOf(wrapper) === 'generic' ? typedSchema : (schema) => schema;
}

function functionsOf(tools: readonly Tool[], toParams: (schema: Schema) => object): ChatModelFunctions {
  return Object.fromEntries(
    tools.map(({ name, description, schema }) => [
      name,
      {
        ...(description !== undefined && { description }),
        ...(schema !== undefined && { params: toParams(schema) as FunctionSchema }),
      },
    ]),
  );
}

/** The same wrapper, which tells of these functions whatever it is given. */
function documenting(wrapper: ChatWrapper, functions: ChatModelFunctions, mustCall: boolean): ChatWrapper {
  const generateContextState = (options: ChatWrapperGenerateContextStateOptions) => {
    const state = wrapper.generateContextState({ ...options, availableFunctions: functions });
    return mustCall ? inCall(state) : state;
  };
  return Object.create(wrapper, { generateContextState: { value: generateContextState } }) as ChatWrapper;
}

/** The answer begins inside of a call: the model has but its name and arguments to choose. */
function inCall(state: ChatWrapperGeneratedContextState): ChatWrapperGeneratedContextState {
  const opening = state.prefixTriggers?.find(({ type }) => type === 'functionCall')?.inject;
  return {
    contextText: LlamaText([state.contextText, opening ?? '']),
    stopGenerationTriggers: state.stopGenerationTriggers,
    functionCall: { initiallyEngaged: true, disengageInitiallyEngaged: [] },
  };
}
