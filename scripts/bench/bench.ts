/** What every part of the benchmark is given. */
export interface Bench {
  /** The compiled program. */
  readonly binary: string;
  /** Runs of which the median is taken. */
  readonly runs: number;
  /** Length of a measurement that is to show that nothing happens for a while. */
  readonly seconds: number;
  /** Length of the soak. */
  readonly minutes: number;
  /** Takes a piece of the result: Markdown. */
  readonly say: (text: string) => void;
}
