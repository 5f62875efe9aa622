/**
 * Whether a model that was never loaded is expected to call tools in a way it was trained on, by its chat template.
 * Careful rather than complete: who really does is known from its first load on.
 */
export function expectsCalls(template: string): boolean {
  const has = (...marks: string[]) => marks.every((mark) => template.includes(mark));
  return (
    // Qwen, Hermes, GLM, Granite 4 and others; some templates that refuse unusual histories hide their calls' syntax.
    (has('<tool_call>', 'tools', 'tojson') && (has('<|im_start|>') || !has('raise_exception'))) ||
    // Llama 3.1 and later.
    has('<|start_header_id|>', 'tools', '"parameters"') ||
    // Harmony.
    has('<|start|>', '<|channel|>', 'tools') ||
    // Gemma 4.
    has('<|tool_call>call:') ||
    // Mistral, but for those whose template wants the ids of calls.
    (has('[TOOL_CALLS]') && !has('tool_call.id'))
  );
}
