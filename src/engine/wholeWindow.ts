/** What is used of the library's context though it is not public: there is no other way to tell it where to cut. */
interface Cells {
  getSequenceKvCacheMinPosition(sequenceId: number): number;
}

/**
 * Sees to it that a cache with sliding windows is cut back only where the whole window before the cut is still there.
 * The library asks for no more than the token before it, and goes on with a part of the window: other answers, no
 * error. Where the window is not whole it goes back to a checkpoint now.
 * @param context the library's
 * @param window tokens
 * @throws Error where the library is not the one that this was made for
 */
export function cutWholeWindowsOnly(context: object, window: number): void {
  const cells = '_ctx' in context ? (context._ctx as Partial<Cells>) : undefined;
  const first = cells?.getSequenceKvCacheMinPosition?.bind(cells);
  if (cells === undefined || first === undefined) {
    throw new Error(
      'this release of the library does not tell where its cache begins: use the one in package.json',
    );
  }
  const firstCut = (sequenceId: number) => {
    const position = first(sequenceId);
    // Cuts here or before are refused. The token at the first cut allowed sees `window` − 1 before it.
    return position <= 0 ? position : position + window - 2;
  };
  Object.defineProperty(cells, 'getSequenceKvCacheMinPosition', { value: firstCut });
}
