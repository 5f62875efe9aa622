/** English as it is, filled: what `vscode.l10n.t` does without a bundle. */
export function translate(message: string, ...values: (string | number | boolean)[]): string {
  return message.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
}
