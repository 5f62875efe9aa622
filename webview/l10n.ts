import type { PageLanguage } from '../src/protocol/webview';
import { formatMessage, type MessageValue } from './messageFormat';

/** What the extension embeds in the page as `<script type="application/json" id="l10n">`. */
export interface L10nTable {
  language: PageLanguage;
  dir: 'ltr' | 'rtl';
  strings: Readonly<Record<string, string>>;
}

// First-strong isolate … pop: a Latin file name inside an Arabic sentence keeps its own order.
const isolate = (text: string): string => `\u2068${text}\u2069`;

/** The texts and numbers of a page in its language. `Key` names the page's strings. */
export class L10n<Key extends string> {
  readonly language: PageLanguage;
  readonly dir: 'ltr' | 'rtl';
  readonly #strings: Readonly<Record<string, string>>;
  readonly #locale: string;
  readonly #plurals: Intl.PluralRules;
  readonly #numbers = new Map<number, Intl.NumberFormat>();

  constructor(table: L10nTable) {
    this.language = table.language;
    this.dir = table.dir;
    this.#strings = table.strings;
    // Latin digits in every language: the same figures stand in the status bar and in code.
    this.#locale = table.language === 'en' ? 'en-US' : `${table.language}-u-nu-latn`;
    this.#plurals = new Intl.PluralRules(table.language);
  }

  /** The string of `key`, filled; numbers are grouped and have at most one decimal. A missing key shows itself. */
  t(key: Key, values: Readonly<Record<string, MessageValue>> = {}): string {
    return formatMessage(this.#strings[key] ?? key, values, {
      number: (value) => this.number(value),
      plural: (value) => this.#plurals.select(value),
      wrap: this.dir === 'rtl' ? isolate : (text) => text,
    });
  }

  /** `value` with grouping and at most `decimals` decimals. */
  number(value: number, decimals = 1): string {
    let format = this.#numbers.get(decimals);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.#locale, { maximumFractionDigits: decimals });
      this.#numbers.set(decimals, format);
    }
    return format.format(value);
  }

  /** `value` with grouping and exactly `decimals` decimals, for figures that stand under one another. */
  fixed(value: number, decimals: number): string {
    return value.toLocaleString(this.#locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }

  /** A point in time relative to `now`, e.g. "3 hours ago". Both in milliseconds since the epoch. */
  timeAgo(time: number, now: number): string {
    const format = new Intl.RelativeTimeFormat(this.#locale, { numeric: 'auto', style: 'long' });
    const minutes = Math.round((time - now) / 60_000);
    if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
    const hours = Math.round(minutes / 60);
    if (Math.abs(hours) < 24) return format.format(hours, 'hour');
    return format.format(Math.round(hours / 24), 'day');
  }
}

/** The parts of a document that are read and set, so that plain tests can stand in for it. */
export interface PageDocument {
  getElementById(id: string): { readonly textContent: string | null } | null;
  readonly documentElement: { lang: string; dir: string };
}

/**
 * Reads the embedded table and gives the document its language and direction.
 * Without a usable table the keys themselves are shown, left to right.
 */
export function readL10n<Key extends string>(page: PageDocument): L10n<Key> {
  const table = parseTable(page.getElementById('l10n')?.textContent ?? '');
  page.documentElement.lang = table.language;
  page.documentElement.dir = table.dir;
  return new L10n<Key>(table);
}

/** Parses the embedded text; what is missing or wrong becomes English, left to right, without strings. */
export function parseTable(json: string): L10nTable {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    data = undefined;
  }
  const table = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const strings: Record<string, string> = {};
  if (typeof table['strings'] === 'object' && table['strings'] !== null) {
    for (const [key, text] of Object.entries(table['strings'])) {
      if (typeof text === 'string') strings[key] = text;
    }
  }
  return {
    language: table['language'] === 'ar' ? 'ar' : 'en',
    dir: table['dir'] === 'rtl' ? 'rtl' : 'ltr',
    strings,
  };
}
