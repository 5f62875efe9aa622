import type { Language } from './contributions';
import type { PageLanguage } from './protocol/webview';

export type PageName = 'chat' | 'settings' | 'doctor';

/** What a page is given to read its texts from. */
export interface PageTable {
  language: PageLanguage;
  dir: 'ltr' | 'rtl';
  strings: Readonly<Record<string, string>>;
}

/** The language of the pages: the person's choice, else the editor's where there is a table for it, else English. */
export function pageLanguage(choice: Language, editorLanguage: string): PageLanguage {
  if (choice !== 'auto') return choice;
  return /^ar\b/i.test(editorLanguage) ? 'ar' : 'en';
}

/**
 * The texts of a page. What a translation lacks, or cannot be read of it, is English.
 * Rejects where the English table cannot be read: the page would have no words.
 * @param readFile reads a file of media/l10n by its name
 */
export async function loadPageTable(
  page: PageName,
  language: PageLanguage,
  readFile: (name: string) => Promise<Uint8Array>,
): Promise<PageTable> {
  const english = parseStrings(await readFile(`${page}.en.json`));
  const translated =
    language === 'en' ? {} : await readFile(`${page}.${language}.json`).then(parseStrings, () => ({}));
  return { language, dir: language === 'ar' ? 'rtl' : 'ltr', strings: { ...english, ...translated } };
}

function parseStrings(bytes: Uint8Array): Record<string, string> {
  const data: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
