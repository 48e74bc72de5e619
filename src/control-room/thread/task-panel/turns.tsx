import { renderCount, renderDuration, renderPlural, renderUsd } from "../../../format/amounts.ts";
import type { Call, ToolCallRow } from "../../../server/api-types.ts";
import { LongText } from "../../parts/long-text.tsx";

interface TurnsProps {
  readonly calls: readonly Call[];
  readonly toolCalls: readonly ToolCallRow[];
}

/** The conversations with Claude: each call with its tool calls. */
export function Turns({ calls, toolCalls }: TurnsProps) {
  if (calls.length === 0 && toolCalls.length === 0) return null;
  return (
    <section>
      <h3>
        {renderPlural(calls.length, "call")}
        {toolCalls.length > 0 && `, ${renderPlural(toolCalls.length, "tool call")}`}
      </h3>
      <ol className="turns">
        {calls.map((call) => (
          <li key={call.id}>
            <Turn call={call} />
            {toolCalls
              .filter(({ attempt, turn }) => attempt === call.attempt && turn === call.turn)
              .map((tool) => (
                <Tool key={tool.id} tool={tool} />
              ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Turn({ call }: { call: Call }) {
  const { attempt, turn, status, model, costUsd, isCostKnown, ms, replays, text, error } = call;
  const facts = [
    model,
    ...tokensOf(call),
    ...(ms === null ? [] : [renderDuration(ms)]),
    ...(replays > 0 ? [`replayed ${replays} ×`] : []),
  ];
  return (
    <details>
      <summary>
        <span className="turn-name">
          attempt {attempt}, turn {turn}
        </span>
        {status !== "committed" && <span className="chip chip-waiting">{STATUS[status]}</span>}
        <span className="number">
          {isCostKnown ? "" : "≤ "}
          {renderUsd(costUsd)}
        </span>
      </summary>
      <p className="muted">{facts.join(" · ")}</p>
      {error !== null && <p className="muted">{error}</p>}
      {text !== null && <LongText text={text} label="Claude's text" />}
    </details>
  );
}

function tokensOf({ tokens, isCostKnown }: Call): string[] {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  if (!isCostKnown && prompt === 0) return ["tokens unknown"];
  return [`${renderCount(prompt)} in`, `${renderCount(tokens.output)} out`];
}

const STATUS: Readonly<Record<Exclude<Call["status"], "committed">, string>> = {
  reserved: "running",
  failed: "failed",
  unknown: "cut off",
};

function Tool({ tool: { name, status, input, shown, ms } }: { tool: ToolCallRow }) {
  return (
    <details className="tool">
      <summary>
        <span className="mono">{name}</span>
        {status !== "done" && <span className="chip chip-waiting">{TOOL_STATUS[status]}</span>}
        {ms !== null && <span className="number muted">{renderDuration(ms)}</span>}
      </summary>
      <LongText text={input} label={`Input of ${name}`} />
      {shown !== null && <LongText text={shown} label={`Output of ${name}`} />}
    </details>
  );
}

const TOOL_STATUS: Readonly<Record<Exclude<ToolCallRow["status"], "done">, string>> = {
  asked: "waits for you",
  running: "running",
  failed: "failed",
  rejected: "denied",
};
