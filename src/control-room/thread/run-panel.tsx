import { renderCount } from "../../format/amounts.ts";
import type { ThreadView } from "../../server/api-types.ts";
import { Fact } from "../parts/fact.tsx";
import { LongText } from "../parts/long-text.tsx";

/** The run as a whole: answer, input, calls and settings. */
export function RunPanel({ thread }: { thread: ThreadView }) {
  const { output, input, options, calls, tokens } = thread;
  const settings = Object.entries(options);
  return (
    <div className="panel-body">
      {output !== null && (
        <section>
          <h2>Answer</h2>
          <LongText text={output} label="Answer" isProse />
        </section>
      )}
      <section>
        <h2>Input</h2>
        <LongText text={input} label="Input" isProse />
      </section>
      <section>
        <h2>Calls</h2>
        <dl className="facts">
          <Fact name="Paid" value={renderCount(calls.paid)} />
          <Fact name="Replayed, free" value={renderCount(calls.replayed)} />
          {calls.failed > 0 && <Fact name="Failed" value={renderCount(calls.failed)} />}
          {calls.unknown > 0 && <Fact name="Cut off" value={renderCount(calls.unknown)} />}
          <Fact name="Tokens read from the cache" value={renderCount(tokens.cacheRead)} />
        </dl>
      </section>
      {settings.length > 0 && (
        <section>
          <h2>Settings</h2>
          <dl className="facts">
            {settings.map(([name, value]) => (
              <Fact key={name} name={name} value={Array.isArray(value) ? value.join(", ") : String(value)} />
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
