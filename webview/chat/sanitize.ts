import createPurifier from 'dompurify';
import { allowedLink } from './markdown';

const tags = [
  ...['p', 'br', 'hr', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'pre', 'code'],
  ...['em', 'strong', 's', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'span'],
];
const plain = ['title', 'start', 'class', 'data-align', 'data-language'];

/** Turns HTML that was made of a model's answer into nodes that can do nothing but be read and clicked. */
export function sanitize(html: string): DocumentFragment {
  return createPurifier.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', ...plain],
    // Every attribute that is not listed as plain must look like an allowed address.
    ADD_URI_SAFE_ATTR: plain,
    ALLOWED_URI_REGEXP: allowedLink,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
