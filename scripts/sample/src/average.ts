// Has a mistake: try "Fix".
export function average(numbers: number[]): number {
  let sum = 0;
  for (const number of numbers) {
    sum = number;
  }
  return sum / numbers.length;
}
