/** Reverse DNS as a command asks it, where no capture has to tell its questions from others'. */

import { ReverseDns } from "../../enrich/reverse_dns.ts";
import { PtrQuestions } from "../live/ptr_questions.ts";

export type { ReverseDns };

/** Asks the system's name servers. */
export function openReverseDns(): ReverseDns {
  const questions = new PtrQuestions();
  return new ReverseDns((address, signal) => questions.ask(address, signal));
}
