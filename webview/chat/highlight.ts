import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import lua from 'highlight.js/lib/languages/lua';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { element } from '../dom';

const languages = {
  ...{ bash, c, cpp, csharp, css, diff, dockerfile, go, java, javascript, json, kotlin, lua, markdown },
  ...{ php, powershell, python, ruby, rust, sql, swift, typescript, xml, yaml },
};
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(['vue', 'svelte'], { languageName: 'xml' });
hljs.registerAliases(['shellscript', 'console', 'shell'], { languageName: 'bash' });

/** Past this many characters in one go colours would hold up a frame. */
const limit = 8000;

export interface Coloured {
  /** Text in spans with token classes. */
  html: string;
  /** No comment, string or the like is open at its end: what follows has the same colours by itself. */
  clean: boolean;
}

/** undefined where the language is unknown or the code too long. */
export function colour(code: string, language: string): Coloured | undefined {
  if (code.length > limit || hljs.getLanguage(language) === undefined) return undefined;
  const { value, _top } = hljs.highlight(code, { language, ignoreIllegals: true });
  return { html: value, clean: _top === undefined || !('parent' in _top) };
}

/** The same as nodes. */
export function highlight(
  code: string,
  language: string,
): { nodes: DocumentFragment; clean: boolean } | undefined {
  const coloured = colour(code, language);
  return coloured && { nodes: spans(coloured.html), clean: coloured.clean };
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" },
};

/** The library writes spans with a class and escaped text, nothing else: nothing else comes out here. */
function spans(html: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const open: ParentNode[] = [fragment];
  for (const [piece, name] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (name !== undefined) {
      const span = element('span', { class: name });
      open.at(-1)?.append(span);
      open.push(span);
    } else if (piece === '</span>') {
      if (open.length > 1) open.pop();
    } else {
      open.at(-1)?.append(piece.replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity));
    }
  }
  return fragment;
}
