import type { Tool } from '../../src/protocol/engine';
import { llamaTemplates } from './llamaTemplates';
import type { Script, ScriptedModelOptions } from './scriptedModel';

/** The tool that scripted models call, and what they call it with. */
export const weatherTool: Tool = {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  schema: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'Its name.' },
      unit: { enum: ['celsius', 'fahrenheit'] },
    },
    required: ['city'],
  },
};
export const weatherInput = { city: 'Oslo' };
/** Ends the prompt that a call answers. */
export const weatherQuestion = 'Tell me the weather';
export const weatherResult = 'Sun and 21 degrees';
export const weatherAnswer = 'Oslo has a sunny day.';

export interface ToolDialect extends Required<Pick<ScriptedModelOptions, 'dialect' | 'scripts'>> {
  /** Of the model. */
  name: string;
  /** What the model thinks before it calls. */
  thought?: string;
}

/**
 * Models that call the tool as their family does, under the template of such a model: llama.cpp's copies of them. None
 * where they cannot be had.
 * @param root of the repository
 */
export function toolDialects(root?: string): ToolDialect[] {
  const templates = llamaTemplates(root);
  if (templates.size === 0) return [];
  const template = (name: string) => {
    const text = templates.get(name);
    if (text === undefined) throw new Error(`llama.cpp has no template of ${name}`);
    return text;
  };
  const chatMl = {
    assistant: '<|im_start|>assistant\n',
    end: '<|im_end|>',
    control: ['<|im_end|>\n', '<|im_start|>user\n', '<|im_start|>system\n', '<|im_start|>'],
  };
  const xmlCall = [
    '<tool_call>',
    '\n{"name": "',
    'get_weather',
    '", "arguments": ',
    '{"city": "Oslo"}',
    '}\n',
    '</tool_call>',
  ];
  const llama3 = {
    assistant: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    end: '<|eot_id|>',
    control: ['<|start_header_id|>', '<|end_header_id|>', '<|begin_of_text|>', '<|python_tag|>'],
  };
  return [
    {
      name: 'Qwen 2.5',
      dialect: { ...chatMl, template: template('Qwen-Qwen2.5-7B-Instruct') },
      scripts: scripts(xmlCall, '\n</tool_response>'),
    },
    {
      name: 'Qwen 3',
      dialect: {
        ...chatMl,
        assistant: '<|im_start|>assistant\n<think>\n\n</think>\n\n',
        template: template('Qwen-Qwen3-0.6B'),
      },
      scripts: scripts(xmlCall, '\n</tool_response>'),
    },
    {
      name: 'Hermes 3',
      dialect: { ...chatMl, template: template('NousResearch-Hermes-3-Llama-3.1-8B-tool_use') },
      scripts: scripts(xmlCall, '\n</tool_response>'),
    },
    {
      name: 'Llama 3.1',
      dialect: {
        ...llama3,
        control: [...llama3.control, '<|eom_id|>'],
        template: template('meta-llama-Llama-3.1-8B-Instruct'),
      },
      scripts: scripts(['<function=', 'get_weather', '>', '{"city": "Oslo"}', '</function>'], 'degrees"'),
    },
    {
      name: 'Llama 3.3',
      // Without the token for its end of a call, the library takes the syntax from the template.
      dialect: {
        ...llama3,
        // The template's own quote ends a result.
        control: [...llama3.control, '"<|eot_id|>'],
        template: template('meta-llama-Llama-3.3-70B-Instruct'),
      },
      scripts: scripts(
        ['{"name": "', 'get_weather', '", "parameters": ', '{"city": "Oslo"}', '}'],
        'degrees',
      ),
    },
    {
      name: 'Harmony',
      thought: harmonyThought,
      dialect: {
        assistant: '<|start|>assistant',
        end: '<|return|>',
        control: ['<|start|>', '<|end|>', '<|message|>', '<|channel|>'],
        template: template('openai-gpt-oss-120b'),
      },
      scripts: [
        {
          lastWords: ['weather'],
          pieces: ['<|channel|>analysis<|message|>', 'A tool', ' knows that.', '<|end|>'],
        },
        {
          lastWords: [' knows that.'],
          pieces: [
            '<|channel|>commentary to=',
            'functions.',
            'get_weather',
            '<|constrain|>json<|message|>',
            '{"city": "Oslo"}',
            '<|call|>',
          ],
        },
        { pieces: ['<|channel|>final', '<|message|>', ...answerPieces] },
      ].map(withText),
    },
  ];
}

const harmonyThought = 'A tool knows that.';
const answerPieces = weatherAnswer.split(/(?= )/);

function scripts(call: string[], lastOfResult: string): Script[] {
  return [
    { lastWords: ['weather'], pieces: call },
    { lastWords: [lastOfResult], pieces: answerPieces },
    { pieces: ['No', ' tool.'] },
  ].map(withText);
}

function withText(script: { lastWords?: string[]; pieces: string[] }): Script {
  return { ...script, text: script.pieces.join('') };
}
