interface Entry<T> {
  value: T;
  priority: number;
}

export class PriorityQueue<T> {
  private readonly entries: Entry<T>[] = [];

  push(value: T, priority: number): void {
    const index = this.entries.findIndex((entry) => entry.priority < priority);
    this.entries.splice(index === -1 ? this.entries.length : index, 0, { value, priority });
  }

  pop(): T | undefined {
    return this.entries.shift()?.value;
  }

  get size(): number {
    return this.entries.length;
  }
}
