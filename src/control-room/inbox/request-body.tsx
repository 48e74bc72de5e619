import { renderBudget, renderUsd } from "../../format/amounts.ts";
import type { RequestView } from "../../server/api-types.ts";
import { Attempts } from "../parts/attempts.tsx";
import { Fact } from "../parts/fact.tsx";
import { LongText } from "../parts/long-text.tsx";
import { budgetPayload, failurePayload, planPayload, prettyJson, record, text } from "./payload.ts";
import { toolPayload } from "./tool-payload.ts";

/** What a request is about, in the form that fits its kind. */
export function RequestBody({ request: { kind, payload } }: { request: RequestView }) {
  if (kind === "plan") return <Plan payload={payload} />;
  if (kind === "budget") return <Budget payload={payload} />;
  if (kind === "failure") return <Failure payload={payload} />;
  if (kind === "tool") return <Tool payload={payload} />;
  if (kind === "result") {
    return <LongText text={text(record(payload)["output"])} label="The answer" isProse />;
  }
  return (
    <LongText
      text={typeof payload === "string" ? payload : prettyJson(payload)}
      label="What is asked about"
    />
  );
}

function Plan({ payload }: { payload: unknown }) {
  const { tasks, estimateUsd } = planPayload(payload);
  return (
    <>
      <ol className="plan">
        {tasks.map(({ id, agent, description, prompt, dependsOn, model }) => (
          <li key={id}>
            <details>
              <summary>
                <span className="mono">{id}</span>
                <span className="plan-words">{description}</span>
                <span className="chip">{agent}</span>
                {model !== null && <span className="chip">{model}</span>}
              </summary>
              {dependsOn.length > 0 && <p className="muted">after {dependsOn.join(", ")}</p>}
              <LongText text={prompt} label={`Prompt of ${id}`} isProse />
            </details>
          </li>
        ))}
      </ol>
      {estimateUsd !== null && (
        <p className="muted">Up to {renderUsd(estimateUsd)} if each task succeeds at once.</p>
      )}
    </>
  );
}

function Budget({ payload }: { payload: unknown }) {
  const { ceiling, spentUsd, nextUsd, neededUsd, limitUsd, tasks } = budgetPayload(payload);
  return (
    <>
      <dl className="facts">
        {ceiling !== "" && <Fact name="Ceiling" value={ceiling} />}
        {spentUsd !== null && <Fact name="Spent" value={renderUsd(spentUsd)} />}
        {limitUsd !== null && <Fact name="Limit" value={renderBudget(limitUsd)} />}
        {nextUsd !== null && <Fact name="Next call, at most" value={renderUsd(nextUsd)} />}
        {neededUsd !== null && <Fact name="All that wait, at most" value={renderUsd(neededUsd)} />}
      </dl>
      {tasks.length > 0 && <p className="muted">Waiting: {tasks.join(", ")}</p>}
    </>
  );
}

function Failure({ payload }: { payload: unknown }) {
  const { prompt, answer, attempts } = failurePayload(payload);
  return (
    <>
      <Attempts attempts={attempts} />
      <details>
        <summary>Prompt</summary>
        <LongText text={prompt} label="Prompt" isProse />
      </details>
      {answer !== null && (
        <details>
          <summary>Last answer</summary>
          <LongText text={answer} label="Last answer" isProse />
        </details>
      )}
    </>
  );
}

function Tool({ payload }: { payload: unknown }) {
  const { name, args } = toolPayload(payload);
  return (
    <>
      {name !== "" && <p className="mono">{name}</p>}
      <LongText text={prettyJson(args)} label="Arguments" />
    </>
  );
}
