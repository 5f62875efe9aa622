import type { PageName, PageTable } from './l10nTables';

export interface PageHtmlOptions {
  page: PageName;
  title: string;
  /** `webview.cspSource` */
  cspSource: string;
  /** Of dist/webview/<page>.js and .css, as the webview reaches them. */
  scriptUri: string;
  styleUri: string;
  table: PageTable;
  /** Fresh for each page. */
  nonce: string;
}

/** The document of a page: nothing runs or styles it but what carries the nonce, and nothing is fetched. */
export function webviewHtml(options: PageHtmlOptions): string {
  const { page, title, cspSource, scriptUri, styleUri, table, nonce } = options;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource}`,
  ].join('; ');
  return `<!doctype html>
<html lang="${table.language}" dir="${table.dir}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" nonce="${nonce}" href="${escapeHtml(styleUri)}">
<script type="application/json" id="l10n">${jsonForScript(table)}</script>
<script nonce="${nonce}" defer src="${escapeHtml(scriptUri)}"></script>
</head>
<body class="${page}"></body>
</html>
`;
}

/** JSON that cannot end the script element it stands in. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
