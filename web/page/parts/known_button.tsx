/** One click that says: this is known. */

import { useState } from "preact/hooks";
import type { Mark } from "../../api/answers.ts";
import { change } from "../reach/api.ts";
import { forgetAnswers } from "../reach/use_answer.ts";

export interface KnownButtonProps {
  readonly mark: Mark;
  /** What it is, for whoever hears the button alone. */
  readonly what: string;
  readonly isKnown: boolean;
  /** Called when it has been changed. */
  readonly onChanged: (isKnown: boolean) => void;
}

export function KnownButton({ mark, what, isKnown, onChanged }: KnownButtonProps) {
  const [problem, setProblem] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const toggle = async () => {
    setIsAsking(true);
    setProblem(undefined);
    try {
      await change(`known/${isKnown ? "remove" : "add"}`, { marks: [mark] });
      forgetAnswers();
      onChanged(!isKnown);
    } catch (error) {
      setProblem((error as Error).message);
    }
    setIsAsking(false);
  };
  return (
    <span class="known">
      <button
        type="button"
        class="small"
        aria-pressed={isKnown}
        aria-label={`${what} is known`}
        disabled={isAsking}
        onClick={toggle}
      >
        {isKnown ? "✓ known" : "known"}
      </button>
      {problem !== undefined && <span role="alert" class="problem">{problem}</span>}
    </span>
  );
}
