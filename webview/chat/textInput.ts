import type { TextAreaElement } from '../components';

const maxRows = 12;

/**
 * Makes a text area grow with its lines, and Enter submit. Shift+Enter starts a new line; an Enter that ends the
 * composition of a character (Chinese, Japanese, Korean) does nothing of ours.
 */
export function submitOnEnter(area: TextAreaElement, onSubmit: () => void, onEscape: () => void): void {
  area.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      onSubmit();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      onEscape();
    }
  });
  area.addEventListener('input', () => fitRows(area));
}

/** For browsers that do not size a field by its content themselves. */
export function fitRows(area: TextAreaElement): void {
  area.rows = Math.min(maxRows, Math.max(2, area.value.split('\n').length));
}
