import type { Review } from './review';

/** The reviews of one answer that changes several files. */
export class ReviewSet {
  constructor(
    readonly title: string,
    readonly reviews: readonly Review[],
  ) {
    for (const review of reviews) review.set = this;
  }

  /** Reviews with hunks that wait for a decision. */
  get pending(): readonly Review[] {
    return this.reviews.filter(({ model }) => model.pending.length > 0);
  }

  /** The next file with something to decide, around the end; undefined where there is none but this one. */
  after(review: Review): Review | undefined {
    const at = this.reviews.indexOf(review);
    const order = [...this.reviews.slice(at + 1), ...this.reviews.slice(0, at)];
    return order.find((each) => this.pending.includes(each));
  }
}
