import createPurifier from 'dompurify';
import { allowedLink } from './markdown';

const tags = ['br', 'em', 'strong', 's', 'a', 'code'];

/** Turns a line's HTML, made of a model's answer, into nodes that can do nothing but be read and clicked. */
export function sanitize(html: string): DocumentFragment {
  return createPurifier.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'title'],
    // Every attribute that is not listed as plain must look like an allowed address.
    ADD_URI_SAFE_ATTR: ['title'],
    ALLOWED_URI_REGEXP: allowedLink,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
