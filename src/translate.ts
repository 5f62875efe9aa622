/**
 * `vscode.l10n.t`, handed to logic that runs without the editor in tests. `{0}`, `{1}` … are filled with the values.
 */
export type Translate = (message: string, ...values: (string | number | boolean)[]) => string;
