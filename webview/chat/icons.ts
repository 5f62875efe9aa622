const svg = 'http://www.w3.org/2000/svg';

/** Strokes on a grid of 16. */
const shapes = {
  close: 'M4 4l8 8M12 4l-8 8',
  down: 'M8 3v9.5M4 8.5l4 4 4-4',
  remember: 'M8 3.5a4.5 4.5 0 1 1-4.2 2.9M3.5 2.8v3.7h3.7',
  // Kinds of context
  file: 'M4 1.8h5l3 3v9.4H4zM9 1.8v3h3',
  folder: 'M1.8 3.5h4.4l1.6 1.8h6.4v7.2H1.8z',
  symbol:
    'M6 2.5c-2 0-1.6 1.4-1.6 3S3.6 8 2.4 8c1.2 0 2 .9 2 2.5s-.4 3 1.6 3M10 2.5c2 0 1.6 1.4 1.6 3S12.4 8 13.6 8c-1.2 0-2 .9-2 2.5s.4 3-1.6 3',
  selection: 'M2.5 3.5h11M2.5 12.5h11M2.5 8h7',
  problems: 'M8 2.2l6 11.3H2zM8 6.5v3.4M8 11.6v.3',
  diff: 'M8 2.5v6M5 5.5h6M5 12.5h6',
  terminal: 'M2.5 4.5l4 3.5-4 3.5M8 12h5.5',
  prompt: 'M10.5 2.5l-5 11',
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
