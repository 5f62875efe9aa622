/** Takes something disposable over, and gives it back: it ends with its owner. */
export type Own = <T extends { dispose(): unknown }>(part: T) => T;

/** What is owned is disposed of with these subscriptions. */
export function ownedBy(subscriptions: { dispose(): unknown }[]): Own {
  return (part) => {
    subscriptions.push(part);
    return part;
  };
}
