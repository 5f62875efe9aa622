const svg = 'http://www.w3.org/2000/svg';

/** Strokes on a grid of 16. */
const shapes = {
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M8 3v9.5M4 8.5l4 4 4-4',
  remember: 'M8 3.5a4.5 4.5 0 1 1-4.2 2.9M3.5 2.8v3.7h3.7',
} as const;

/** A small line drawing in the colour of the text around it; hidden from screen readers. */
export function icon(name: keyof typeof shapes): SVGSVGElement {
  const root = document.createElementNS(svg, 'svg');
  root.setAttribute('viewBox', '0 0 16 16');
  root.setAttribute('aria-hidden', 'true');
  root.classList.add('icon');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[name]);
  root.append(path);
  return root;
}
