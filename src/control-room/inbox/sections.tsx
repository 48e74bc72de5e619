import { renderEstimate } from "../../format/amounts.ts";
import { lineForDecision, textForDecision } from "../../format/decision-text.ts";
import type { Section, ShownTask } from "../../server/api-types.ts";
import { Attempts } from "../parts/attempts.tsx";
import { DecisionText } from "../parts/decision-text.tsx";
import { Fact } from "../parts/fact.tsx";

/** The tasks of a plan that is not shown whole yet. */
const TASKS_SHOWN = 20;

interface SectionsProps {
  readonly sections: readonly Section[];
  /** Whether long texts are shown to their end. */
  readonly isWhole: boolean;
}

/** The content of a request. */
export function Sections({ sections, isWhole }: SectionsProps) {
  // The content never changes, so a section's place is its key.
  return sections.map((section, place) => (
    <SectionView key={`${place} ${section.type}`} section={section} isWhole={isWhole} />
  ));
}

interface SectionProps<Type extends Section["type"] = Section["type"]> {
  readonly section: Extract<Section, { type: Type }>;
  readonly isWhole: boolean;
}

function SectionView({ section, isWhole }: SectionProps) {
  switch (section.type) {
    case "text":
    case "code":
    case "diff":
      return <Text section={section} isWhole={isWhole} />;
    case "facts":
      return (
        <dl className="facts">
          {section.facts.map(({ name, text }) => (
            <Fact key={name} name={name} value={lineForDecision(text)} />
          ))}
        </dl>
      );
    case "values":
      return <Values section={section} isWhole={isWhole} />;
    case "attempts":
      return <Attempts attempts={section.attempts.map(shownAttempt)} />;
    case "tasks":
      return <Tasks section={section} isWhole={isWhole} />;
  }
}

function shownAttempt({
  attempt,
  model,
  failure,
  digest,
}: Extract<Section, { type: "attempts" }>["attempts"][number]) {
  return { attempt, model: lineForDecision(model), failure, digest: textForDecision(digest).text };
}

function Text({ section: { type, label, text }, isWhole }: SectionProps<"text" | "code" | "diff">) {
  return (
    <div>
      <p className="muted">{label}</p>
      <DecisionText
        text={text}
        label={label}
        isProse={type === "text"}
        isDiff={type === "diff"}
        isWhole={isWhole}
      />
    </div>
  );
}

function Values({ section: { label, values }, isWhole }: SectionProps<"values">) {
  return (
    <section aria-label={label}>
      {values.length === 0 ? (
        <p className="muted">none</p>
      ) : (
        <dl className="values">
          {values.map(({ name, text }) => (
            <div key={name}>
              <dt className="mono">{lineForDecision(name)}</dt>
              <dd>
                <DecisionText text={text} label={lineForDecision(name)} isWhole={isWhole} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Tasks({ section: { tasks, estimateUsd }, isWhole }: SectionProps<"tasks">) {
  return (
    <>
      <ol className="task-list">
        {tasks.slice(0, isWhole ? undefined : TASKS_SHOWN).map((task) => (
          <li key={task.id}>
            <Task task={task} isWhole={isWhole} />
          </li>
        ))}
      </ol>
      {estimateUsd !== null && <p className="muted">Estimate: {renderEstimate(estimateUsd)}.</p>}
    </>
  );
}

function Task({ task, isWhole }: { readonly task: ShownTask; readonly isWhole: boolean }) {
  const { agent, description, prompt, dependsOn, model, checks } = task;
  const id = lineForDecision(task.id);
  return (
    // Open: a person must see all of it before approving it.
    <details open>
      <summary>
        <span className="mono">{id}</span>
        <span className="task-words">{lineForDecision(description)}</span>
        <span className="chip">{lineForDecision(agent)}</span>
        {model !== null && <span className="chip">{lineForDecision(model)}</span>}
      </summary>
      {dependsOn.length > 0 && <p className="muted">after {dependsOn.map(lineForDecision).join(", ")}</p>}
      <DecisionText text={prompt} label={`Prompt of ${id}`} isProse isWhole={isWhole} />
      {checks.map((check) => (
        <div key={check}>
          <p className="muted">checked by</p>
          <DecisionText text={check} label={`Check of ${id}`} isWhole={isWhole} />
        </div>
      ))}
    </details>
  );
}
