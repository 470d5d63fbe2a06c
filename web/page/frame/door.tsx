/** Whoever is signed in sees the pages; others can sign in. */

import { useCallback, useEffect, useState } from "preact/hooks";
import type { SessionAnswer } from "../../api/answers.ts";
import { ask, setCsrf, whenSignedOut } from "../reach/api.ts";
import { nowMs, setNow } from "../reach/clock.ts";
import { TimesProvider } from "../reach/times.ts";
import { forgetAnswers } from "../reach/use_answer.ts";
import { timeTexts } from "../text/time.ts";
import { LoginView } from "../views/login.tsx";
import { Frame } from "./frame.tsx";

export function Door() {
  const [session, setSession] = useState<SessionAnswer>();
  const [problem, setProblem] = useState<string>();
  const enter = useCallback((answer: SessionAnswer) => {
    if (answer.signed_in) {
      setCsrf(answer.csrf);
      setNow(answer.now);
    } else forgetAnswers();
    setSession(answer);
  }, []);
  const look = useCallback(() => {
    setProblem(undefined);
    ask<SessionAnswer>("session").then(enter, (error: Error) => setProblem(error.message));
  }, []);
  useEffect(() => {
    whenSignedOut(look);
    look();
  }, []);
  if (problem !== undefined) {
    return (
      <main class="alone">
        <h1>wifilogger</h1>
        <p role="alert">{problem}</p>
        <button type="button" onClick={look}>Try again</button>
      </main>
    );
  }
  if (session === undefined) return <main class="alone" aria-busy="true" />;
  if (!session.signed_in) {
    return <LoginView hasPassword={session.has_password} onEnter={enter} />;
  }
  return (
    <TimesProvider value={timeTexts(session.time_zone, nowMs())}>
      <Frame session={session} onLeave={look} />
    </TimesProvider>
  );
}
