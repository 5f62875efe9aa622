import type { Translate } from '../translate';
import type { LibraryEntry } from './entry';
import type { KnownHash } from './knownHash';
import type { Verification } from './verify';

/** What came out, in one or two sentences. */
export function describeVerification({ name }: LibraryEntry, result: Verification, t: Translate): string {
  switch (result.kind) {
    case 'same':
      return describeSame(name, result.source, t);
    case 'sound':
      return t(
        '{0} has a sound header, and all of its tensors are there. Its hash is not known on this machine, so that single wrong bytes would not show.',
        name,
      );
    case 'different':
      return t(
        '{0} is damaged: the SHA-256 of {1} is {2} instead of {3}. Download it again.',
        name,
        result.file,
        result.actual,
        result.expected,
      );
  }
}

function describeSame(name: string, source: KnownHash['source'], t: Translate): string {
  switch (source) {
    case 'download':
      return t('{0} is unchanged: its SHA-256 is that of the download.', name);
    case 'ollama':
      return t('{0} is unchanged: its SHA-256 is the one that Ollama names it by.', name);
    case 'huggingFace':
      return t('{0} is unchanged: its SHA-256 is the one that Hugging Face’s cache names it by.', name);
  }
}
