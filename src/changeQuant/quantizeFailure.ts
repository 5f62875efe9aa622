import type { QuantizeError } from '../quantize/quantizeError';
import type { Translate } from '../translate';

/** Why llama.cpp made nothing, and what to do. */
export function quantizeFailure({ reason, detail }: QuantizeError, t: Translate): string {
  switch (reason) {
    case 'refused':
      return t(
        'llama.cpp cannot make this level of this model: {0}. Choose another level or another file.',
        detail,
      );
    case 'noLibrary':
    case 'otherLibrary':
      return t(
        'The part of llama.cpp that quantises cannot be used ({0}). Install Layercake again; models load without it.',
        detail,
      );
    case 'badRequest':
    case 'internal':
      return t(
        'The quantising process failed: {0}. Close other programs if memory is short, and try again; the log shows more.',
        detail,
      );
  }
}
