import * as vscode from 'vscode';
import type { LineSpan } from './reviewModel';
import type { Review } from './review';

/** Colours the removed and the added lines of reviews. */
export class ReviewDecorations implements vscode.Disposable {
  private readonly removed = lineDecoration({
    background: 'diffEditor.removedLineBackground',
    ruler: 'diffEditorOverview.removedForeground',
    sign: 'M3 7.5h10',
    dark: '#f48771',
    light: '#a1260d',
  });
  private readonly added = lineDecoration({
    background: 'diffEditor.insertedLineBackground',
    ruler: 'diffEditorOverview.insertedForeground',
    sign: 'M3 7.5h10M8 2.5v10',
    dark: '#89d185',
    light: '#388a34',
  });

  /** Does nothing while the document lags behind the review: its next change calls again. */
  apply(editor: vscode.TextEditor, review: Review): void {
    if (!review.isShownBy(editor.document)) return;
    const { hunks } = review.rendered;
    const ranges = (spans: readonly LineSpan[]) =>
      spans
        .filter(({ start, end }) => end > start)
        .map(({ start, end }) => new vscode.Range(start, 0, end - 1, 0));
    editor.setDecorations(this.removed, ranges(hunks.map(({ removed }) => removed)));
    editor.setDecorations(this.added, ranges(hunks.map(({ added }) => added)));
  }

  dispose(): void {
    this.removed.dispose();
    this.added.dispose();
  }
}

interface LineLook {
  background: string;
  ruler: string;
  /** Path of the sign in the gutter, in a square of 16. Colour alone would not reach everyone. */
  sign: string;
  dark: string;
  light: string;
}

function lineDecoration(look: LineLook): vscode.TextEditorDecorationType {
  const icon = (colour: string) => {
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">` +
      `<path d="${look.sign}" stroke="${colour}" stroke-width="1.5" fill="none"/></svg>`;
    return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
  };
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor(look.background),
    overviewRulerColor: new vscode.ThemeColor(look.ruler),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    dark: { gutterIconPath: icon(look.dark) },
    light: { gutterIconPath: icon(look.light) },
  });
}
